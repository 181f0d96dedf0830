import type { Json, JsonObject } from '../../lib/asl/json';
import type { Run } from './run';

let latest = { milliseconds: 0, text: new Date(0).toISOString() };

/** AWS writes milliseconds always. Most states are entered at the same instant as the one before. */
export function timestampText(milliseconds: number): string {
  if (latest.milliseconds !== milliseconds) latest = { milliseconds, text: new Date(milliseconds).toISOString() };
  return latest.text;
}

/** States whose context object counts their retries. */
const RETRIED = new Set(['Task', 'Parallel', 'Map']);

/** `$$.Execution`, the same for all states. */
export function executionContext(run: Run): JsonObject {
  return {
    Id: run.arn,
    Input: run.inputValue,
    StartTime: timestampText(run.startDate),
    Name: run.name,
    RoleArn: run.machine.roleArn,
    ...(run.machine.type === 'STANDARD' ? { RedriveCount: run.redriveCount } : {}),
    ...(run.redriveDate === undefined ? {} : { RedriveTime: timestampText(run.redriveDate) }),
  };
}

/**
 * The context object of a state, as it is entered.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextObject(run: Run, inherited: JsonObject, state: { name: string; type: string; enteredAt: number }): JsonObject {
  return {
    Execution: run.contextObject(),
    ...inherited,
    StateMachine: run.stateMachine,
    State: { Name: state.name, EnteredTime: timestampText(state.enteredAt), ...(RETRIED.has(state.type) ? { RetryCount: 0 } : {}) },
  };
}

/** What a Map adds for one item; a Distributed Map says also where the item is from, and its key if it is a member of an object. */
export function mapContext(index: number, value: Json, source?: string, key?: string): JsonObject {
  const item: JsonObject = { Index: index };
  if (key !== undefined) item.Key = key;
  item.Value = value;
  if (source !== undefined) item.Source = source;
  return { Map: { Item: item } };
}
