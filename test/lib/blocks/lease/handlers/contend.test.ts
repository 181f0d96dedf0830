import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { type ContendEvent, contend } from '../../../../../lib/blocks/lease/handlers/contend';
import { giveBack, type LeaseTable } from '../../../../../lib/blocks/lease/handlers/leases';
import { LocalCloud } from '../../../../../local';
import { ApiError } from '../../../../../local/cloud-types';
import { warmStart } from '../../../../support/warm-start';
import { World } from '../support';

const warm = warmStart();

const world = new World();
world.machine('Waits');
const assembly = world.assembly();
let cloud: LocalCloud;
beforeAll(async () => {
  cloud = await LocalCloud.deploy(await assembly, { warm });
  jest.useFakeTimers({ now: cloud.clock.now(), doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterAll(async () => {
  jest.useRealTimers();
  await cloud.dispose();
});

/** Calls of one actor come through a gate, which the schedule opens; they reach the emulated table. */
class GatedClient extends DynamoDBClient {
  constructor(private readonly turn: () => Promise<void>) {
    super({ region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  }

  // biome-ignore lint/suspicious/noExplicitAny: any command
  override send = (async (command: any) => {
    await this.turn();
    try {
      return await cloud.operate('dynamodb', command.constructor.name.replace(/Command$/, ''), command.input);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { ConditionalCheckFailedException } = await import('@aws-sdk/client-dynamodb');
      if (error.code === 'ConditionalCheckFailedException') throw new ConditionalCheckFailedException({ message: '', $metadata: {} });
      throw error;
    }
    // biome-ignore lint/suspicious/noExplicitAny: the overloads of `send`
  }) as any;
}

type Actor = (table: LeaseTable) => Promise<unknown>;

/** Runs actors so that their calls happen in the order of `schedule`; as soon as it is used up, whoever is left goes on alone. */
async function play(
  actors: readonly Actor[],
  schedule: readonly number[],
): Promise<{ results: unknown[]; taken: number[]; most: number[] }> {
  const gates: (() => void)[] = actors.map(() => () => {});
  const waiting = actors.map(() => false);
  const done = actors.map(() => false);
  const results: unknown[] = [];
  const running = actors.map(async (actor, i) => {
    const dynamodb = new GatedClient(
      () =>
        new Promise<void>((resolve) => {
          waiting[i] = true;
          gates[i] = () => {
            waiting[i] = false;
            resolve();
          };
        }),
    );
    results[i] = await actor({ dynamodb, tableName: cloud.table('Test/Lease/Leases').name }).catch((error: Error) => error.name);
    done[i] = true;
  });
  const settled = async (i: number) => {
    while (!waiting[i] && !done[i]) await new Promise(setImmediate);
  };
  const taken: number[] = [];
  const most: number[] = [];
  for (let step = 0; done.includes(false); step++) {
    for (const i of actors.keys()) await settled(i);
    const open = [...actors.keys()].filter((i) => !done[i]);
    if (open.length === 0) break;
    const choice = schedule[step] ?? 0;
    taken.push(choice);
    most.push(open.length);
    gates[open[choice]]();
    await settled(open[choice]);
  }
  await Promise.all(running);
  return { results, taken, most };
}

/** Every order in which the calls of the actors can happen. */
async function* everyOrder(make: (key: string) => Promise<Actor[]>): AsyncGenerator<{ key: string; results: unknown[] }> {
  let schedule: number[] | undefined = [];
  for (let n = 0; schedule; n++) {
    const key = `${expect.getState().currentTestName} ${n}`;
    const { results, taken, most }: Awaited<ReturnType<typeof play>> = await play(await make(key), schedule);
    yield { key, results };
    // The last place where another could have gone first, and what comes after it anew.
    let last = taken.length - 1;
    while (last >= 0 && taken[last] + 1 >= most[last]) last--;
    schedule = last < 0 ? undefined : [...taken.slice(0, last), taken[last] + 1];
  }
}

const contender =
  (key: string, name: string, limit = 1, ended: readonly string[] = []): Actor =>
  (table) =>
    contend({ table, sfn: runs(ended) }, claim(key, name, limit));

const claim = (key: string, name: string, limit: number): ContendEvent => ({
  key,
  holder: `${name}#1`,
  execution: name,
  limit,
  leaseSeconds: 600,
  keepSeconds: 3600,
  waitUntil: 0,
});

/** Those that are named have ended. */
const runs = (ended: readonly string[]): SFNClient =>
  ({
    send: async ({ input }: { input: { executionArn: string } }) => ({
      status: ended.includes(input.executionArn) ? 'ABORTED' : 'RUNNING',
    }),
  }) as unknown as SFNClient;

const leaver =
  (key: string, name: string, slot = 0): Actor =>
  (table) =>
    giveBack(table, key, slot, `${name}#1`);

/** `name` holds a slot already. */
async function holding(key: string, name: string, slot = 0): Promise<void> {
  await cloud
    .table('Test/Lease/Leases')
    .put({ key, slot, holder: `${name}#1`, execution: name, expiresAt: cloud.clock.now() + 600_000, fence: 10 });
}

const holders = (key: string) =>
  cloud
    .table('Test/Lease/Leases')
    .items()
    .filter((item) => item.key === key && item.holder !== undefined)
    .map(({ execution }) => execution);

test('a free lease: exactly one of two and of three gets it', async () => {
  let orders = 0;
  for (const names of [
    ['a', 'b'],
    ['a', 'b', 'c'],
  ]) {
    for await (const { key, results } of everyOrder(async (key) => names.map((name) => contender(key, name)))) {
      orders++;
      expect(holders(key)).toHaveLength(1);
      expect(results.filter((result) => result === 'LeaseBusy')).toHaveLength(names.length - 1);
      expect(results[names.indexOf(holders(key)[0] as string)]).toMatchObject({ slot: 0 });
    }
  }
  expect(orders).toBeGreaterThan(40);
});

test('two slots: exactly two of three get one', async () => {
  for await (const { key, results } of everyOrder(async (key) => ['a', 'b', 'c'].map((name) => contender(key, name, 2)))) {
    expect(holders(key)).toHaveLength(2);
    expect(results.filter((result) => result === 'LeaseBusy')).toHaveLength(1);
  }
});

test('the holder leaves meanwhile: at most one gets it, and who gets it has a higher token', async () => {
  const outcomes = new Set<string>();
  for await (const { key, results } of everyOrder(async (key) => {
    await holding(key, 'old');
    return [contender(key, 'a'), contender(key, 'b'), leaver(key, 'old')];
  })) {
    const winners = results.slice(0, 2).filter((result) => typeof result === 'object');
    expect(holders(key)).toHaveLength(winners.length);
    expect(results[2]).toBe(true);
    for (const winner of winners) expect((winner as { fencingToken: number }).fencingToken).toBeGreaterThan(10);
    outcomes.add(JSON.stringify(holders(key)));
  }
  expect([...outcomes].toSorted()).toEqual(['["a"]', '["b"]', '[]']);
});

test("the holder's run has ended and is cleaned up meanwhile: exactly one takes over, and the clean-up takes nothing from it", async () => {
  for await (const { key, results } of everyOrder(async (key) => {
    await holding(key, 'dead');
    return [contender(key, 'a', 1, ['dead']), contender(key, 'b', 1, ['dead']), leaver(key, 'dead')];
  })) {
    const winners = results.slice(0, 2).filter((result) => typeof result === 'object');
    expect(winners.length).toBeLessThanOrEqual(1);
    expect(holders(key)).toHaveLength(winners.length);
  }
});

test('the same contender twice, as after a lost answer: one lease', async () => {
  const [first, second] = [await play([contender('again', 'a', 5)], []), await play([contender('again', 'a', 5)], [])];
  expect(holders('again')).toEqual(['a']);
  expect(second.results).toMatchObject([{ slot: (first.results[0] as { slot: number }).slot }]);
});
