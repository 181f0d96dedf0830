import { NoSuchKey } from '@aws-sdk/client-s3';
import { TaskTimedOut } from '@aws-sdk/client-sfn';
import type { GateServices } from '../../../../../lib/blocks/object-gate/handlers/resolve';
import type { Waiter } from '../../../../../lib/blocks/object-gate/handlers/waiter';
import { register } from '../../../../../lib/blocks/object-gate/handlers/waiters';

interface WorldObject {
  readonly size: number;
  readonly modified: number;
  readonly body: string;
}

type Input = Record<string, unknown> & { Item: Record<string, { S: string }>; Key: Record<string, { S: string }> };

/**
 * S3, the table and Step Functions, as far as the gate calls them: strongly consistent, as AWS says of all three.
 * Calls go through `turn`, which decides when each has its effect.
 */
export class GateWorld {
  readonly objects = new Map<string, WorldObject>();
  readonly rows = new Map<string, Record<string, { S: string }>>();
  /** Tasks that wait, by token; with their answer once they have one. */
  readonly tasks = new Map<string, string | undefined>();
  /** What each caller was told, in order. */
  readonly told = new Map<string, string[]>();
  now = Date.parse('2026-01-05T09:00:00Z');
  pageSize = 1000;

  put(key: string, body = 'data', modified = this.now): void {
    this.objects.set(key, { size: Buffer.byteLength(body), modified, body });
  }

  /** Somebody who waits already. */
  async add(waiter: Waiter): Promise<void> {
    await register(this.services('earlier').table, waiter);
  }

  /** Everything that what follows depends on. */
  get state(): string {
    return JSON.stringify(
      [this.objects, this.rows, this.tasks, this.told].map((map: Map<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  }

  /** @param turn called before each call has its effect; its answer is called after it. Either may throw */
  services(caller: string, turn: (call: string) => Promise<(() => void) | undefined> = async () => undefined): GateServices {
    const client = {
      send: async (command: { input: Input; constructor: { name: string } }) => {
        const name = command.constructor.name.replace(/Command$/, '');
        const after = await turn(name);
        const output = this.effects[name](command.input);
        this.told.set(caller, [...(this.told.get(caller) ?? []), `${name} ${JSON.stringify(output)}`]);
        after?.();
        return output;
      },
    };
    // biome-ignore lint/suspicious/noExplicitAny: one stands in for three clients
    return { table: { dynamodb: client as any, tableName: 'Waiters' }, s3: client as any, sfn: client as any };
  }

  private readonly effects: Record<string, (input: Input) => unknown> = {
    PutItem: ({ Item }) => void this.rows.set(Item.waiterId.S, Item),
    DeleteItem: ({ Key }) => void this.rows.delete(Key.waiterId.S),
    Query: (input) => ({
      Items: [...this.rows.values()].filter(({ bucket }) => bucket.S === at(input, 'ExpressionAttributeValues', ':bucket')),
    }),
    Scan: () => ({ Items: [...this.rows.values()] }),
    ListObjectsV2: ({ Prefix, ContinuationToken }) => {
      const keys = [...this.objects.keys()].filter((key) => key.startsWith(String(Prefix))).sort();
      const start = Number(ContinuationToken ?? 0);
      const page = keys.slice(start, start + this.pageSize);
      return {
        Contents: page.map((Key) => {
          const { size, modified } = this.objects.get(Key) as WorldObject;
          return { Key, Size: size, ETag: `"${Key.length}"`, LastModified: new Date(modified) };
        }),
        NextContinuationToken: start + this.pageSize < keys.length ? String(start + this.pageSize) : undefined,
      };
    },
    GetObject: ({ Key }) => {
      const object = this.objects.get(String(Key));
      if (!object) throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: {} });
      return { ContentLength: object.size, Body: { transformToString: async () => object.body } };
    },
    SendTaskSuccess: ({ taskToken, output }) => {
      this.assertWaiting(String(taskToken));
      this.tasks.set(String(taskToken), String(output));
    },
    SendTaskHeartbeat: ({ taskToken }) => this.assertWaiting(String(taskToken)),
  };

  private assertWaiting(token: string): void {
    if (!this.tasks.has(token) || this.tasks.get(token) !== undefined) {
      throw new TaskTimedOut({ message: "Task Timed Out: 'Provided task does not exist anymore'", $metadata: {} });
    }
  }
}

function at(input: Record<string, unknown>, group: string, name: string): string {
  return (input[group] as Record<string, { S: string }>)[name].S;
}

/** What the waiting state hands over. */
export function waitEvent(
  taskToken: string,
  match: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    taskToken,
    executionArn: 'arn:aws:states:us-east-1:123456789012:execution:Etl:2026-W02',
    step: 'AwaitSales',
    bucket: 'incoming',
    enteredAt: '2026-01-05T09:00:00Z',
    timeoutSeconds: 7 * 24 * 3600,
    match: { prefix: 'sales/', within: 'sales/', complete: { type: 'prefix' }, minSize: 1, ...match },
    ...more,
  };
}

export const arrivedEvent = (key: string) => ({ detail: { bucket: { name: 'incoming' }, object: { key } } });
