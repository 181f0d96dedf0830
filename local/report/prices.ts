/**
 * List prices of us-east-1 in US dollars: first tier, free tiers left out. AWS's own pages fill in their tables by script, so each
 * amount was taken from a copy of the page; `seen` is that copy's date, and the page itself is what counts.
 */
export interface Price {
  /** As a bill's reader calls it. */
  readonly what: string;
  readonly service: string;
  readonly usd: number;
  /** For so many units. */
  readonly per: number;
  readonly unit: string;
  /** The AWS page. */
  readonly page: string;
  /** The date of the copy that the amount was read in: year and month, or year. @default - a copy without a date */
  readonly seen?: string;
}

export const PRICES = {
  transition: price('Step Functions', 'Standard: state transitions', 0.025, 1_000, 'transitions', 'step-functions', '2026-03'),
  expressRequest: price('Step Functions', 'Express: requests', 1, 1_000_000, 'requests', 'step-functions', '2026-03'),
  expressDuration: price('Step Functions', 'Express: duration', 0.00001667, 1, 'GB-seconds', 'step-functions', '2026-03'),
  lambdaRequest: price('Lambda', 'requests', 0.2, 1_000_000, 'requests', 'lambda', '2026-03'),
  lambdaArm: price('Lambda', 'duration on arm64', 0.0000133334, 1, 'GB-seconds', 'lambda', '2026-03'),
  lambdaX86: price('Lambda', 'duration on x86_64', 0.0000166667, 1, 'GB-seconds', 'lambda', '2026-03'),
  dynamodbRead: price('DynamoDB', 'on-demand reads', 0.125, 1_000_000, 'read units', 'dynamodb', '2025-07'),
  dynamodbWrite: price('DynamoDB', 'on-demand writes', 0.625, 1_000_000, 'write units', 'dynamodb', '2025-07'),
  snsPublish: price('SNS', 'messages published, by 64 KB', 0.5, 1_000_000, 'requests', 'sns', '2026-06'),
  snsMail: price('SNS', 'mails', 2, 100_000, 'mails', 'sns', '2026-06'),
  sqsStandard: price('SQS', 'requests to standard queues', 0.4, 1_000_000, 'requests', 'sqs', '2026-06'),
  sqsFifo: price('SQS', 'requests to FIFO queues', 0.5, 1_000_000, 'requests', 'sqs', '2026-06'),
  event: price('EventBridge', 'custom events, by 64 KB', 1, 1_000_000, 'events', 'eventbridge', '2026-06'),
  kms: price('KMS', 'requests', 0.03, 10_000, 'requests', 'kms', '2026-06'),
  httpApi: price('API Gateway', 'requests to HTTP APIs', 1, 1_000_000, 'requests', 'api-gateway', '2025-05'),
  s3Write: price('S3', 'PUT, COPY, POST and LIST', 0.005, 1_000, 'requests', 's3'),
  s3Read: price('S3', 'GET and others', 0.0004, 1_000, 'requests', 's3'),
  secret: price('Secrets Manager', 'API calls', 0.05, 10_000, 'calls', 'secrets-manager'),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

function price(service: string, what: string, usd: number, per: number, unit: string, page: string, seen?: string): Price {
  return { service, what, usd, per, unit, page: `aws.amazon.com/${page}/pricing`, seen };
}
