/** The optimized integrations. Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html */
import type { Json } from '../cloud-types';
import { StatesError } from '../engine/types';
import type { Pattern } from './resource';

export interface Optimized {
  readonly service: string;
  readonly operation: string;
  readonly patterns: readonly Pattern[];
  /** Members that take any JSON and send its text. `Entries.Detail` is `Detail` of each of the `Entries`. */
  readonly textMembers?: readonly string[];
  /** Fails for what the API reports in an answer of success. */
  check?(output: Readonly<Record<string, Json>>): void;
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
  },
};

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
