/** The optimized integrations. Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
import type { Json } from '../cloud-types';
import { StatesError } from '../engine/types';
import { BATCH_JOB, BUILD, ECS_TASK, GLUE_JOB_RUN, type Job, NESTED_EXECUTION } from './job';
import type { Pattern } from './resource';

export interface Optimized {
  readonly service: string;
  readonly operation: string;
  readonly patterns: readonly Pattern[];
  /** Members that take any JSON and send its text. `Entries.Detail` is `Detail` of each of the `Entries`. */
  readonly textMembers?: readonly string[];
  /** What the integration adds to the API's input. */
  prepare?(input: Record<string, unknown>, pattern: Pattern): Record<string, unknown>;
  /** Members of the input that the integration adds to the answer. */
  readonly echo?: readonly string[];
  /** Fails for what the API reports in an answer of success. */
  check?(output: Readonly<Record<string, Json>>, pattern: Pattern): void;
  /** `.sync`: how the end of what was started is learned of. */
  readonly job?: Job;
}

const dynamodb = (operation: string): Optimized => ({ service: 'dynamodb', operation, patterns: ['request'] });

export const OPTIMIZED: Readonly<Record<string, Optimized>> = {
  'lambda:invoke': { service: 'lambda', operation: 'Invoke', patterns: ['request', 'waitForTaskToken'] },
  'dynamodb:getItem': dynamodb('GetItem'),
  'dynamodb:putItem': dynamodb('PutItem'),
  'dynamodb:updateItem': dynamodb('UpdateItem'),
  'dynamodb:deleteItem': dynamodb('DeleteItem'),
  'sns:publish': { service: 'sns', operation: 'Publish', patterns: ['request', 'waitForTaskToken'], textMembers: ['Message'] },
  'sqs:sendMessage': { service: 'sqs', operation: 'SendMessage', patterns: ['request', 'waitForTaskToken'], textMembers: ['MessageBody'] },
  'events:putEvents': {
    service: 'eventbridge',
    operation: 'PutEvents',
    patterns: ['request', 'waitForTaskToken'],
    textMembers: ['Entries.Detail'],
    // https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
    check(output) {
      if (output.FailedEntryCount !== 0) throw new StatesError('EventBridge.FailedEntry', JSON.stringify(output));
    },
  },
  'states:startExecution': {
    service: 'sfn',
    operation: 'StartExecution',
    patterns: ['request', 'sync', 'sync:2', 'waitForTaskToken'],
    textMembers: ['Input'],
    job: NESTED_EXECUTION,
  },
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
  'glue:startJobRun': {
    service: 'glue',
    operation: 'StartJobRun',
    patterns: ['request', 'sync'],
    echo: ['JobName'],
    job: GLUE_JOB_RUN,
  },
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
  'ecs:runTask': {
    service: 'ecs',
    operation: 'RunTask',
    patterns: ['request', 'sync', 'waitForTaskToken'],
    prepare: (input) => ({ startedBy: 'AWS Step Functions', ...input }),
    check({ Failures }, pattern) {
      const failed = Array.isArray(Failures) && Failures.length > 0;
      if (failed && pattern !== 'request') throw new StatesError('AmazonECS.Unknown', JSON.stringify(Failures));
    },
    job: ECS_TASK,
  },
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html
  'batch:submitJob': {
    service: 'batch',
    operation: 'SubmitJob',
    patterns: ['request', 'sync'],
    prepare: (input, pattern) => (pattern === 'sync' ? markedAsManaged(input) : input),
    job: BATCH_JOB,
  },
  // https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html
  'codebuild:startBuild': { service: 'codebuild', operation: 'StartBuild', patterns: ['request', 'sync'], job: BUILD },
  'codebuild:stopBuild': { service: 'codebuild', operation: 'StopBuild', patterns: ['request'] },
};

/** A job that Step Functions waits for finds that in its environment. */
function markedAsManaged(input: Record<string, unknown>): Record<string, unknown> {
  const overrides = (input.containerOverrides ?? {}) as { readonly environment?: readonly unknown[] };
  const mark = { name: 'MANAGED_BY_AWS', value: 'STARTED_BY_STEP_FUNCTIONS' };
  return { ...input, containerOverrides: { ...overrides, environment: [...(overrides.environment ?? []), mark] } };
}

/** Objects become JSON text where the integration says so; text stays as it is. */
export function asText(parameters: Json, members: readonly string[]): Json {
  return members.reduce((value, member) => textAt(value, member.split('.')), parameters);
}

function textAt(value: Json, [name, ...rest]: readonly string[]): Json {
  if (name === undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  if (Array.isArray(value)) return value.map((item) => textAt(item, [name, ...rest]));
  if (typeof value !== 'object' || value === null || value[name] === undefined || value[name] === null) return value;
  return { ...value, [name]: textAt(value[name], rest) };
}
