import {
  App,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_stepfunctions as sfn,
  aws_sns as sns,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BulkFormat, BulkProcess, type BulkProcessProps, BulkSource, BulkWork, HandlerFunction, InputField } from '../../../lib';
import { type Json, LocalCloud, type LocalRun, type StandIn } from '../../../local';
import { nagFindings } from '../../support/nag';
import { stateMachineOf } from '../../support/run-definition';
import { CODE_IN_PLACE, warmStart } from '../../support/warm-start';

const LIST = BulkSource.array('{% $states.input.items %}');
const warm = warmStart();
const clouds: LocalCloud[] = [];
afterEach(() => Promise.all(clouds.splice(0).map((cloud) => cloud.dispose())));

interface World {
  readonly stack: Stack;
  readonly source: s3.Bucket;
  readonly fn: lambda.IFunction;
}

function stackWith(props: (world: World) => Partial<BulkProcessProps> = () => ({})): Stack {
  const stack = new Stack(new App(CODE_IN_PLACE), 'Test');
  const source = new s3.Bucket(stack, 'Source', { enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY });
  const fn = new HandlerFunction(stack, 'Work', { code: lambda.Code.fromAsset('assets/patterns/large-scale-map/count-lines') }).alias;
  new BulkProcess(stack, 'Bulk', { source: LIST, work: BulkWork.invoke(fn), ...props({ stack, source, fn }) });
  return stack;
}

/** A cloud in which the work is done by the test. */
async function cloudOf(stack: Stack, work: StandIn, objects: Record<string, string> = {}): Promise<LocalCloud> {
  const cloud = await LocalCloud.fromStack(stack, { warm });
  clouds.push(cloud);
  cloud.function('Test/Work').replaceWith(work);
  for (const [key, body] of Object.entries(objects)) await cloud.bucket('Test/Source').put(key, body);
  return cloud;
}

async function run(cloud: LocalCloud, input: Json): Promise<LocalRun> {
  const started = await cloud.stateMachine('Test/Bulk').start(input);
  await started.finished();
  expect(cloud.access.denied).toEqual([]);
  return started;
}

const counts = (numbers: object) => ({ total: 0, succeeded: 0, rejected: 0, crashed: 0, unfinished: 0, skipped: 0, ...numbers });

/** Lines of a JSON Lines object in the results bucket. */
function linesOf(cloud: LocalCloud, suffix: string): Record<string, Json>[] {
  const bucket = cloud.bucket('Test/Bulk/BulkMap/Results');
  const keys = bucket.keys().filter((key) => key.endsWith(suffix));
  return keys.flatMap((key) =>
    bucket
      .text(key)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

describe('an item at a time', () => {
  test('each is worked on by itself, and its result is kept with it', async () => {
    const cloud = await cloudOf(stackWith(), (n) => n * n);
    expect((await run(cloud, { items: [1, 2, 3] })).output).toMatchObject({ counts: counts({ total: 3, succeeded: 3 }) });
    const records = linesOf(cloud, 'SUCCEEDED_0.jsonl').map(({ Input, Output }) => [Input, Output]);
    expect(records.toSorted()).toEqual([
      ['1', '1'],
      ['2', '4'],
      ['3', '9'],
    ]);
  });

  test('any JSON value can be an item', async () => {
    const seen: unknown[] = [];
    const items: Json[] = [null, 0, '', false, [], {}, [[1]], { a: null }];
    const cloud = await cloudOf(stackWith(), (item) => void seen.push(item));
    expect((await run(cloud, { items })).output).toMatchObject({ counts: counts({ total: 8, succeeded: 8 }) });
    expect(seen.map((item) => JSON.stringify(item)).toSorted()).toEqual(items.map((item) => JSON.stringify(item)).toSorted());
  });

  test('what the item is guilty of is told from a crash', async () => {
    const stack = stackWith(() => ({ businessErrors: ['NoSuchOrder'], toleratedFailureCount: 2 }));
    const cloud = await cloudOf(stack, (n) => {
      if (n === 1) throw Object.assign(new Error('order 1 is unknown'), { name: 'NoSuchOrder' });
      if (n === 2) throw new TypeError('n.m is undefined');
      return n;
    });
    expect((await run(cloud, { items: [1, 2, 3] })).output).toMatchObject({
      counts: counts({ total: 3, succeeded: 1, rejected: 1, crashed: 1 }),
    });
    expect(linesOf(cloud, 'failures.jsonl').toSorted((a, b) => Number(a.item) - Number(b.item))).toEqual([
      { kind: 'REJECTED', error: 'NoSuchOrder', cause: 'order 1 is unknown', item: 1, execution: expect.any(String) },
      { kind: 'CRASHED', error: 'TypeError', cause: 'n.m is undefined', item: 2, execution: expect.any(String) },
    ]);
  });

  test('the first failure that is not tolerated ends the run, with where to look', async () => {
    const cloud = await cloudOf(stackWith(), () => {
      throw new Error('no');
    });
    const failed = await run(cloud, { items: [1] });
    expect(failed).toMatchObject({ status: 'FAILED', error: 'TooManyFailures' });
    expect(failed.cause).toMatch(
      /^1 of 1 items failed: 0 rejected, 1 crashed; 0 were not worked on\. The items .* s3:\/\/.*\/failures\.jsonl$/,
    );
    expect(linesOf(cloud, 'failures.jsonl')).toMatchObject([{ item: 1, error: 'Error', cause: 'no' }]);
  });

  test.each([
    [{ toleratedFailureCount: 5 }, 5, 'SUCCEEDED'],
    [{ toleratedFailureCount: 5 }, 6, 'FAILED'],
    [{ toleratedFailurePercentage: 25 }, 5, 'SUCCEEDED'],
    [{ toleratedFailurePercentage: 25 }, 6, 'FAILED'],
    [{ toleratedFailureCount: 9, toleratedFailurePercentage: 25 }, 6, 'FAILED'],
    [{ toleratedFailureCount: 1, toleratedFailurePercentage: 100 }, 2, 'FAILED'],
  ])('with %j, %d of 20 failures: %s', async (tolerance, failures, status) => {
    const cloud = await cloudOf(
      stackWith(() => tolerance),
      (n) => {
        if (n < failures) throw new Error('no');
      },
    );
    expect((await run(cloud, { items: Array.from({ length: 20 }, (_, i) => i) })).status).toBe(status);
  });
});

describe('in batches', () => {
  const batched = (world: World): Partial<BulkProcessProps> => ({
    work: BulkWork.invoke(world.fn),
    batchMaxItems: 3,
    batchInput: sfn.TaskInput.fromObject({ factor: '{% $states.input.factor %}' }),
    toleratedFailurePercentage: 50,
  });

  test('as many items as are allowed, with the input for all', async () => {
    const seen: unknown[] = [];
    const cloud = await cloudOf(stackWith(batched), (batch) => void seen.push(batch));
    expect((await run(cloud, { items: [1, 2, 3, 4], factor: 2 })).output).toMatchObject({ counts: counts({ total: 4, succeeded: 4 }) });
    expect(seen).toEqual([
      { BatchInput: { factor: 2 }, Items: [1, 2, 3] },
      { BatchInput: { factor: 2 }, Items: [4] },
    ]);
  });

  test('items that failed are written down themselves, lists in lists too', async () => {
    const cloud = await cloudOf(stackWith(batched), ({ Items }) => ({
      result: Items.length,
      failures: [{ index: 1, error: 'Odd', cause: 'it is odd' }],
    }));
    const items = ['a', ['b', ['c']], 'd'];
    expect((await run(cloud, { items, factor: 1 })).output).toMatchObject({ counts: counts({ total: 3, succeeded: 2, rejected: 1 }) });
    expect(linesOf(cloud, 'failures.jsonl')).toMatchObject([{ kind: 'REJECTED', error: 'Odd', cause: 'it is odd', item: ['b', ['c']] }]);
  });

  test.each([
    ['an index past the end', [{ index: 3, error: 'E' }]],
    ['a negative index', [{ index: -1, error: 'E' }]],
    ['half an index', [{ index: 0.5, error: 'E' }]],
    ['no index', [{ error: 'E' }]],
    ['no error', [{ index: 0 }]],
    ['a text', 'all'],
  ])('an answer with %s is a crash: no failure is lost', async (_, failures) => {
    const cloud = await cloudOf(stackWith(batched), () => ({ failures }));
    const failed = await run(cloud, { items: [1, 2, 3], factor: 1 });
    expect(failed.cause).toMatch(/^3 of 3 items failed: 0 rejected, 3 crashed/);
    expect(linesOf(cloud, 'failures.jsonl')[0]).toMatchObject({ kind: 'CRASHED', error: 'States.QueryEvaluationError' });
  });

  test.each([
    [{ toleratedFailureCount: 2 }, 2, 'SUCCEEDED'],
    [{ toleratedFailureCount: 2 }, 3, 'FAILED'],
    [{ toleratedFailurePercentage: 30 }, 3, 'SUCCEEDED'],
    [{ toleratedFailurePercentage: 29.9 }, 3, 'FAILED'],
    [{ toleratedFailureCount: 9, toleratedFailurePercentage: 20 }, 3, 'FAILED'],
    [{}, 1, 'FAILED'],
  ])('with %j, %d of 10 items rejected, which Step Functions knows nothing of: %s', async (tolerance, rejected, status) => {
    const cloud = await cloudOf(
      stackWith(() => ({ batchMaxItems: 10, ...tolerance })),
      () => ({ failures: Array.from({ length: rejected }, (_, index) => ({ index, error: 'E' })) }),
    );
    expect((await run(cloud, { items: Array.from({ length: 10 }, (_, i) => i) })).status).toBe(status);
  });

  test('one failure, none and null answers', async () => {
    for (const answer of [null, {}, { failures: [] }, { result: 1 }]) {
      const cloud = await cloudOf(stackWith(batched), () => answer);
      expect((await run(cloud, { items: [1], factor: 1 })).output).toMatchObject({ counts: counts({ total: 1, succeeded: 1 }) });
    }
  });
});

describe('sources', () => {
  const keys = { 'in/': '', 'in/a': '1', 'in/sub/': '', 'in/sub/b c+d%20ä': '22', 'in/empty': '', 'out/x': '333' };

  test.each([
    ['by themselves', {}, 3],
    ['in batches', { batchMaxItems: 2 }, 3],
    ['in batches that hold nothing but folders', { batchMaxItems: 1 }, 3],
  ])('objects below a prefix, %s: folders are skipped', async (_, batches, calls) => {
    const seen: Json[] = [];
    const stack = stackWith(({ source, fn }) => ({
      source: BulkSource.objects(source, { prefix: 'in/' }),
      work: BulkWork.invoke(fn),
      ...batches,
    }));
    const cloud = await cloudOf(stack, (event) => void seen.push(event), keys);
    expect((await run(cloud, {})).output).toMatchObject({ counts: counts({ total: 3, succeeded: 3, skipped: 2 }) });
    const items = seen.flatMap((event) => (event as { Items?: { Key: string }[] }).Items ?? [event as { Key: string }]);
    expect(items.map(({ Key }) => Key).toSorted()).toEqual(['in/a', 'in/empty', 'in/sub/b c+d%20ä']);
    expect(seen).toHaveLength(calls);
  });

  test.each<[string, (world: World) => BulkSource, string, Json[]]>([
    [
      'CSV',
      ({ source }) => BulkSource.csv(source, 'file'),
      'a,b\n1,"x,y"\n2,\n',
      [
        { a: '1', b: 'x,y' },
        { a: '2', b: '' },
      ],
    ],
    [
      'CSV with headers given',
      ({ source }) => BulkSource.csv(source, 'file', { headers: ['n'], delimiter: sfn.CsvDelimiter.PIPE }),
      '1\n2\n',
      [{ n: '1' }, { n: '2' }],
    ],
    ['JSON', ({ source }) => BulkSource.json(source, 'file'), '[1,{"a":2}]', [1, { a: 2 }]],
    ['JSON within', ({ source }) => BulkSource.json(source, 'file', { itemsPointer: '/data/list' }), '{"data":{"list":[1,2]}}', [1, 2]],
    ['JSON Lines', ({ source }) => BulkSource.jsonLines(source, '{% $states.input.key %}'), '1\n{"a":2}\n', [1, { a: 2 }]],
    ['contents', ({ source }) => BulkSource.objectContents(source, { prefix: 'fi', format: BulkFormat.JSON_LINES }), '1\n2\n', [1, 2]],
  ])('%s', async (_, source, body, items) => {
    const seen: Json[] = [];
    const cloud = await cloudOf(
      stackWith((world) => ({ source: source(world) })),
      (item) => void seen.push(item),
      { file: body },
    );
    expect((await run(cloud, { key: 'file' })).output).toMatchObject({ counts: counts({ total: items.length, succeeded: items.length }) });
    expect(seen).toEqual(items);
  });

  test('an inventory', async () => {
    const seen: Json[] = [];
    const manifest = {
      destinationBucket: 'arn:aws:s3:::SOURCE',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key',
      files: [{ key: 'inv/src/all/data/1.csv' }],
    };
    const key = 'inv/src/all/2026-01-05T01-00Z/manifest.json';
    const stack = stackWith(({ source }) => ({ source: BulkSource.inventory(source, key) }));
    const cloud = await cloudOf(stack, (item) => void seen.push(item), { 'inv/src/all/data/1.csv': '"src","a"\n"src","b"\n' });
    await cloud.bucket('Test/Source').put(key, JSON.stringify(manifest).replace('SOURCE', cloud.bucket('Test/Source').name));
    expect((await run(cloud, {})).output).toMatchObject({ counts: counts({ total: 2, succeeded: 2 }) });
    expect(seen).toEqual([
      { Bucket: 'src', Key: 'a' },
      { Bucket: 'src', Key: 'b' },
    ]);
  });

  test.each<[string, (world: World) => BulkSource, Record<string, string>]>([
    ['no objects', ({ source }) => BulkSource.objects(source, { prefix: 'in/' }), {}],
    ['nothing but folders', ({ source }) => BulkSource.objects(source, { prefix: 'in/' }), { 'in/': '' }],
    ['a CSV with nothing but its first row', ({ source }) => BulkSource.csv(source, 'file'), { file: 'a,b\n' }],
    ['an empty array', () => LIST, {}],
  ])('%s: the run succeeds with zeros', async (_, source, objects) => {
    const cloud = await cloudOf(
      stackWith((world) => ({ source: source(world) })),
      () => 1,
      objects,
    );
    const { status, output } = await run(cloud, { items: [] });
    expect({ status, output }).toEqual({
      status: 'SUCCEEDED',
      output: {
        counts: counts({ skipped: objects['in/'] === '' ? 1 : 0 }),
        results: { bucket: expect.any(String), manifest: expect.stringMatching(/manifest\.json$/) },
      },
    });
  });
});

describe('a rerun', () => {
  test('works on the items that failed, and no others, in batches of its own', async () => {
    let broken = true;
    const seen: Json[] = [];
    const stack = stackWith(() => ({ batchMaxItems: 2, toleratedFailurePercentage: 100 }));
    const cloud = await cloudOf(stack, ({ Items }) => {
      seen.push(...Items);
      return broken ? { failures: Items.flatMap((n: number, index: number) => (n % 3 === 0 ? [{ index, error: 'E' }] : [])) } : {};
    });
    const first = await run(cloud, { items: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(first.output).toMatchObject({ counts: counts({ total: 9, succeeded: 6, rejected: 3 }) });
    broken = false;
    seen.length = 0;
    const { failures } = (first.output as { results: { failures: string } }).results;
    expect((await run(cloud, { rerunOf: failures })).output).toMatchObject({ counts: counts({ total: 3, succeeded: 3 }) });
    expect(seen.toSorted()).toEqual([3, 6, 9]);
  });

  test.each([
    [{ rerunOf: 5 }, 'rerunOf: must be a text, is number'],
    [{ rerunOf: null }, 'rerunOf: must be a text, is null'],
    [{ rerunOf: 'other/x/failures.jsonl' }, 'rerunOf: is not the results.failures of an earlier run'],
    [{ rerunOf: `bulk/${'x'.repeat(1024)}/failures.jsonl` }, 'rerunOf: has 1044 characters, at most 1024 allowed'],
  ])('of %j is refused', async (input, cause) => {
    const cloud = await cloudOf(stackWith(), () => 1);
    expect(await run(cloud, input)).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause });
  });

  test('of failures that are not there ends in the reason', async () => {
    const cloud = await cloudOf(stackWith(), () => 1);
    const started = await cloud.stateMachine('Test/Bulk').start({ rerunOf: 'bulk/ProcessItems/x/failures.jsonl' });
    await started.finished();
    // Who may not list a bucket isn't told that a key is missing.
    expect([started.status, started.error]).toEqual(['FAILED', expect.stringMatching(/^S3[.]|^States[.]ItemReaderFailed$/)]);
  });
});

describe('steps of your own', () => {
  const double = {
    steps: (scope: Construct) => sfn.Pass.jsonata(scope, 'Double', { outputs: '{% $states.input * 2 %}' }),
  };

  test('work on items, in a rerun too', async () => {
    const stack = stackWith(() => ({ work: BulkWork.chain(double), toleratedFailureCount: 1 }));
    const cloud = await cloudOf(stack, () => 1);
    const first = await run(cloud, { items: [1, 'x'] });
    expect(first.output).toMatchObject({ counts: counts({ total: 2, succeeded: 1, crashed: 1 }) });
    expect(linesOf(cloud, 'SUCCEEDED_0.jsonl')).toMatchObject([{ Input: '1', Output: '2' }]);
    const { failures } = (first.output as { results: { failures: string } }).results;
    expect((await run(cloud, { rerunOf: failures })).output).toMatchObject({ counts: counts({ total: 1, crashed: 1 }) });
  });

  test('work on batches, and say which items failed', async () => {
    const steps = {
      steps: (scope: Construct) =>
        sfn.Pass.jsonata(scope, 'First', {
          outputs: '{% { "result": $count($states.input.Items), "failures": { "index": 0, "error": "First" } } %}',
        }),
    };
    const cloud = await cloudOf(
      stackWith(() => ({ work: BulkWork.chain(steps), batchMaxItems: 2, toleratedFailureCount: 2 })),
      () => 1,
    );
    expect((await run(cloud, { items: ['a', 'b', 'c'] })).output).toMatchObject({
      counts: counts({ total: 3, succeeded: 1, rejected: 2 }),
    });
    expect(
      linesOf(cloud, 'failures.jsonl')
        .map(({ item }) => item)
        .toSorted(),
    ).toEqual(['a', 'c']);
  });

  test('work on ordered items', async () => {
    const cloud = await cloudOf(
      stackWith(() => ({ work: BulkWork.chain(double), ordered: true })),
      () => 1,
    );
    expect((await run(cloud, { items: [1, 2] })).output).toMatchObject({ counts: counts({ total: 2, succeeded: 2 }) });
    expect(linesOf(cloud, 'SUCCEEDED_0.jsonl').map(({ Output }) => Output)).toEqual(['2', '4']);
  });
});

test('ordered items follow each other, however long each takes', async () => {
  const log: string[] = [];
  const stack = stackWith(() => ({ ordered: true }));
  const cloud = await cloudOf(stack, async (n) => {
    log.push(`${n} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20 - 5 * n));
    log.push(`${n} ends`);
  });
  await run(cloud, { items: [1, 2, 3] });
  expect(log).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
});

test('items go on to steps of yours, which get the outcome', async () => {
  const stack = stackWith((world) => ({
    onDone: sfn.Pass.jsonata(world.stack, 'Then', { outputs: '{% $states.input.counts.succeeded %}' }),
  }));
  expect((await run(await cloudOf(stack, () => 1), { items: [1, 2] })).output).toBe(2);
});

test('bad input is refused before anything is touched', async () => {
  const stack = stackWith(() => ({ input: { items: InputField.ofArray(), day: InputField.ofString() } }));
  const cloud = await cloudOf(stack, () => 1);
  expect(await run(cloud, { items: 5 })).toMatchObject({
    error: 'InvalidInput',
    cause: 'items: must be a list, is number; day: is missing',
  });
  for (const input of [null, [], 'x', 5]) expect(await run(cloud, input)).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
  expect(cloud.function('Test/Work').invocations).toEqual([]);
});

test('with a key of its own for everything', async () => {
  const stack = stackWith((world) => {
    const encryptionKey = new kms.Key(world.stack, 'Key', { enableKeyRotation: true });
    const encrypted = new s3.Bucket(world.stack, 'Encrypted', { encryptionKey, enforceSSL: true });
    return { encryptionKey, source: BulkSource.jsonLines(encrypted, 'in.jsonl'), toleratedFailureCount: 1 };
  });
  const cloud = await cloudOf(stack, (n) => {
    if (n === 1) throw new Error('no');
  });
  await cloud.bucket('Test/Encrypted').put('in.jsonl', '1\n2\n');
  const first = await run(cloud, {});
  expect(first.output).toMatchObject({ counts: counts({ total: 2, succeeded: 1, crashed: 1 }) });
  const { failures } = (first.output as { results: { failures: string } }).results;
  expect((await run(cloud, { rerunOf: failures })).output).toMatchObject({ counts: counts({ total: 1, crashed: 1 }) });
});

test('is Standard, limited in time, reports failures to a topic, and leaves cdk-nag nothing to find', () => {
  const stack = new Stack(new App(), 'Test');
  const fn = new HandlerFunction(stack, 'Work', { code: lambda.Code.fromInline('exports.handler = async () => 1') }).alias;
  const notificationTopic = new sns.Topic(stack, 'Topic', { enforceSSL: true });
  new BulkProcess(stack, 'Bulk', { source: LIST, work: BulkWork.invoke(fn), notificationTopic, timeout: Duration.hours(3) });
  expect(stateMachineOf(stack)).toMatchObject({ type: 'STANDARD', definition: { TimeoutSeconds: 3 * 3600 } });
  expect(nagFindings(stack)).toEqual([]);
});

test('the input field rerunOf is taken', () => {
  expect(() => stackWith(() => ({ input: { rerunOf: InputField.ofString() } }))).toThrow(/'rerunOf' is taken/);
});
