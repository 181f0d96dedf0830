import { gzipSync } from 'node:zlib';
import { parquetMetadata } from 'hyparquet';
import { ByteWriter, type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { type ObjectsPort, StatesError } from '../../../local/engine';
import { parquetItems } from '../../../local/engine/distributed/parquet';
import { seededRandom } from '../../../local/engine/random';
import { only, stage } from './play';

type Options = Omit<ParquetWriteOptions, 'writer'>;
type Schema = NonNullable<Options['schema']>;

/** Rows of which no other writer here can make a file: ZSTD, written by pyarrow 26. */
const ZSTD =
  'UEFSMRUEFSAVMkwVBBUAEgAAKLUv/SAQgQAAAQAAAAAAAAADAAAAAAAAABUAFRIVJCwVBhUQFQYVBhwAAAAotS/9IAlJAAACAAAAAwUBAwIVBBUkFTZMFQQVABIAACi1L/0gEpEAAAAAAAAAAAAAOf////7gjgT7MxUAFRIVJCwVBhUQFQYVBhwAAAAotS/9IAlJAAACAAAAAwUBAwIVBBUKFRxMFQIVABIAACi1L/0gBSkAAAEAAABhFQAVIBUyLBUIFRAVBhUGHAAAACi1L/0gEIEAAAIAAAADAgMAAAADGwABAgAVBBlsNQAYBnNjaGVtYRUGABUEJQIYAW4AFQ4VEhUCGAVwcmljZSUKFQQVKCxcFQQVKAAAADUCGAR0YWdzFQIVBkw8AAAANQQYBGxpc3QVAgAVDCUCGAdlbGVtZW50JQBMHAAAABYGGRwZPCYAHBUEGTUABhAZGAFuFQwWBhZ0FpgBJlYmCCksFQQVABUCABUAFRAVAgA8KQYZJgIEAAAAJgAcFQ4ZNQAGEBkYBXByaWNlFQwWBhZ4FpwBJvIBJqABKSwVBBUAFQIAFQAVEBUCADwpBhkmAgQAAAAmABwVDBk1AAYQGTgEdGFncwRsaXN0B2VsZW1lbnQVDBYIFmwWkAEm9AImvAIpLBUEFQAVAgAVABUQFQIAPBYCGSYGAhlGAgICAgAAABbYAhYGJggWxAMAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRk8HAAAHAAAHAAAAGEBAABQQVIx';

/** With a checksum for each page, by the same. */
const CHECKSUMS =
  'UEFSMRUEFRgVHBWw+P+bAzwVBhUAEgAADCwBAAAAAgAAAAMAAAAVABUUFRgV/v7inAIcFQYVEBUGFQYcAAAACiQCAAAABgECAyQAFQQVFBUYFbyxitECPBUEFQASAAAKJAEAAABhAQAAAGIVABUSFRYVzdjW9gMcFQYVEBUGFQYcAAAACSACAAAAAwMBAwIVBBk8NQAYBnNjaGVtYRUEABUCJQIYAW4AFQwlAhgBcyUATBwAAAAWBhkcGSwmABwVAhk1AAYQGRgBbhUCFgYWhgEWjgEmTCYIKSwVBBUAFQIAFQAVEBUCADwpBhkmAAYAAAAmABwVDBk1AAYQGRgBcxUCFgYWgAEWiAEm1gEmlgEpLBUEFQAVAgAVABUQFQIAPBYEGQYZJgIEAAAAFoYCFgYmCBaWAgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGSwcAAAcAAAA0wAAAFBBUjE=';

function written(options: Options): Buffer {
  return Buffer.from(parquetWriteBuffer(options));
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

/** A few bytes at a time, so that slices cross pieces. */
async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7);
}

async function read(bytes: Buffer): Promise<unknown[]> {
  const rows = [];
  for await (const row of parquetItems(pieces(bytes), 's3://in/items')) rows.push(row);
  return rows;
}

const failure = (bytes: Buffer): Promise<unknown> => read(bytes).catch((error) => error);

/** One column with a schema of its own. */
function column(data: unknown[], ...elements: Schema): Options {
  return { columnData: [{ name: 'c', data }], schema: [{ name: 'root', num_children: 1 }, ...elements] };
}

/** Changes the footer in place: the first of these bytes after `from`. */
function patched(bytes: Buffer, from: number, pattern: string, replacement: string): Buffer {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(Buffer.from(pattern, 'hex'), from);
  if (at < 0) throw new Error(`the file has no ${pattern}`);
  Buffer.from(replacement, 'hex').copy(copy, at);
  return copy;
}

describe('values as JSON', () => {
  const MILLIS = Date.parse('1969-12-31T23:59:58.750Z');
  test.each<[string, Options, unknown[]]>([
    ['booleans and nulls', { columnData: [{ name: 'c', data: [true, null, false] }] }, [true, null, false]],
    ['64-bit integers', { columnData: [{ name: 'c', data: [-(2n ** 53n), 7n], type: 'INT64' }] }, [-(2 ** 53), 7]],
    [
      'numbers that JSON lacks',
      { columnData: [{ name: 'c', data: [0.1, Number.NaN, Number.POSITIVE_INFINITY], type: 'DOUBLE' }] },
      [0.1, null, null],
    ],
    ['texts', { columnData: [{ name: 'c', data: ['é', '', null], type: 'STRING' }] }, ['é', '', null]],
    ['bytes', { columnData: [{ name: 'c', data: [Uint8Array.of(255, 0)], type: 'BYTE_ARRAY' }] }, ['/wA=']],
    ['embedded JSON', { columnData: [{ name: 'c', data: [{ a: [1] }], type: 'JSON' }] }, [{ a: [1] }]],
    [
      'milliseconds before 1970',
      { columnData: [{ name: 'c', data: [new Date(MILLIS), null], type: 'TIMESTAMP' }] },
      ['1969-12-31T23:59:58.750Z', null],
    ],
    [
      'microseconds without a zone',
      column([-1n, 1_000_001n], {
        name: 'c',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
      }),
      ['1969-12-31T23:59:59.999999', '1970-01-01T00:00:01.000001'],
    ],
    [
      'times of day',
      column([3_723_004], { name: 'c', type: 'INT32', repetition_type: 'REQUIRED', converted_type: 'TIME_MILLIS' }),
      ['01:02:03.004'],
    ],
    [
      'dates',
      column([-1, 20_458], { name: 'c', type: 'INT32', repetition_type: 'REQUIRED', logical_type: { type: 'DATE' } }),
      ['1969-12-31', '2026-01-05'],
    ],
    [
      // 57 * 0.01 is not 0.57.
      'decimals, exactly',
      column([0.57, -3.2, null], {
        name: 'c',
        type: 'INT32',
        repetition_type: 'OPTIONAL',
        converted_type: 'DECIMAL',
        scale: 2,
        precision: 5,
      }),
      [0.57, -3.2, null],
    ],
    [
      'nested lists',
      column(
        [[[1, null], [], null], [], null],
        { name: 'c', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', repetition_type: 'OPTIONAL', type: 'INT32' },
      ),
      [[[1, null], [], null], [], null],
    ],
    [
      'groups',
      column(
        [{ n: 1, at: null }, { n: null, at: 1n }, null],
        { name: 'c', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'n', repetition_type: 'OPTIONAL', type: 'INT32' },
        {
          name: 'at',
          repetition_type: 'OPTIONAL',
          type: 'INT64',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
        },
      ),
      [{ n: 1, at: null }, { n: null, at: '1970-01-01T00:00:00.000000001Z' }, null],
    ],
  ])('%s', async (_, options, expected) => {
    expect(await read(written(options))).toEqual(expected.map((c) => ({ c })));
  });

  test('ZSTD, long decimals, lists', async () => {
    expect(await read(Buffer.from(ZSTD, 'base64'))).toEqual([
      { n: 1, price: 0.57, tags: ['a', null] },
      { n: null, price: null, tags: [] },
      { n: 3, price: -12345678901.25, tags: null },
    ]);
  });

  test('a column may have any name', async () => {
    const bytes = written({ columnData: [{ name: '__proto__', data: ['x'] }] });
    expect(JSON.stringify(await read(bytes))).toBe('[{"__proto__":"x"}]');
  });

  test('no rows', async () => {
    expect(await read(written({ columnData: [{ name: 'c', data: [], type: 'STRING' }] }))).toEqual([]);
  });
});

describe('rows written come back', () => {
  const random = seededRandom(11);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const maybe = <T>(value: T): T | null => (random() < 0.2 ? null : value);
  const text = () => ['', 'a', 'é', '日本', 'x'.repeat(50)][upTo(5)];
  const row = () => ({
    id: upTo(2 ** 31),
    big: maybe(upTo(2 ** 53)),
    ratio: maybe(random() * 1e6),
    yes: maybe(random() < 0.5),
    text: maybe(text()),
    list: maybe(numbers(upTo(4)).map(() => maybe(upTo(100)))),
    group: maybe({ name: maybe(text()), lists: maybe(numbers(upTo(3)).map(() => maybe(numbers(upTo(3)).map(text)))) }),
  });
  const list = (name: string, element: Schema): Schema => [
    { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...element,
  ];
  const schema: Schema = [
    { name: 'root', num_children: 7 },
    { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
    { name: 'big', type: 'INT64', repetition_type: 'OPTIONAL' },
    { name: 'ratio', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    { name: 'yes', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
    { name: 'text', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ...list('list', [{ name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' }]),
    { name: 'group', repetition_type: 'OPTIONAL', num_children: 2 },
    { name: 'name', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ...list('lists', list('element', [{ name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' }])),
  ];
  const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP'] as const;

  test.each(numbers(60))('file %i', async (n) => {
    const rows = numbers(1 + upTo(200)).map(row);
    const columnData = Object.keys(rows[0]).map((name) => ({
      name,
      data: rows.map((r) => (name === 'big' && r.big !== null ? BigInt(r.big) : r[name as keyof typeof r])),
      ...(name === 'text' && n % 2 === 1 && { encoding: 'PLAIN' as const }),
    }));
    const bytes = written({
      columnData,
      schema,
      codec: CODECS[n % 3],
      compressors: { GZIP: (input) => gzipSync(input) },
      rowGroupSize: 1 + upTo(100),
      pageSize: 50 + upTo(2000),
    });
    expect(await read(bytes)).toEqual(rows);
  });

  test('a dictionary, and none', async () => {
    const data = numbers(1000).map((n) => `text ${n % 3}`);
    const files = [undefined, 'PLAIN' as const].map((encoding) =>
      written({ columnData: [{ name: 'c', data, encoding }], codec: 'UNCOMPRESSED' }),
    );
    expect(files[0].length).toBeLessThan(files[1].length / 4);
    for (const file of files) expect(await read(file)).toEqual(data.map((c) => ({ c })));
  });
});

describe('what cannot be read is States.ItemReaderFailed', () => {
  const bytes = written({ columnData: [{ name: 'c', data: numbers(1000), type: 'INT32', nullable: false }], codec: 'UNCOMPRESSED' });
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  const withFooterOf = (length: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt32LE(length, copy.length - 8);
    return copy;
  };

  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'it has 0 bytes, fewer than any Parquet file.'],
    ['another format', Buffer.from('{"a": 1}{"a": 2}'), 'it must begin and end with PAR1'],
    ['its end cut off', bytes.subarray(0, bytes.length - 1), 'it must begin and end with PAR1'],
    ['its beginning cut off', bytes.subarray(1), 'it must begin and end with PAR1'],
    ['its middle cut out', Buffer.concat([bytes.subarray(0, 100), bytes.subarray(footer)]), 'but has'],
    ['an encrypted footer', patched(bytes, bytes.length - 4, '50415231', '50415245'), 'it is encrypted.'],
    ['a footer above 5 MB', withFooterOf(5 * 1024 * 1024 + 1), 'its footer has 5242881 bytes: at most 5242880 (5 MB) are allowed.'],
    ['a footer larger than the file', withFooterOf(bytes.length), `its footer should have ${bytes.length} bytes, but the file has`],
    [
      'a compression that AWS cannot read',
      written({ columnData: [{ name: 'c', data: ['x'] }], codec: 'BROTLI', compressors: { BROTLI: (input) => input } }),
      "the column 'c' has the compression BROTLI: UNCOMPRESSED, SNAPPY, GZIP, ZSTD can be read.",
    ],
    [
      'compressed data that is not',
      written({ columnData: [{ name: 'c', data: ['x'] }], codec: 'GZIP', compressors: { GZIP: (input) => input } }),
      'incorrect header check',
    ],
    [
      'a type without JSON',
      written(
        column([new Uint8Array(12)], {
          name: 'c',
          type: 'FIXED_LEN_BYTE_ARRAY',
          type_length: 12,
          repetition_type: 'REQUIRED',
          converted_type: 'INTERVAL',
        }),
      ),
      'interval not supported',
    ],
    // The page's header, right behind the magic, has after `15` each: the number of values, of nulls, of rows, and the encoding.
    ['an unknown encoding', patched(bytes, 4, '150015d00f1500', '150015d00f1508'), 'unsupported encoding: BIT_PACKED'],
    ['fewer values than rows', patched(bytes, 4, '15d00f1500', '15ce0f1500'), "the column 'c' has 999 values for 1000 rows."],
  ])('%s', async (_, broken, message) => {
    expect(await failure(broken)).toMatchObject({ error: 'States.ItemReaderFailed', causeText: expect.stringContaining(message) });
  });

  test('a row group above 256 MB', async () => {
    const metadata = parquetMetadata(bytes);
    metadata.row_groups[0].total_byte_size = 256n * 1024n * 1024n + 1n;
    const writer = new ByteWriter();
    writer.appendBytes(bytes.subarray(0, footer));
    writeMetadata(writer, metadata);
    writer.appendBytes(Buffer.from('PAR1'));
    expect(await failure(Buffer.from(writer.getBytes()))).toMatchObject({
      causeText: expect.stringContaining('row group 0 has 268435457 bytes: at most 268435456 (256 MB) are allowed.'),
    });
  });

  test('a page whose bits flipped, where it has a checksum', async () => {
    const sound = Buffer.from(CHECKSUMS, 'base64');
    expect(await read(sound)).toEqual([
      { n: 1, s: 'a' },
      { n: 2, s: 'b' },
      { n: 3, s: null },
    ]);
    // The numbers of the first column are its dictionary: 1 becomes 5.
    const flipped = patched(sound, 4, '0100000002000000', '0500000002000000');
    expect(await failure(flipped)).toMatchObject({
      causeText: expect.stringContaining("page 0 of the column 'n' is damaged: its checksum is wrong."),
    });
  });

  test('sizes of pages that lead astray', async () => {
    // The page's header: its size uncompressed, then as it lies there, 4000 bytes each.
    const long = patched(bytes, 4, '15c03e15c03e', '15c03e15c07e');
    expect(await failure(long)).toMatchObject({
      causeText: expect.stringContaining("page 0 of the column 'c' should have 8096 bytes, but"),
    });
    const back = patched(bytes, 4, '15c03e15c03e', '15c03e15c13e');
    expect(await failure(back)).toMatchObject({ causeText: expect.stringContaining("page 0 of the column 'c' should have -4001 bytes") });
    const large = patched(bytes, 4, '15c03e15c03e', '15c07e15c03e');
    expect(await failure(large)).toMatchObject({
      causeText: expect.stringContaining("page 0 of the column 'c' should have 8096 bytes uncompressed"),
    });
  });

  test('a page that keeps the reader busy without end', async () => {
    const file = written({ columnData: [{ name: 'c', data: numbers(1000).map(BigInt), type: 'INT64' }], codec: 'UNCOMPRESSED' });
    // The number of values is moved to another field of the page's header.
    const endless = patched(file, 4, '5c15d00f', '5c95d00f');
    expect(await failure(endless)).toMatchObject({
      error: 'States.ItemReaderFailed',
      causeText: expect.stringContaining('its data is damaged: reading it comes to no end.'),
    });
  });

  test('an integer that a number cannot hold', async () => {
    const file = written({ columnData: [{ name: 'c', data: [2n ** 53n + 1n], type: 'INT64' }] });
    expect(await failure(file)).toMatchObject({ causeText: expect.stringContaining('the number 9007199254740993 has more digits') });
  });

  test('cut off anywhere', async () => {
    for (let length = 0; length < bytes.length; length += 97) {
      expect(await failure(bytes.subarray(0, length))).toMatchObject({ error: 'States.ItemReaderFailed' });
    }
  });

  test('a failure of S3 stays that', async () => {
    const failing = (async function* () {
      yield bytes.subarray(0, 10);
      throw new StatesError('S3.S3Exception', 'connection lost');
    })();
    await expect(parquetItems(failing, 's3://in/items')[Symbol.asyncIterator]().next()).rejects.toMatchObject({ error: 'S3.S3Exception' });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
describe('in a Distributed Map', () => {
  const file = (from: number) =>
    written({ columnData: [{ name: 'n', data: numbers(5).map((n) => from + n), type: 'INT32' }], rowGroupSize: 2 });
  const content: Record<string, Buffer> = {
    'in/a.parquet.gz': file(0),
    'in/b': file(5),
    'in/manifest.csv': Buffer.from('s3://in/a.parquet.gz\ns3://in/b\n'),
  };
  const objects: ObjectsPort = {
    get: async ({ bucket, key }) => pieces(content[`${bucket}/${key}`]),
    async *list() {
      for (const path of ['a.parquet.gz', 'b']) yield { key: path, size: 1, etag: '""', lastModified: 0 };
    },
    put: async () => {},
  };

  async function run(ReaderConfig: object, Parameters: object, operation = 'getObject') {
    const { start, finish } = stage(undefined, { objects });
    const ItemReader = {
      Resource: `arn:aws:states:::s3:${operation}`,
      ReaderConfig: { InputType: 'PARQUET', ...ReaderConfig },
      Parameters,
    };
    const ItemProcessor = { ...only({ Type: 'Pass' }), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
    const ItemSelector = { 'n.$': '$$.Map.Item.Value.n', 'from.$': '$$.Map.Item.Source' };
    return finish(start(only({ Type: 'Map', ItemProcessor, ItemReader, ItemSelector })));
  }

  test('rows of an object, whatever its name ends with, up to MaxItems', async () => {
    const from = 's3://in/a.parquet.gz';
    const { output } = await run({ MaxItems: 3 }, { Bucket: 'in', Key: 'a.parquet.gz' });
    expect(output).toEqual([0, 1, 2].map((n) => ({ n, from })));
  });

  test.each<[string, object, object, string]>([
    ['an Athena manifest', { ManifestType: 'ATHENA_DATA' }, { Bucket: 'in', Key: 'manifest.csv' }, 'getObject'],
    ['listed objects', { Transformation: 'LOAD_AND_FLATTEN' }, { Bucket: 'in' }, 'listObjectsV2'],
  ])('%s', async (_, config, parameters, operation) => {
    const { output } = await run(config, parameters, operation);
    expect(output).toEqual(numbers(10).map((n) => ({ n, from: n < 5 ? 's3://in/a.parquet.gz' : 's3://in/b' })));
  });

  test('VersionId is not supported', async () => {
    const { error, cause } = await run({}, { Bucket: 'in', Key: 'b', VersionId: 'v1' });
    expect(error).toBe('States.ItemReaderFailed');
    expect(cause).toBe('S3 Version ID selection is not currently supported for PARQUET files');
  });
});
