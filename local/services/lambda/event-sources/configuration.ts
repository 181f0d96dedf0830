/** What an event source mapping is told. Source: https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
import { ApiError, type Json } from '../../../cloud-types';
import { notImplemented } from '../../errors';
import { matchesPattern, type Pattern } from '../../event-pattern';
import { isTrue } from '../../identifiers';

export type SourceKind = 'sqs' | 'dynamodb';

export interface MappingConfiguration {
  readonly kind: SourceKind;
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportsItemFailures: boolean;
  /** Whether an event passes; one that doesn't is never seen by the function. */
  accepts(event: Json): boolean;
  /** SQS only. */
  readonly maximumConcurrency?: number;
  /** Streams only, as all below. -1 is without end. */
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeSeconds: number;
  readonly bisect: boolean;
  readonly startingPosition?: 'TRIM_HORIZON' | 'LATEST';
  readonly onFailure?: string;
}

/** Would change what the function is given, and nothing here carries it out. */
const UNEMULATED = ['KmsKeyArn', 'ProvisionedPollerConfig', 'StartingPositionTimestamp', 'LoggingConfig', 'MetricsConfig'];

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html and …/services-ddb-params.html */
const MAX_BATCH = 10_000;

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
export function readConfiguration(properties: Record<string, any>): MappingConfiguration {
  const sourceArn: string | undefined = properties.EventSourceArn;
  const kind = sourceArn?.split(':')[2];
  if (!sourceArn || (kind !== 'sqs' && kind !== 'dynamodb')) {
    throw notImplemented(`event source mappings from ${sourceArn ?? 'self-managed sources'}: SQS queues and DynamoDB streams are`);
  }
  const unemulated = UNEMULATED.find((name) => properties[name] !== undefined);
  if (unemulated) throw notImplemented(`the property ${unemulated} of AWS::Lambda::EventSourceMapping`);
  if (Number(properties.ParallelizationFactor ?? 1) > 1) throw notImplemented('a ParallelizationFactor above 1');
  if (Number(properties.TumblingWindowInSeconds ?? 0) > 0) throw notImplemented('TumblingWindowInSeconds');

  const batchSize = within('BatchSize', properties.BatchSize ?? (kind === 'sqs' ? 10 : 100), 1, MAX_BATCH);
  const windowSeconds = within('MaximumBatchingWindowInSeconds', properties.MaximumBatchingWindowInSeconds ?? 0, 0, 300);
  if (kind === 'sqs') checkQueue(sourceArn, batchSize, windowSeconds);
  const position = properties.StartingPosition;
  if (kind === 'dynamodb' && position !== 'TRIM_HORIZON' && position !== 'LATEST') {
    throw invalid(`StartingPosition is ${position ?? 'missing'}: a DynamoDB stream is read from TRIM_HORIZON or LATEST.`);
  }
  const concurrency = properties.ScalingConfig?.MaximumConcurrency;
  const onFailure = properties.DestinationConfig?.OnFailure?.Destination;
  if (onFailure && !/^arn:[^:]+:(sqs|sns):/.test(onFailure))
    throw notImplemented(`the on-failure destination ${onFailure} of an event source mapping`);
  return {
    kind,
    sourceArn,
    enabled: properties.Enabled === undefined || isTrue(properties.Enabled),
    batchSize,
    windowMs: windowSeconds * 1000,
    reportsItemFailures: (properties.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
    accepts: readFilters(properties.FilterCriteria?.Filters ?? []),
    maximumConcurrency: concurrency === undefined ? undefined : within('MaximumConcurrency', concurrency, 2, 1000),
    maximumRetryAttempts: within('MaximumRetryAttempts', properties.MaximumRetryAttempts ?? -1, -1, 10_000),
    maximumRecordAgeSeconds: recordAge(properties.MaximumRecordAgeInSeconds),
    bisect: isTrue(properties.BisectBatchOnFunctionError),
    startingPosition: position,
    onFailure,
  };
}

function checkQueue(arn: string, batchSize: number, windowSeconds: number): void {
  if (arn.endsWith('.fifo')) {
    if (batchSize > 10) throw invalid('Maximum batch size for FIFO queues is 10.');
    if (windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
  } else if (batchSize > 10 && windowSeconds < 1) {
    throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
  }
}

/** Either without end, or a minute at least. */
function recordAge(value: unknown): number {
  const age = Number(value ?? -1);
  return age === -1 ? -1 : within('MaximumRecordAgeInSeconds', age, 60, 604_800);
}

function within(name: string, value: unknown, min: number, max: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw invalid(`${name} is ${value}: it must be between ${min} and ${max}.`);
}

/** Any of the filters. https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html */
function readFilters(filters: readonly { readonly Pattern?: string }[]): (event: Json) => boolean {
  if (filters.length > 10) throw invalid(`An event source mapping takes up to 10 filters, not ${filters.length}.`);
  const patterns = filters.map(({ Pattern = '{}' }): Pattern => {
    try {
      return JSON.parse(Pattern);
    } catch {
      throw invalid(`Invalid filter pattern definition: ${Pattern}`);
    }
  });
  return (event) => patterns.length === 0 || patterns.some((pattern) => matchesPattern(pattern, event));
}

export const invalid = (message: string): ApiError => new ApiError('InvalidParameterValueException', message, 400, { Type: 'User' });
