// The same calls to an endpoint, by the real SDK: `client.mjs <endpoint as JSON>` writes operations a second as JSON.
import { Agent } from 'node:http';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const { endpoint, credentials, table, bucket, create } = JSON.parse(process.argv[2]);
const SECONDS = 1;
const AT_ONCE = 16;
const config = {
  endpoint,
  credentials,
  region: 'us-east-1',
  requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: AT_ONCE }) },
};
const s3 = new S3Client({ ...config, forcePathStyle: true });
const dynamodb = new DynamoDBClient(config);

if (create) {
  const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' }];
  const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' }];
  await dynamodb.send(new CreateTableCommand({ TableName: table, AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' }));
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
}

const small = Buffer.alloc(1024, 'x');
const large = Buffer.alloc(1024 * 1024, 'x');
const text = { S: 'x'.repeat(100) };
const id = (n) => ({ S: `item-${n % 1000}` });
const operations = {
  'S3 PutObject, 1 KB': (n) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: `small/${n % 1000}`, Body: small })),
  'S3 GetObject, 1 KB': async (n) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: `small/${n % 10}` }));
    if ((await Body.transformToByteArray()).length !== small.length) throw new Error('not what was put');
  },
  'S3 PutObject, 1 MB': (n) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: `large/${n % 10}`, Body: large })),
  'S3 ListObjectsV2': () => s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'small/', MaxKeys: 100 })),
  'DynamoDB PutItem': (n) => dynamodb.send(new PutItemCommand({ TableName: table, Item: { id: id(n), text, n: { N: String(n) } } })),
  'DynamoDB GetItem': async (n) => {
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: table, Key: { id: id(n % 10) } }));
    if (Item?.text.S !== text.S) throw new Error('not what was put');
  },
  'DynamoDB Query': async (n) => {
    const { Count } = await dynamodb.send(
      new QueryCommand({ TableName: table, KeyConditionExpression: 'id = :id', ExpressionAttributeValues: { ':id': id(n % 10) } }),
    );
    if (Count !== 1) throw new Error('not what was put');
  },
};

async function perSecond(operation, atOnce) {
  for (let n = 0; n < 20; n++) await operation(n);
  const begin = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - begin < SECONDS * 1000) await operation(done++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done / ((performance.now() - begin) / 1000);
}

const rates = {};
for (const [name, operation] of Object.entries(operations)) {
  rates[name] = { one: await perSecond(operation, 1), many: await perSecond(operation, AT_ONCE) };
}
console.log(JSON.stringify(rates));
process.exit(0);
