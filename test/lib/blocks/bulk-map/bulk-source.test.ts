import { App, aws_kms as kms, Stack, aws_s3 as s3, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { BulkFormat, BulkSource } from '../../../../lib';

const stack = new Stack(new App(), 'Test');
const bucket = s3.Bucket.fromBucketName(stack, 'Source', 'data');
const rendered = (source: BulkSource) => stack.resolve(source._reader?.render(sfn.QueryLanguage.JSONATA));
const statements = (source: BulkSource) => stack.resolve(source._statements().map((statement) => statement.toStatementJson()));

const join = (suffix: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, suffix]] });
const GET = join(':states:::s3:getObject');
const LIST = join(':states:::s3:listObjectsV2');
const reads = (...keys: string[]) => ({
  Action: 's3:GetObject',
  Effect: 'Allow',
  Resource: keys.length === 1 ? join(`:s3:::data/${keys[0]}`) : keys.map((key) => join(`:s3:::data/${key}`)),
});
const lists = (prefix?: string) => ({
  Action: 's3:ListBucket',
  Effect: 'Allow',
  Resource: join(':s3:::data'),
  ...(prefix ? { Condition: { StringLike: { 's3:prefix': prefix } } } : {}),
});

const CASES: [string, BulkSource, object, object[]][] = [
  ['objects', BulkSource.objects(bucket), { Resource: LIST, Arguments: { Bucket: 'data' } }, [lists()]],
  [
    'objects below a prefix',
    BulkSource.objects(bucket, { prefix: 'in/' }),
    { Resource: LIST, Arguments: { Bucket: 'data', Prefix: 'in/' } },
    [lists('in/*')],
  ],
  [
    'objects below a prefix that the run names',
    BulkSource.objects(bucket, { prefix: '{% $states.input.day %}' }),
    { Resource: LIST, Arguments: { Bucket: 'data', Prefix: '{% $states.input.day %}' } },
    [lists()],
  ],
  [
    'contents of objects',
    BulkSource.objectContents(bucket, { prefix: 'in/', format: BulkFormat.CSV }),
    {
      Resource: LIST,
      ReaderConfig: { InputType: 'CSV', Transformation: 'LOAD_AND_FLATTEN', CSVHeaderLocation: 'FIRST_ROW' },
      Arguments: { Bucket: 'data', Prefix: 'in/' },
    },
    [lists('in/*'), reads('in/*')],
  ],
  [
    'CSV',
    BulkSource.csv(bucket, 'a.csv'),
    { Resource: GET, ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' }, Arguments: { Bucket: 'data', Key: 'a.csv' } },
    [reads('a.csv')],
  ],
  [
    'CSV with headers of its own',
    BulkSource.csv(bucket, 'a.csv', { headers: ['a', 'b'], delimiter: sfn.CsvDelimiter.TAB }),
    {
      Resource: GET,
      ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a', 'b'], CSVDelimiter: 'TAB' },
      Arguments: { Bucket: 'data', Key: 'a.csv' },
    },
    [reads('a.csv')],
  ],
  [
    'JSON',
    BulkSource.json(bucket, 'a.json', { itemsPointer: '/orders' }),
    { Resource: GET, ReaderConfig: { InputType: 'JSON', ItemsPointer: '/orders' }, Arguments: { Bucket: 'data', Key: 'a.json' } },
    [reads('a.json')],
  ],
  [
    'JSON Lines of a key that the run names',
    BulkSource.jsonLines(bucket, '{% $states.input.key %}'),
    { Resource: GET, ReaderConfig: { InputType: 'JSONL' }, Arguments: { Bucket: 'data', Key: '{% $states.input.key %}' } },
    [reads('*')],
  ],
  [
    'Parquet',
    BulkSource.parquet(bucket, 'a.parquet'),
    { Resource: GET, ReaderConfig: { InputType: 'PARQUET' }, Arguments: { Bucket: 'data', Key: 'a.parquet' } },
    [reads('a.parquet')],
  ],
  [
    'inventory',
    BulkSource.inventory(bucket, 'inv/source/daily/2026-01-05T01-00Z/manifest.json'),
    {
      Resource: GET,
      ReaderConfig: { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' },
      Arguments: { Bucket: 'data', Key: 'inv/source/daily/2026-01-05T01-00Z/manifest.json' },
    },
    [reads('inv/source/daily/2026-01-05T01-00Z/manifest.json', 'inv/source/daily/data/*')],
  ],
  [
    'inventory that the run names',
    BulkSource.inventory(bucket, '{% $states.input.manifest %}', { dataPrefix: 'inv/data/' }),
    {
      Resource: GET,
      ReaderConfig: { InputType: 'MANIFEST', ManifestType: 'S3_INVENTORY' },
      Arguments: { Bucket: 'data', Key: '{% $states.input.manifest %}' },
    },
    [reads('*', 'inv/data/*')],
  ],
];

test.each(CASES)('%s', (_, source, reader, policy) => {
  expect(rendered(source)).toEqual(reader);
  expect(statements(source)).toEqual(policy);
});

test('an array needs no reader and no permission', () => {
  const source = BulkSource.array('{% $states.input.orders %}');
  expect([source._reader, source._items, statements(source)]).toEqual([undefined, '{% $states.input.orders %}', []]);
});

test('of a bucket with a key of its own, the key may be used to read', () => {
  const encryptionKey = new kms.Key(stack, 'Key');
  const encrypted = new s3.Bucket(stack, 'Encrypted', { encryptionKey });
  const decrypt = { Action: 'kms:Decrypt', Effect: 'Allow', Resource: stack.resolve(encryptionKey.keyArn) };
  expect(statements(BulkSource.csv(encrypted, 'a.csv'))).toContainEqual(decrypt);
  // Listing decrypts nothing.
  expect(statements(BulkSource.objects(encrypted))).not.toContainEqual(decrypt);
});

test.each([
  [() => BulkSource.array('$states.input.orders'), /is no JSONata expression: write it as '\{% \$states\.input\.<field> %\}'/],
  [() => BulkSource.inventory(bucket, '{% $states.input.manifest %}'), /give dataPrefix/],
])('%#: what can not be is refused', (make, message) => {
  expect(make).toThrow(message);
});
