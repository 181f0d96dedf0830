/** Our cloud with its endpoint open, in a process of its own, until standard input ends; it says where it is, and what calls cost inside. */
import { LocalCloud } from '../../local';

/** Microseconds a round, the best of some: others are at work on this machine too. */
async function microseconds(rounds: number, work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    const begin = process.hrtime.bigint();
    for (let round = 0; round < rounds; round++) await work();
    best = Math.min(best, Number(process.hrtime.bigint() - begin) / 1000 / rounds);
  }
  return best;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function main(directory: string): Promise<void> {
  const cloud = await LocalCloud.fromAssembly(directory);
  const role = cloud.find('AWS::IAM::Role', 'Caller').attributes.Arn as string;
  const table = cloud.table('Table').name;
  const bucket = cloud.bucket('Bucket').name;
  const principal = { kind: 'role', arn: role } as const;

  const calls = [];
  for (let call = 0; call < 31; call++) {
    const begin = process.hrtime.bigint();
    await cloud.function('Echo').invoke({ call });
    calls.push(Number(process.hrtime.bigint() - begin) / 1e6);
  }
  const [coldMs, ...warm] = calls;

  const item = { id: { S: 'inside' }, text: { S: 'x'.repeat(100) } };
  const tableArn = `arn:aws:dynamodb:${cloud.region}:${cloud.accountId}:table/${table}`;
  const inside = {
    access: await microseconds(5_000, () => cloud.access.authorize(principal, { action: 'dynamodb:PutItem', resource: tableArn })),
    putItem: await microseconds(2_000, () =>
      cloud.call({ service: 'dynamodb', operation: 'PutItem', input: { TableName: table, Item: item }, principal }),
    ),
    getItem: await microseconds(2_000, () =>
      cloud.call({ service: 'dynamodb', operation: 'GetItem', input: { TableName: table, Key: { id: item.id } }, principal }),
    ),
    putObject: await microseconds(2_000, () =>
      cloud.call({ service: 's3', operation: 'PutObject', input: { Bucket: bucket, Key: 'inside', Body: Buffer.alloc(1024) }, principal }),
    ),
  };
  // biome-ignore lint/complexity/useLiteralKeys: it is private, since handlers are told of it and nobody else
  const gateway = cloud['gateway'];
  console.log(
    JSON.stringify({
      endpoint: gateway.url,
      credentials: gateway.credentialsFor(role),
      table,
      bucket,
      coldMs,
      warmMs: median(warm),
      inside,
    }),
  );
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await cloud.dispose();
}

void main(process.argv[2]);
