/**
 * Random pairs of buckets, random faults at random calls, functions that die, runs that are stopped, and somebody else who writes meanwhile.
 * `SYNC_CASES=500 SYNC_SEED=7 npx jest test/lib/bucket-sync/property` plays more of them, and the same ones.
 */
import { App, Duration, aws_kms as kms, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { BucketSync, type BucketSyncProps, SyncComparison, SyncDeletion } from '../../../lib';
import type { PlanLine } from '../../../lib/bucket-sync/handlers/plan-line';
import { LocalCloud } from '../../../local';
import { ApiError } from '../../../local/cloud-types';
import { seededRandom } from '../../../local/seeded-random';
import { empty, randomPair, upload } from './support/random-buckets';
import type { S3Request } from './support/s3-in-process';
import { Crash, runInProcess } from './support/sync-in-process';

const CASES = Number(process.env.SYNC_CASES ?? 16);
const SEED = Number(process.env.SYNC_SEED ?? 20260105);

const anything = { maxCount: 1000, maxPercent: 100 };

/** What is played on: with every comparison, with and without versions, KMS, prefixes and deletion. */
const SYNCS: Record<string, (stack: Stack, bucket: (id: string, props?: s3.BucketProps) => s3.Bucket) => BucketSyncProps> = {
  ByEtag: (_, bucket) => ({
    source: bucket('Source', { versioned: true }),
    destination: bucket('Destination', { versioned: true }),
    deletion: SyncDeletion.afterCopy(anything),
  }),
  ByChecksum: (stack, bucket) => ({
    source: bucket('Source'),
    sourcePrefix: 'from/',
    destination: bucket('Destination', {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: new kms.Key(stack, 'Key'),
      bucketKeyEnabled: true,
    }),
    destinationPrefix: 'to the+%/',
    comparison: SyncComparison.CHECKSUM,
  }),
  BySizeAndTime: (_, bucket) => ({
    source: bucket('Source'),
    destination: bucket('Destination'),
    comparison: SyncComparison.SIZE_AND_TIME,
    deletion: SyncDeletion.afterCopy({ ...anything, allowUnversioned: true }),
  }),
};

const clouds = new Map<string, LocalCloud>();

beforeAll(async () => {
  for (const [name, props] of Object.entries(SYNCS)) {
    const stack = new Stack(new App(), name);
    const bucket = (id: string, more: s3.BucketProps = {}) => new s3.Bucket(stack, id, more);
    new BucketSync(stack, 'Sync', { ...props(stack, bucket), timeout: Duration.days(1) });
    clouds.set(name, await LocalCloud.fromStack(stack));
  }
});

afterAll(async () => {
  for (const cloud of clouds.values()) await cloud.dispose();
});

/** What befalls a run, by the number of the request at which it does. */
type Mishap = (request: S3Request, name: string) => Promise<void>;

const TRANSIENT = [
  ['ServiceUnavailable', 503],
  ['InternalError', 500],
  ['SlowDown', 503],
] as const;

type Side = 'source' | 'destination';

/** What somebody else did while a run went on: `body` is undefined when they deleted. */
interface Other {
  readonly side: Side;
  /** Below the prefix. */
  readonly key: string;
  readonly body?: string;
  /** The number of the request that came next. */
  readonly at: number;
  /** Whether the run can't but find out. */
  readonly trap: boolean;
}

/** A request before which somebody else writes the very key that it is about. */
interface Trap {
  readonly name: string;
  readonly operation: string;
  readonly side: Side;
}

/** Requests that fail, for a while. */
interface Failing {
  readonly name: string;
  readonly operation: string;
  readonly error: ApiError;
  readonly afterEffect: boolean;
  left: number;
}

const TRAPS: readonly Trap[] = [
  { name: 'Copy', operation: 'CopyObject', side: 'source' },
  { name: 'Copy', operation: 'CopyObject', side: 'destination' },
  { name: 'SummarizePlan', operation: 'PutObject', side: 'source' },
  { name: 'Delete', operation: 'ListObjectsV2', side: 'source' },
  { name: 'Delete', operation: 'DeleteObjects', side: 'destination' },
];

class Play {
  readonly random: () => number;
  private readonly name: string;
  private readonly cloud: LocalCloud;
  private readonly source: string;
  private readonly destination: string;
  private readonly prefixes: { readonly source: string; readonly destination: string };
  private others: Other[] = [];
  private traps: Trap[] = [];
  private pageSize?: number;
  private failing?: Failing;
  private request = 0;
  /** The number of the request that ended the plan of the run that goes on. */
  private plannedAt = Number.POSITIVE_INFINITY;
  private mishaps = new Map<number, Mishap>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.name = this.pick(Object.keys(SYNCS));
    this.cloud = clouds.get(this.name) as LocalCloud;
    this.source = this.cloud.bucket('Source').name;
    this.destination = this.cloud.bucket('Destination').name;
    this.prefixes = this.name === 'ByChecksum' ? { source: 'from/', destination: 'to the+%/' } : { source: '', destination: '' };
  }

  async play(): Promise<string[]> {
    await empty(this.cloud, this.source);
    await empty(this.cloud, this.destination);
    const pair = randomPair(this.random, 30);
    // An empty source is refused, which is another test.
    pair.source.set('always', { body: 'there', as: 'whole', metadata: {}, tags: '', contentType: 'text/plain' });
    const inOrder = this.random() < 0.5 ? (['source', 'destination'] as const) : (['destination', 'source'] as const);
    for (const side of inOrder) {
      for (const [key, content] of pair[side]) await upload(this.cloud, this[side], this.prefixes[side] + key, content);
      if (this.random() < 0.5) await this.cloud.clock.advance(5000);
    }
    // Small pages, so that there are many, and shards.
    this.pageSize = this.random() < 0.5 ? undefined : 1 + Math.floor(this.random() * 7);
    const shards = { smallPages: 1, shards: 4, requests: 40 };
    runInProcess(this.cloud, 'Sync', { before: (request, name) => this.before(request, name), shards });
    const told: string[] = [`${this.name}: ${pair.source.size} to ${pair.destination.size}`];
    let plan: string | undefined;
    for (const spoiled of [true, true, false]) {
      // A plan is applied again with what has happened since: that may fail, for a reason.
      const run = await this.attempt(spoiled, plan === undefined || !spoiled || this.random() < 0.3 ? {} : { applyPlan: plan });
      told.push(`${run.status} ${run.error ?? ''} after ${this.request} requests`);
      plan = this.planOf(run.name);
      if (run.status === 'SUCCEEDED' && plan !== undefined) await this.assertPlanCarriedOut(plan);
    }
    await this.assertSettled();
    return told;
  }

  private async before(request: S3Request, name: string): Promise<void> {
    const at = this.request++;
    if (name === 'SummarizePlan' && request.operation === 'PutObject') this.plannedAt = at;
    const mishap = this.mishaps.get(at);
    this.mishaps.delete(at);
    if (this.pageSize && request.operation === 'ListObjectsV2' && name !== 'Report') request.input.MaxKeys ??= this.pageSize;
    const trap = this.traps.findIndex((one) => one.operation === request.operation && one.name === name);
    if (trap >= 0) await this.spring(this.traps.splice(trap, 1)[0], request);
    if (mishap) await mishap(request, name);
    else await this.failNow(request, name);
  }

  /** The next requests of an operation fail too, as when a service is busy for a while. */
  private async failNow({ operation }: S3Request, name: string): Promise<void> {
    const { failing } = this;
    if (!failing || failing.left === 0 || failing.name !== name || failing.operation !== operation) return;
    failing.left--;
    if (!failing.afterEffect) throw failing.error;
    const { name: error, statusCode } = failing.error;
    this.cloud.fail(`s3:${operation}`, { error, statusCode, afterEffect: true, role: `${this.name}/Sync` });
  }

  /** One run, with mishaps or without; then what must hold after any. */
  private async attempt(spoiled: boolean, input: { applyPlan?: string }) {
    const { cloud } = this;
    this.request = 0;
    this.plannedAt = input.applyPlan ? 0 : Number.POSITIVE_INFINITY;
    this.others = [];
    this.failing = undefined;
    this.traps = spoiled && this.random() < 0.6 ? [this.pick(TRAPS)] : [];
    this.mishaps = new Map(
      Array.from({ length: spoiled ? 1 + Math.floor(this.random() * 3) : 0 }, () => [Math.floor(this.random() ** 2 * 120), this.mishap()]),
    );
    if (spoiled && this.random() < 0.3) cloud.fail('lambda:Invoke', { error: 'TooManyRequestsException', statusCode: 429, times: 2 });
    const before = { source: this.snapshot('source'), destination: this.snapshot('destination') };
    const run = await cloud.stateMachine('Sync').start(input);
    await run.finished();
    await cloud.clock.settle();
    if (!spoiled) expect([run.status, run.error, run.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
    this.assertNothingLost(before);
    // Of a plan that is applied again it may have been done before.
    if (!input.applyPlan && this.others.some(({ trap }) => trap)) expect(run.status).not.toBe('SUCCEEDED');
    return run;
  }

  private mishap(): Mishap {
    const kind = this.pick(['transient', 'transient', 'lost', 'denied', 'crash', 'stop', 'other', 'other']);
    const [error, statusCode] = this.pick(TRANSIENT);
    const { cloud } = this;
    const fail = async (request: S3Request, name: string, afterEffect: boolean) => {
      this.failing = {
        name,
        operation: request.operation,
        left: this.pick([1, 2, 6]),
        error: new ApiError(error, 'for now', statusCode),
        afterEffect,
      };
      await this.failNow(request, name);
    };
    switch (kind) {
      case 'transient':
        return (request, name) => fail(request, name, false);
      case 'lost':
        return (request, name) => fail(request, name, true);
      case 'denied':
        return async () => {
          throw new ApiError('AccessDenied', 'an explicit deny', 403);
        };
      case 'crash':
        return async () => {
          throw new Crash('the function has died');
        };
      case 'stop':
        return async () => {
          const [execution] = cloud.executions(cloud.stateMachine('Sync').arn).slice(-1);
          const input = { executionArn: execution.arn };
          await cloud.call({ service: 'sfn', operation: 'StopExecution', input, principal: { kind: 'operator' } });
        };
      default:
        return () => this.somebodyElse();
    }
  }

  /** Somebody else comes in between, just before the request that would be wrong then. */
  private async spring({ side, name }: Trap, { operation, input }: S3Request): Promise<void> {
    if (name === 'SummarizePlan') {
      const sources = new Set(this.snapshot('source').map(([key]) => key));
      const orphans = this.snapshot('destination').filter(([key]) => !sources.has(key));
      if (orphans.length > 0 && this.name !== 'ByChecksum') await this.write(side, this.pick(orphans)[0], true);
      return;
    }
    const named = operation === 'ListObjectsV2' ? input.Prefix : (input.Key ?? this.pick<{ Key: string }>(input.Delete?.Objects ?? []).Key);
    const from = input.Bucket === this.source ? 'source' : 'destination';
    await this.write(side, this.prefixes[side] + named.slice(this.prefixes[from].length), true);
  }

  /** Writes to, or deletes from, one of the buckets. */
  private async somebodyElse(): Promise<void> {
    const side = this.pick(['source', 'destination'] as const);
    const keys = this.cloud.bucket(this.idOf(side)).keys();
    const writable = keys.filter((key) => !key.endsWith('always'));
    const key = writable.length > 0 && this.random() < 0.8 ? this.pick(writable) : `${this.prefixes[side]}new`;
    await this.write(side, key, false, this.random() < 0.3);
  }

  private async write(side: Side, key: string, trap: boolean, gone = false): Promise<void> {
    const body = gone ? undefined : `by somebody else ${Math.floor(this.random() * 1e6)}`;
    const input = { Bucket: this[side], Key: key, ...(body !== undefined && { Body: Buffer.from(body) }) };
    const operation = gone ? 'DeleteObject' : 'PutObject';
    await this.cloud.call({ service: 's3', operation, input, principal: { kind: 'operator' } });
    this.others.push({ side, key: key.slice(this.prefixes[side].length), body, at: this.request, trap });
  }

  /**
   * Whatever a run ended in: the source is as it was, but for others; and each key of the destination has what it had, or what the source had when
   * this was planned, or what others wrote since, which nobody overwrites or deletes.
   */
  private assertNothingLost(before: { readonly source: Snapshot; readonly destination: Snapshot }): void {
    const by = (side: Side, key: string) => this.others.filter((other) => other.side === side && other.key === key);
    const source = new Map(before.source);
    const expected = new Map(source);
    for (const { side, key, body } of this.others) {
      if (side === 'source' && body !== undefined) expected.set(key, body);
      else if (side === 'source') expected.delete(key);
    }
    expect(new Map(this.snapshot('source'))).toEqual(expected);
    const [then, now] = [new Map(before.destination), new Map(this.snapshot('destination'))];
    for (const key of new Set([...then.keys(), ...now.keys(), ...this.others.map((other) => other.key)])) {
      const [early, late] = [true, false].map((is) => by('destination', key).filter(({ at }) => at <= this.plannedAt === is));
      const last = late.at(-1)?.body;
      const planned = [source.get(key), ...by('source', key).flatMap(({ at, body }) => (at <= this.plannedAt ? [body] : []))];
      const mayGo = this.name !== 'ByChecksum' && planned.includes(undefined) && !by('source', key).some(({ trap }) => trap);
      const wasThere = then.get(key) !== undefined && [...early, ...late].every(({ body }) => body !== undefined);
      const allowed =
        last !== undefined
          ? [last]
          : [then.get(key), ...early.map(({ body }) => body), ...planned, ...(mayGo || !wasThere ? [undefined] : [])].filter(
              (body) => body !== undefined || mayGo || !wasThere,
            );
      expect([key, allowed.includes(now.get(key)) ? now.get(key) : allowed]).toEqual([key, now.get(key)]);
    }
  }

  /** One line a key, and each done. */
  private async assertPlanCarriedOut(plan: string): Promise<void> {
    const lines = this.linesOf(plan);
    expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
    if (this.others.length > 0) return;
    for (const { action, key, source, destination } of lines) {
      const there = await this.head(this.destination, this.prefixes.destination + key);
      if (action === 'delete') expect([key, there]).toEqual([key, undefined]);
      else if (action === 'skip') expect([key, there?.ETag]).toEqual([key, `"${destination?.etag}"`]);
      else {
        const original = await this.head(this.source, this.prefixes.source + key);
        const { [MARK]: mark, ...metadata } = there?.Metadata ?? {};
        expect(there).toMatchObject({ ContentLength: source?.size, ContentType: original?.ContentType });
        expect([key, metadata, there?.TagCount]).toEqual([key, original?.Metadata, original?.TagCount]);
        expect([key, mark ?? source?.etag]).toEqual([key, source?.etag]);
        expect(this.body('Destination', this.prefixes.destination + key)).toBe(this.body('Source', this.prefixes.source + key));
      }
    }
  }

  /** Nothing goes on any more: the destination has what it should have, and another run does nothing. */
  private async assertSettled(): Promise<void> {
    const { cloud } = this;
    const [source, destination] = [new Map(this.snapshot('source')), new Map(this.snapshot('destination'))];
    for (const [key, body] of source) {
      const found = destination.get(key);
      if (this.name === 'BySizeAndTime') expect([key, found?.length]).toEqual([key, body.length]);
      else expect([key, found]).toEqual([key, body]);
    }
    if (this.name !== 'ByChecksum') expect([...destination.keys()]).toEqual([...source.keys()]);
    const calls = cloud.calls.length;
    this.mishaps.clear();
    this.traps = [];
    const again = await cloud.stateMachine('Sync').start({});
    await again.finished();
    expect(again.output).toMatchObject({ status: 'SYNCED', counts: { copied: 0, replaced: 0, deleted: 0, failed: 0 } });
    const changes = cloud.calls.slice(calls).filter(({ operation, input }) => CHANGES.has(operation) && input.Bucket === this.destination);
    expect(changes).toEqual([]);
    // Who may list a prefix only is told 403 of an object that has gone, and asks the list.
    const gone = ({ action }: { action: string }) => action === 's3:ListBucket' && this.name === 'ByChecksum';
    expect(cloud.access.denied.filter((call) => !gone(call))).toEqual([]);
    expect(
      cloud
        .table('Sync/Lease/Leases')
        .items()
        .filter(({ holder }) => holder !== undefined),
    ).toEqual([]);
    expect(cloud.bucket('Destination').openUploads()).toEqual([]);
  }

  private planOf(run: string): string | undefined {
    return this.cloud.bucket('Sync/BulkMap/Results').keys(`sync/runs/${run}/plan.json`)[0];
  }

  private linesOf(plan: string): PlanLine[] {
    const results = this.cloud.bucket('Sync/BulkMap/Results');
    const files = results.keys(plan.replace(/plan\.json$/, 'plan/'));
    return files.flatMap((key) =>
      results
        .text(key)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  }

  /** Keys below the prefix, which are the same on both sides. */
  private snapshot(side: Side): Snapshot {
    const bucket = this.cloud.bucket(this.idOf(side));
    return bucket.keys().map((key) => [key.slice(this.prefixes[side].length), bucket.text(key)]);
  }

  private idOf(side: Side): string {
    return side === 'source' ? 'Source' : 'Destination';
  }

  private body(bucket: string, key: string): string {
    return this.cloud.bucket(bucket).text(key);
  }

  private async head(Bucket: string, Key: string): Promise<Head | undefined> {
    try {
      return await this.cloud.operate<Head>('s3', 'HeadObject', { Bucket, Key });
    } catch (error) {
      if (error instanceof ApiError && error.statusCode === 404) return undefined;
      throw error;
    }
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)];
  }
}

type Snapshot = (readonly [key: string, body: string])[];

interface Head {
  readonly ETag: string;
  readonly ContentLength: number;
  readonly ContentType: string;
  readonly Metadata: Record<string, string>;
  readonly TagCount?: number;
}

const MARK = 'stepworks-source-etag';
const CHANGES = new Set(['PutObject', 'CopyObject', 'CompleteMultipartUpload', 'DeleteObject', 'DeleteObjects']);

test(`${CASES} cases from seed ${SEED}`, async () => {
  for (let i = 0; i < CASES; i++) {
    const play = new Play(SEED + i);
    try {
      await play.play();
    } catch (error) {
      (error as Error).message = `SYNC_CASES=1 SYNC_SEED=${SEED + i}: ${(error as Error).message}`;
      throw error;
    }
  }
}, 600_000);
