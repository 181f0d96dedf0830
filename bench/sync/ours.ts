/**
 * The synthesized workflow and the real handlers, over the runner's engine and S3. Their requests go straight to it, without sockets, since a
 * million copies are three million requests; and each call of a function takes as long as its requests are taken to.
 */
import { readFileSync } from 'node:fs';
import { summarize } from '../../lib/blocks/bulk-map/handlers/summarize';
import { copyBatch } from '../../lib/bucket-sync/handlers/copy-batch';
import { deleteBatch } from '../../lib/bucket-sync/handlers/delete-batch';
import { planShard } from '../../lib/bucket-sync/handlers/plan-shard';
import { prepare } from '../../lib/bucket-sync/handlers/prepare';
import { report } from '../../lib/bucket-sync/handlers/report';
import type { SyncSettings } from '../../lib/bucket-sync/handlers/settings';
import { summarizePlan } from '../../lib/bucket-sync/handlers/summarize-plan';
import type { Json } from '../../local/cloud-types';
import { createEngine, transitions } from '../../local/engine';
import type { TaskCall } from '../../local/engine/types';
import { seededRandom } from '../../local/seeded-random';
import { createObjectsPort } from '../../local/services/s3';
import { s3InProcess } from '../../test/lib/bucket-sync/support/s3-in-process';
import { Store } from '../../test/lib/bucket-sync/support/store';
import { fateOf, keyOf, type Load } from './load';
import { type Figures, LAMBDA_MS, latencyOf } from './model';

const SETTINGS: SyncSettings = {
  source: { bucket: 'source', prefix: '' },
  destination: { bucket: 'destination', prefix: '' },
  results: { bucket: 'results', prefix: 'sync/runs/' },
  comparison: 'ETAG',
  include: [],
  exclude: [],
  deletion: { maxCount: 1_000_000, maxPercent: 10, allowUnversioned: false },
  destinationKms: false,
};

type Handler = (event: never, s3: ReturnType<typeof s3InProcess>) => Promise<unknown>;

const remaining = () => 900_000;
const HANDLERS: Readonly<Record<string, Handler>> = {
  Prepare: (event, s3) => prepare(event, s3, SETTINGS),
  PlanShard: (event, s3) => planShard(event, { s3, settings: SETTINGS, remaining }),
  SummarizePlan: (event, s3) => summarizePlan(event, s3, SETTINGS),
  Copy: (event, s3) => copyBatch(event, { s3, settings: SETTINGS, remaining }),
  Delete: (event, s3) => deleteBatch(event, s3, SETTINGS),
  Report: (event, s3) => report(event, s3, SETTINGS),
  Summarize: (event, s3) => summarize(event, { s3, bucket: 'results' }),
};

/** How many requests a function makes at once. */
const AT_ONCE: Readonly<Record<string, number>> = {
  Prepare: 2,
  PlanShard: 2,
  Copy: 16,
  Delete: 16,
  Report: 16,
  SummarizePlan: 16,
  Summarize: 1,
};

export async function ours(load: Load, definition: string): Promise<Figures & { readonly seededMb: number; readonly peakMb: number }> {
  const store = filled(load);
  const seededMb = process.memoryUsage.rss() / 1024 ** 2;
  const requests: Record<string, number> = {};
  const children = new Map<string, Set<string>>();
  let [lambdaCalls, lambdaSeconds] = [0, 0];
  const add = (operation: string) => {
    requests[operation] = (requests[operation] ?? 0) + 1;
  };

  const invoke = async ({ input, executionArn }: TaskCall): Promise<Json> => {
    const { FunctionName, Payload } = input as { FunctionName: string; Payload: Json };
    const name = Object.keys(HANDLERS).find((candidate) => new RegExp(`(Functions|BulkMap)${candidate}(Live|Function)`).test(FunctionName));
    if (!name) throw new Error(`no handler for ${FunctionName}`);
    if (!children.has(name)) children.set(name, new Set());
    children.get(name)?.add(executionArn);
    let waited = 0;
    const s3 = s3InProcess(({ operation, input: given }) => {
      add(operation);
      waited += latencyOf(operation);
      return store.run(operation, given);
    });
    const answer = await HANDLERS[name](Payload as never, s3);
    const milliseconds = Math.ceil(LAMBDA_MS + waited / AT_ONCE[name]);
    lambdaCalls++;
    lambdaSeconds += milliseconds / 1000;
    await store.clock.sleepUntil(store.clock.now() + milliseconds);
    return { Payload: JSON.parse(JSON.stringify(answer)), StatusCode: 200 };
  };

  const engine = createEngine({
    clock: store.clock,
    objects: createObjectsPort(
      {
        ...store.cloud,
        call: (request) => {
          add(request.operation);
          return store.cloud.call(request);
        },
      },
      (error) => error,
    ),
    tasks: {
      // The lease: taken and given back without contention.
      start: async (call) => ({
        output: /lambda:invoke/.test(call.resource)
          ? await invoke(call)
          : { Attributes: { fence: { N: '1' }, expiresAt: { N: String(store.clock.now() + 7 * 86_400_000) } } },
      }),
    },
    accountId: '123456789012',
    region: 'us-east-1',
    partition: 'aws',
    random: seededRandom(1),
  });
  const machine = {
    arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:Sync',
    name: 'Sync',
    type: 'STANDARD' as const,
    roleArn: 'arn:aws:iam::123456789012:role/Sync',
    definition: JSON.parse(readFileSync(definition, 'utf8')),
  };
  const begun = store.clock.now();
  const execution = engine.startExecution(machine, { input: '{}' });
  await store.clock.runUntil(() => execution.status !== 'RUNNING', 'the run');
  if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status}: ${execution.error} ${execution.cause}`);
  // The engine keeps some of the children of a map; they are all alike.
  const kept = engine.executions();
  const inChildren = ['PlanShard', 'Copy', 'Delete'].map((name) => {
    const arns = children.get(name) ?? new Set();
    const some = kept.filter(({ arn }) => arns.has(arn)).map(({ history }) => transitions(history));
    return some.length === 0 ? 0 : (arns.size * some.reduce((a, b) => a + b, 0)) / some.length;
  });
  const all = transitions(execution.history) + inChildren.reduce((a, b) => a + b, 0);
  assertSynced(store, load);
  return {
    transitions: Math.round(all),
    requests,
    lambdaCalls,
    lambdaSeconds,
    seconds: ((execution.stopDate ?? 0) - begun) / 1000,
    seededMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

function filled(load: Load): Store {
  const store = new Store('source', 'destination', 'results');
  store.run('PutBucketVersioning', { Bucket: 'destination', VersioningConfiguration: { Status: 'Enabled' } });
  const [body, former] = [Buffer.from('{"v":2}'), Buffer.from('{"v":1}')];
  for (let i = 0; i < load.objects; i++) {
    const [fate, Key] = [fateOf(i, load), keyOf(i)];
    if (fate !== 'gone') store.run('PutObject', { Bucket: 'source', Key, Body: body });
    if (fate !== 'new') store.run('PutObject', { Bucket: 'destination', Key, Body: fate === 'changed' ? former : body });
  }
  return store;
}

/** A figure of what doesn't do its work is worth nothing. */
function assertSynced(store: Store, load: Load): void {
  const [source, destination] = [store.keys('source'), store.keys('destination')];
  if (source.length !== destination.length || source.some((key, i) => key !== destination[i])) throw new Error('the keys are not the same');
  for (let i = 0; i < load.objects; i++) {
    if (fateOf(i, load) === 'changed' && store.text('destination', keyOf(i)) !== '{"v":2}')
      throw new Error(`${keyOf(i)} is the former one`);
  }
}
