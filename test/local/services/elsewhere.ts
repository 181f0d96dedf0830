/**
 * The suites of S3, DynamoDB, SQS and event patterns run against another emulator too: `test/compare/run.ts` sets STEPWORKS_COMPARE to its
 * endpoint. What such an emulator has no way to do, moving virtual time or looking inside, ends a test as `only here: …`, which is no difference.
 */
import type { Clock } from '../../../local/clock';
import { ApiError, type ProvisionedResource } from '../../../local/cloud-types';

export const ELSEWHERE = process.env.STEPWORKS_COMPARE;

export function onlyHere(what: string): never {
  throw new Error(`only here: ${what}`);
}

const REGION = 'us-east-1';
const ACCOUNT = '123456789012';

/** An access key id of twelve digits is an account of its own. */
const credentials = (account: string) => ({ accessKeyId: account, secretAccessKey: 'test', sessionToken: 'test' });

export const credentialsElsewhere = (roleArn?: string) => (roleArn === undefined ? credentials(ACCOUNT) : onlyHere('roles'));

export const clientElsewhere = (roleArn?: string) => ({
  region: REGION,
  endpoint: ELSEWHERE,
  credentials: credentialsElsewhere(roleArn),
  maxAttempts: 1,
});

/** Nothing of the test before is left. */
export async function resetElsewhere(): Promise<void> {
  const answer = await fetch(`${ELSEWHERE}/_ministack/reset`, { method: 'POST' });
  if (!answer.ok) throw new Error(`${ELSEWHERE} could not be reset: ${answer.status}`);
}

/** Time passes elsewhere as well, but really. */
const PATIENCE_MS = 2_500;

export const clockElsewhere: Clock & { advance(ms: number): Promise<void> } = {
  now: () => onlyHere('virtual time'),
  sleepUntil: () => onlyHere('virtual time'),
  busy: async (work) => (typeof work === 'function' ? work() : work),
  async advance(ms) {
    if (ms > PATIENCE_MS) onlyHere('virtual time');
    await new Promise((resolve) => setTimeout(resolve, ms + 50));
  },
};

// biome-ignore lint/suspicious/noExplicitAny: of any operation
export async function callElsewhere(service: string, operation: string, input: object, account = ACCOUNT): Promise<any> {
  const sdk = require(`@aws-sdk/client-${service}`);
  const name = Object.keys(sdk).find((exported) => /^[A-Z]\w*Client$/.test(exported)) as string;
  const client = new sdk[name]({ ...clientElsewhere(), credentials: credentials(account), forcePathStyle: true });
  try {
    const { $metadata: _, ...output } = await client.send(new sdk[`${operation}Command`](input));
    return output;
  } catch (error) {
    const { name: code, message, $metadata, ...others } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if ($metadata?.httpStatusCode === undefined) throw error;
    const members = Object.fromEntries(Object.entries(others).filter(([member, value]) => !member.startsWith('$') && value !== undefined));
    throw new ApiError(code, message, $metadata.httpStatusCode, members);
  } finally {
    client.destroy();
  }
}

type Properties = Record<string, unknown>;

const MAKERS: Readonly<Record<string, (properties: Properties, account: string) => Promise<ProvisionedResource>>> = {
  async 'AWS::S3::Bucket'({ BucketName: Bucket, VersioningConfiguration, ...others }) {
    allKnown('AWS::S3::Bucket', others);
    await callElsewhere('s3', 'CreateBucket', { Bucket });
    if (VersioningConfiguration) await callElsewhere('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration });
    return { ref: Bucket as string };
  },
  async 'AWS::DynamoDB::Table'({ TimeToLiveSpecification, ...properties }, account) {
    const { TableDescription } = await callElsewhere('dynamodb', 'CreateTable', properties, account);
    if (TimeToLiveSpecification) onlyHere('virtual time');
    return { ref: TableDescription.TableName, attributes: { Arn: TableDescription.TableArn } };
  },
  async 'AWS::SQS::Queue'({ QueueName, ...properties }) {
    const text = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
    const Attributes = Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, text(value)]));
    const { QueueUrl } = await callElsewhere('sqs', 'CreateQueue', { QueueName, Attributes });
    return { ref: QueueUrl, attributes: { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}`, QueueName, QueueUrl } };
  },
};

export async function createElsewhere(type: string, properties: Properties, account = ACCOUNT): Promise<ProvisionedResource> {
  const make = MAKERS[type] ?? onlyHere(`the resource type ${type}`);
  return make(properties, account);
}

function allKnown(type: string, others: Properties): void {
  const [unknown] = Object.keys(others);
  if (unknown) onlyHere(`${unknown} of ${type}`);
}
