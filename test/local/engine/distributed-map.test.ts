import { gzipSync } from 'node:zlib';
import { type EngineOptions, type ObjectsPort, type RoleRequest, StatesError } from '../../../local/engine';
import { type Answer, LAMBDA, named, only, stage, types } from './play';

/** S3 in memory, its bodies given in pieces of a few bytes so that readers meet every boundary. */
function bucket(content: Record<string, string | Buffer>): ObjectsPort & { content: Record<string, string | Buffer> } {
  return {
    content,
    async get({ bucket: name, key }) {
      const body = content[`${name}/${key}`];
      if (body === undefined) throw new StatesError('S3.NoSuchKeyException', `no ${key}`);
      return pieces(Buffer.from(body));
    },
    async *list({ bucket: name, prefix = '' }) {
      for (const path of Object.keys(content).sort()) {
        const key = path.slice(name.length + 1);
        if (path.startsWith(`${name}/${prefix}`))
          yield { key, size: content[path].length, etag: `"${key}"`, lastModified: 1_700_000_000_999 };
      }
    },
    async put({ bucket: name, key, body }) {
      content[`${name}/${key}`] = body;
    },
  };
}

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 3) yield bytes.subarray(i, i + 3);
}

const pass = only({ Type: 'Pass' });
const task = only({ Type: 'Task', Resource: LAMBDA, Parameters: { 'n.$': '$' } });

function distributed(fields: object, processor: object = pass, type = 'STANDARD'): object {
  return only({ Type: 'Map', ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type } }, ...fields });
}

async function run(
  definition: object,
  content: Record<string, string | Buffer> = {},
  input: unknown = {},
  answer?: Answer,
  options?: Partial<EngineOptions>,
) {
  const objects = bucket(content);
  const theStage = stage(answer, { objects, ...options });
  const execution = await theStage.finish(theStage.start(definition, { input }));
  return { ...theStage, execution, content: objects.content };
}

const reader = (ReaderConfig: object, key = 'items') => ({
  ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig, Parameters: { Bucket: 'in', Key: key } },
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
describe('ItemReader', () => {
  test.each<[string, object, string, unknown]>([
    ['a JSON array', { InputType: 'JSON' }, ' [ {"a": "[,]\\""} , 2,\n[3, [4]], null ] ', [{ a: '[,]"' }, 2, [3, [4]], null]],
    ['an empty JSON array', { InputType: 'JSON' }, '[]', []],
    ['ItemsPointer', { InputType: 'JSON', ItemsPointer: '/a~1b/0' }, '{"a/b": [[1, 2]]}', [1, 2]],
    ['ItemsPointer to an object', { InputType: 'JSON', ItemsPointer: '/a' }, '{"a": {"x": 1}}', [{ Key: 'x', Value: 1 }]],
    ['an empty ItemsPointer', { InputType: 'JSON', ItemsPointer: '' }, '[1]', [1]],
    ['JSON lines', { InputType: 'JSONL' }, '{"a":1}\r\n\n"é"', [{ a: 1 }, 'é']],
    ['MaxItems', { InputType: 'JSONL', MaxItems: 1 }, '1\n2\n', [1]],
    [
      'CSV with quotes',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      'a,b\r\n"x, ""y""\nz",2\r\n\r\n1\r\n',
      [
        { a: 'x, "y"\nz', b: '2' },
        { a: '1', b: '' },
      ],
    ],
    // https://docs.aws.amazon.com/step-functions/latest/dg/example-csv-parse-dist-map.html
    [
      'CSV with doubled quotes out of quotes',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b', 'c'] },
      'x,{""k"":""v""},"[1,2]"\n5" disk,"",6"\n',
      [
        { a: 'x', b: '{"k":"v"}', c: '[1,2]' },
        { a: '5" disk', b: '', c: '6"' },
      ],
    ],
    [
      'CSV with backslashes',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      'path,size\nC:\\\\Files\\\\App.exe,1\\,2\n"say \\"hi\\"",C:\\temp\n',
      [
        { path: 'C:\\Files\\App.exe', size: '1,2' },
        { path: 'say "hi"', size: 'C:temp' },
      ],
    ],
    [
      'CSV with its own headers',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['h'], CSVDelimiter: 'PIPE' },
      '1|2\n',
      [{ h: '1' }],
    ],
  ])('%s', async (_, config, body, expected) => {
    const { execution } = await run(distributed(reader(config)), { 'in/items': body });
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: expected });
  });

  test.each<[object, string, string]>([
    [{ InputType: 'JSON' }, '{"a": 1}', 'Attempting to map over non-iterable node.'],
    [{ InputType: 'JSON' }, '[1, 2', 'The JSON array has no end.'],
    [
      { InputType: 'JSON', ItemsPointer: '/b' },
      '{"a": 1}',
      'The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.',
    ],
    [{ InputType: 'JSON', ItemsPointer: '/a' }, '{"a": 1}', 'Attempting to map over non-iterable node.'],
    [{ InputType: 'JSONL' }, '{', 'Item 0 is not JSON'],
    [{ InputType: 'JSONL' }, '1\n12345678901234567', 'Item 1 cannot be read: the number 12345678901234567 has more digits'],
    [{ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, 'a,a\n', 'CSV headers cannot contain duplicates.'],
    [{ InputType: 'PARQUET' }, '', 'it has 0 bytes, fewer than any Parquet file.'],
  ])('%j of %j fails', async (config, body, message) => {
    const { execution } = await run(distributed(reader(config)), { 'in/items': body });
    expect(execution.error).toBe('States.ItemReaderFailed');
    expect(execution.cause).toContain(message);
    expect(types(execution.history).slice(2)).toEqual([
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  test('objects compressed by GZIP and ZSTD, told by their names', async () => {
    const zstd = (text: string) =>
      Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, text.length, (text.length << 3) | 1, 0, 0]), Buffer.from(text)]);
    const read = async (key: string, body: Buffer) =>
      (await run(distributed(reader({ InputType: 'JSONL' }, key)), { [`in/${key}`]: body })).execution;
    expect((await read('a.jsonl.gz', gzipSync('1\n2\n'))).output).toEqual([1, 2]);
    expect((await read('a.jsonl.zstd', zstd('1\n2\n'))).output).toEqual([1, 2]);
    for (const key of ['a.gz', 'a.zstd']) {
      const { cause, error } = await read(key, Buffer.from('1\n2\n'));
      expect(error).toBe('States.ItemReaderFailed');
      expect(cause).toContain(`The object 's3://in/${key}' cannot be decompressed: `);
    }
    const cut = await read('a.zstd', zstd('1\n2\n').subarray(0, 11));
    expect(cut.cause).toContain('cannot be decompressed');
  });

  test('an item of more than 256 KiB needs an ItemSelector', async () => {
    const body = `${JSON.stringify({ id: 1, text: 'x'.repeat(262_144) })}\n`;
    const { execution } = await run(distributed(reader({ InputType: 'JSONL' })), { 'in/items': body });
    expect(execution.error).toBe('States.DataLimitExceeded');
    const ItemSelector = { 'id.$': '$$.Map.Item.Value.id' };
    const selected = await run(distributed({ ...reader({ InputType: 'JSONL' }), ItemSelector }), { 'in/items': body });
    expect(selected.execution.output).toEqual([{ id: 1 }]);
  });

  test('CSV headers of more than 10 KiB fail', async () => {
    const config = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };
    const { execution } = await run(distributed(reader(config)), { 'in/items': `a,${'b'.repeat(10_239)}\n1,2\n` });
    expect(execution).toMatchObject({
      error: 'States.ItemReaderFailed',
      cause: 'The CSV headers have 10241 bytes; up to 10240 are supported.',
    });
  });

  test('an object that is not there gives the error of S3', async () => {
    const { execution } = await run(distributed(reader({ InputType: 'JSON' })));
    expect(execution.error).toBe('S3.NoSuchKeyException');
  });

  test('listed objects, and what is in them', async () => {
    const content = { 'in/a/1': '[1]', 'in/a/2': '[2, 3]', 'in/b': '[4]' };
    const ItemReader = { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'in', Prefix: 'a/' } };
    const ItemSelector = { 'key.$': '$$.Map.Item.Value.Key', 'from.$': '$$.Map.Item.Source' };
    expect((await run(distributed({ ItemReader, ItemSelector }), content)).execution.output).toEqual([
      { key: 'a/1', from: 's3://in' },
      { key: 'a/2', from: 's3://in' },
    ]);
    expect((await run(distributed({ ItemReader }), content)).execution.output).toMatchObject([
      { Etag: '"a/1"', Key: 'a/1', LastModified: 1_700_000_000, Size: 3, StorageClass: 'STANDARD' },
      { Key: 'a/2' },
    ]);
    const flatten = { ...ItemReader, ReaderConfig: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' } };
    expect((await run(distributed({ ItemReader: flatten }), content)).execution.output).toEqual([1, 2, 3]);
  });

  test('an S3 inventory', async () => {
    const manifest = {
      destinationBucket: 'arn:aws:s3:::in',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key',
      files: [{ key: 'data/1.csv.gz' }],
    };
    const content = { 'in/manifest.json': JSON.stringify(manifest), 'in/data/1.csv.gz': gzipSync('"b","k1"\n"b","k2"\n') };
    const { execution } = await run(distributed(reader({ InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' }, 'manifest.json')), content);
    expect(execution.output).toEqual([
      { Bucket: 'b', Key: 'k1' },
      { Bucket: 'b', Key: 'k2' },
    ]);
  });

  test('an Athena manifest', async () => {
    const content = { 'in/manifest.csv': 's3://data/1.jsonl\ns3://data/2.jsonl\n', 'data/1.jsonl': '1\n', 'data/2.jsonl': '2\n' };
    const { execution } = await run(distributed(reader({ InputType: 'JSONL', ManifestType: 'ATHENA_DATA' }, 'manifest.csv')), content);
    expect(execution.output).toEqual([1, 2]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
describe('ItemBatcher', () => {
  test('by count, with an input that all batches share', async () => {
    const ItemBatcher = { MaxItemsPerBatch: 2, BatchInput: { 'n.$': '$.n' } };
    const { execution } = await run(distributed({ ItemsPath: '$.items', ItemBatcher }), {}, { n: 1, items: [1, 2, 3] });
    expect(execution.output).toEqual([
      { BatchInput: { n: 1 }, Items: [1, 2] },
      { BatchInput: { n: 1 }, Items: [3] },
    ]);
  });

  test('by bytes: no batch is larger', async () => {
    const items = Array.from({ length: 20 }, (_, i) => `item-${i}-é`);
    const { execution } = await run(distributed({ ItemBatcher: { MaxInputBytesPerBatch: 60 } }), {}, items);
    const batches = execution.output as { Items: string[] }[];
    expect(batches.flatMap((b) => b.Items)).toEqual(items);
    expect(Math.max(...batches.map((b) => Buffer.byteLength(JSON.stringify(b))))).toBeLessThanOrEqual(60);
    expect(batches.length).toBeLessThan(10);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
describe('Distributed Map', () => {
  const failAbove =
    (limit: number): Answer =>
    (call) => {
      const { n } = call.input as { n: number };
      if (n > limit) throw new StatesError('TooBig', String(n));
      return n;
    };

  test('each item is an execution of its own, which sees no variables from outside', async () => {
    const definition = {
      StartAt: 'Assign',
      States: {
        Assign: { Type: 'Pass', Assign: { secret: 1 }, Next: 'Each' },
        Each: {
          ...(distributed({ Label: 'Each' }, only({ Type: 'Pass', Parameters: { 's.$': '$secret' } })) as { States: { Only: object } })
            .States.Only,
        },
      },
    };
    const { engine, execution } = await run(definition, {}, [1]);
    expect(execution.error).toBe('States.ExceedToleratedFailureThreshold');
    const [child] = engine.executions('arn:aws:states:eu-west-1:111122223333:stateMachine:Orders/Each');
    expect(child.arn).toMatch(/^arn:aws:states:eu-west-1:111122223333:execution:Orders\/Each:[0-9a-f-]{36}$/);
    expect(child.cause).toContain("The JSONPath '$secret'");
    expect(types(child.history)).toEqual(['ExecutionStarted', 'PassStateEntered', 'ExecutionFailed']);
  });

  test('Express children', async () => {
    const { engine, execution } = await run(distributed({ Label: 'Each' }, pass, 'EXPRESS'), {}, [1]);
    expect(execution.output).toEqual([1]);
    expect(engine.executions().at(-1)?.arn).toMatch(/:express:Orders\/Each:[0-9a-f-]+:[0-9a-f-]+$/);
  });

  test('one failure is too many where none is tolerated: children that run are aborted, others never start', async () => {
    const { clock, engine, finish, start } = stage(async (call) => {
      if (call.statePath[1] === '0') throw new StatesError('Bad');
      await clock.sleepUntil(clock.now() + 60_000, call.signal);
    });
    const execution = await finish(start(distributed({ MaxConcurrency: 2 }, task), { input: [1, 2, 3] }));
    expect(execution).toMatchObject({
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'The specified tolerated failure threshold was exceeded',
    });
    expect(
      engine
        .executions()
        .slice(1)
        .map((child) => child.status),
    ).toEqual(['FAILED', 'ABORTED']);
    expect(engine.mapRuns(execution.arn)[0]).toMatchObject({ status: 'FAILED', itemCounts: { total: 2, failed: 1, aborted: 1 } });
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html#redrive-eligibility-map-run
  test('Express children are never aborted: a Map Run that failed, and one whose parent was stopped, wait for them', async () => {
    const playIt = async (stops: boolean) => {
      const { clock, engine, finish, start } = stage(async (call) => {
        if (call.statePath[1] === '0' && !stops) throw new StatesError('Bad');
        await clock.sleepUntil(clock.now() + 60_000, call.signal);
        return 'done';
      });
      const execution = start(distributed({ MaxConcurrency: 2 }, task, 'EXPRESS'), { input: [1, 2, 3] });
      await clock.advance(1000);
      if (stops) engine.stopExecution(execution.arn);
      const running = engine.mapRuns()[0].itemCounts.running;
      await finish(execution);
      await clock.advance(60_000);
      const children = engine.executions().slice(1);
      return [execution.status, running, engine.mapRuns()[0].status, ...children.map(({ status }) => status)];
    };
    expect(await playIt(false)).toEqual(['FAILED', 1, 'FAILED', 'FAILED', 'SUCCEEDED']);
    expect(await playIt(true)).toEqual(['ABORTED', 2, 'ABORTED', 'SUCCEEDED', 'SUCCEEDED']);
  });

  test('tolerated failures stand among the results with what is known of them', async () => {
    const { engine, execution } = await run(distributed({ ToleratedFailureCount: 1 }, task), {}, [1, 9, 2], failAbove(5));
    expect(execution.output).toMatchObject([1, { Error: 'TooBig', Cause: '9', Status: 'FAILED', Input: '9' }, 2]);
    expect(engine.mapRuns()[0].itemCounts).toMatchObject({ total: 3, succeeded: 2, failed: 1 });
  });

  test('a percentage is of all items, and told when all are known', async () => {
    const of = async (ToleratedFailurePercentage: number) =>
      (await run(distributed({ ToleratedFailurePercentage }, task), {}, [9, 1, 2, 3], failAbove(5))).execution.status;
    expect(await of(25)).toBe('SUCCEEDED');
    expect(await of(24)).toBe('FAILED');
  });

  // As in ../shared/conformance: test_map_state_legacy_config_distributed_parameters, test_map_state_config_distributed_items_path_from_previous
  test('what its end follows on', async () => {
    const first = distributed({}, only({ Type: 'Pass' })) as { States: { Only: object } };
    const second = { StartAt: 'Before', States: { Before: { Type: 'Pass', Next: 'Only' }, ...first.States } };
    const exited = async (definition: object) => {
      const { history } = (await run(definition, {}, [1])).execution;
      const { previousEventId } = history.find((event) => event.type === 'MapStateExited') ?? {};
      return history.find((event) => event.id === previousEventId)?.type;
    };
    expect(await exited(first)).toBe('MapRunSucceeded');
    expect(await exited(second)).toBe('MapRunStarted');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
  test('the members of an object are items as well, with their keys; not so in an inline Map', async () => {
    const input = { a: 1, b: 2 };
    const selector = { 'key.$': '$$.Map.Item.Key', 'value.$': '$$.Map.Item.Value' };
    const pass = only({ Type: 'Pass' });
    const { execution } = await run(distributed({ ItemSelector: selector }, pass), {}, input);
    expect(execution.output).toEqual([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]);
    expect((await run(distributed({}, pass), {}, input)).execution.output).toEqual([
      { Key: 'a', Value: 1 },
      { Key: 'b', Value: 2 },
    ]);
    const inline = await run(only({ Type: 'Map', ItemProcessor: named('In', { Type: 'Pass' }) }), {}, input);
    expect(inline.execution.cause).toContain('Reference path "$" must point to array.');
  });

  // https://github.com/floci-io/floci/blob/main/src/test/java/io/github/hectorvent/floci/services/stepfunctions
  test('an inline Map with a reader is created and fails when it runs', async () => {
    const ItemReader = { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSON' }, Parameters: {} };
    const { execution } = await run(only({ Type: 'Map', ItemReader, ItemProcessor: named('In', { Type: 'Pass' }) }));
    expect(execution.error).toBe('States.Runtime');
    expect(execution.cause).toBe(
      "An error occurred while executing the state 'Only' (entered at the event id #2). The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps",
    );
  });

  // https://github.com/iwamot/sfnx/blob/main/docs/design.md#states
  test('a threshold of 0 is none: the other one counts', async () => {
    const of = async (tolerance: object) => (await run(distributed(tolerance, task), {}, [9, 1, 2, 3], failAbove(5))).execution.status;
    expect(await of({ ToleratedFailureCount: 0, ToleratedFailurePercentage: 25 })).toBe('SUCCEEDED');
    expect(await of({ ToleratedFailureCount: 1, ToleratedFailurePercentage: 0 })).toBe('SUCCEEDED');
    expect(await of({ ToleratedFailureCount: 0, ToleratedFailurePercentage: 0 })).toBe('FAILED');
  });

  test('more than 256 KiB of results need a ResultWriter', async () => {
    const { execution } = await run(
      distributed({ ItemsPath: '$.n' }, only({ Type: 'Pass', Result: 'x'.repeat(100_000) })),
      {},
      { n: [1, 2, 3] },
    );
    expect(execution.error).toBe('States.DataLimitExceeded');
  });

  test('stopping the execution aborts run and children, innermost first', async () => {
    const { clock, engine, start } = stage(() => new Promise(() => {}));
    const execution = start(distributed({}, task), { input: [1, 2] });
    await clock.settle();
    engine.stopExecution(execution.arn, 'Enough', 'by hand');
    await execution.finished;
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'by hand' });
    expect(types(execution.history).slice(-3)).toEqual(['MapRunStarted', 'MapRunAborted', 'ExecutionAborted']);
    expect(engine.executions().map((e) => e.status)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
    expect(engine.mapRuns()[0].status).toBe('ABORTED');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
describe('what the role must be allowed to do with children', () => {
  const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:Orders';
  /** Allows nothing but these actions. */
  const allowing = (...actions: string[]) => {
    const asked: RoleRequest[] = [];
    const authorize = (request: RoleRequest) => {
      asked.push(request);
      if (!actions.includes(request.action)) throw new StatesError('Refused', request.action);
    };
    return { asked, authorize };
  };

  test('starting them, asked for once, and not where there are none', async () => {
    const { asked, authorize } = allowing('states:StartExecution');
    expect((await run(distributed({}), {}, [1, 2], undefined, { authorize })).execution.output).toEqual([1, 2]);
    expect(asked).toEqual([{ roleArn: 'arn:aws:iam::111122223333:role/machine', action: 'states:StartExecution', resource: MACHINE }]);
    await run(distributed({}), {}, [], undefined, { authorize });
    expect(asked).toHaveLength(1);
  });

  test('without it the Map Run fails, which can be caught; a redrive starts every child', async () => {
    const actions: string[] = [];
    const { authorize } = { authorize: (request: RoleRequest) => allowing(...actions).authorize(request) };
    const { engine, execution, finish } = await run(distributed({}), {}, [1, 2], undefined, { authorize });
    expect(execution).toMatchObject({ error: 'Refused', cause: 'states:StartExecution' });
    expect(types(execution.history).slice(2)).toEqual([
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    actions.push('states:StartExecution');
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution.output).toEqual([1, 2]);
  });

  test.each([
    ['STANDARD', 'states:RedriveExecution'],
    ['EXPRESS', 'states:StartExecution'],
  ])('running %s ones again takes %s', async (type, action) => {
    let broken = true;
    const { asked, authorize } = allowing('states:StartExecution', 'states:RedriveExecution');
    const answer: Answer = () => {
      if (broken) throw new StatesError('Bad');
      return 'mended';
    };
    const { engine, execution, finish } = await run(distributed({ Label: 'L' }, task, type), {}, [1], answer, { authorize });
    const [child] = engine.executions().filter(({ mapRunArn }) => mapRunArn);
    broken = false;
    engine.redriveExecution(execution.arn);
    await finish(execution);
    expect(execution.output).toEqual(['mended']);
    expect(asked.at(-1)).toMatchObject({ action, resource: type === 'STANDARD' ? child.arn : MACHINE });
    expect(asked).toHaveLength(2);
    // An Express child keeps its ARN.
    expect(
      engine
        .executions()
        .filter(({ mapRunArn }) => mapRunArn)
        .map(({ arn }) => arn),
    ).toEqual([child.arn]);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
describe('ResultWriter', () => {
  const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out', Prefix: 'jobs' } };
  const bad: Answer = (call) => {
    const { n } = call.input as { n: number };
    if (n === 2) throw new StatesError('Bad', 'two');
    return [n, n];
  };

  test('writes result files and a manifest that lists them', async () => {
    const { content, execution } = await run(distributed({ ResultWriter, ToleratedFailureCount: 1 }, task), {}, [1, 2], bad);
    const output = execution.output as { MapRunArn: string; ResultWriterDetails: { Bucket: string; Key: string } };
    const folder = `jobs/${output.MapRunArn.split(':').at(-1)}`;
    expect(output.ResultWriterDetails).toEqual({ Bucket: 'out', Key: `${folder}/manifest.json` });
    const manifest = JSON.parse(String(content[`out/${folder}/manifest.json`]));
    expect(manifest).toMatchObject({ DestinationBucket: 'out', MapRunArn: output.MapRunArn, ResultFiles: { PENDING: [] } });
    const [succeeded] = manifest.ResultFiles.SUCCEEDED;
    expect(succeeded).toEqual({ Key: `${folder}/SUCCEEDED_0.json`, Size: Buffer.byteLength(content[`out/${succeeded.Key}`]) });
    expect(JSON.parse(String(content[`out/${succeeded.Key}`]))).toMatchObject([{ Input: '1', Output: '[1,1]', Status: 'SUCCEEDED' }]);
    expect(JSON.parse(String(content[`out/${manifest.ResultFiles.FAILED[0].Key}`]))).toMatchObject([
      { Error: 'Bad', Cause: 'two', Status: 'FAILED' },
    ]);
  });

  test('what a redrive took up again is among the failed no more, written before or not', async () => {
    const objects = bucket({});
    let first = true;
    const { clock, engine, finish, start } = stage(
      async (call) => {
        if (first) await clock.sleepUntil(clock.now() + 60_000, call.signal);
        return call.input;
      },
      { objects },
    );
    const execution = start(distributed({ ResultWriter }, task), { input: [1, 2] });
    await clock.settle();
    engine.stopExecution(execution.arn);
    first = false;
    engine.redriveExecution(execution.arn);
    await finish(execution);
    const manifest = Object.keys(objects.content).find((name) => name.endsWith('manifest.json')) ?? '';
    const { ResultFiles } = JSON.parse(String(objects.content[manifest]));
    expect([ResultFiles.FAILED, ResultFiles.PENDING]).toEqual([[], []]);
  });

  test('children that were stopped stand among the failed, those that had not been started are pending', async () => {
    const objects = bucket({});
    const { clock, finish, start } = stage(
      async (call) => {
        if (call.statePath[1] === '0') throw new StatesError('Bad');
        await clock.sleepUntil(clock.now() + 60_000, call.signal);
      },
      { objects },
    );
    await finish(start(distributed({ ResultWriter, MaxConcurrency: 2 }, task), { input: [1, 2, 3] }));
    const statuses = (kind: string) => {
      const key = Object.keys(objects.content).find((name) => name.endsWith(`${kind}_0.json`)) ?? '';
      return JSON.parse(String(objects.content[key])).map(({ Input, Status }: Record<string, string>) => `${Input} ${Status}`);
    };
    expect(statuses('FAILED')).toEqual(['1 FAILED', '2 ABORTED']);
    expect(statuses('PENDING')).toEqual(['3 PENDING']);
  });

  test('those of a Map Run that was aborted are written as well', async () => {
    const objects = bucket({});
    const { clock, engine, start } = stage((call) => clock.sleepUntil(clock.now() + 60_000, call.signal), { objects });
    const execution = start(distributed({ ResultWriter, MaxConcurrency: 1 }, task), { input: [1, 2] });
    await clock.advance(1000);
    engine.stopExecution(execution.arn);
    await clock.settle();
    const file = (end: string) => JSON.parse(String(objects.content[Object.keys(objects.content).find((key) => key.endsWith(end)) ?? '']));
    expect(file('FAILED_0.json')).toMatchObject([{ Input: '1', Status: 'ABORTED' }]);
    expect(file('PENDING_0.json')).toMatchObject([{ Input: '2', Status: 'PENDING' }]);
    expect(file('manifest.json').ResultFiles).toMatchObject({ SUCCEEDED: [], FAILED: [{}], PENDING: [{}] });
  });

  test('flattened JSON lines', async () => {
    const writer = { ...ResultWriter, WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' } };
    const { content } = await run(distributed({ ResultWriter: writer }, task), {}, [1, 3], bad);
    const file = Object.keys(content).find((key) => key.endsWith('SUCCEEDED_0.jsonl')) ?? '';
    expect(content[file]).toBe('1\n1\n3\n3\n');
  });

  test('WriterConfig alone shapes the state’s output', async () => {
    const { execution } = await run(
      distributed({ ResultWriter: { WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSON' } } }, task),
      {},
      [1, 3],
      bad,
    );
    expect(execution.output).toEqual([1, 1, 3, 3]);
  });

  test('a bucket that refuses is States.ResultWriterFailed', async () => {
    const objects = bucket({});
    objects.put = () => Promise.reject(new StatesError('S3.AccessDenied', 'no'));
    const { execution } = await run(distributed({ ResultWriter }), {}, [1], undefined, { objects });
    expect(execution).toMatchObject({ error: 'States.ResultWriterFailed', cause: 'S3.AccessDenied: no' });
  });
});
