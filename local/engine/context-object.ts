import type { Json, JsonObject } from '../../lib/asl/json';
import type { Run } from './run';

/** AWS writes milliseconds always. */
export function timestampText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** States whose context object counts their retries. */
const RETRIED = new Set(['Task', 'Parallel', 'Map']);

/**
 * The context object of a state, as it is entered.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextObject(run: Run, inherited: JsonObject, state: { name: string; type: string; enteredAt: number }): JsonObject {
  const { machine } = run;
  return {
    Execution: {
      Id: run.arn,
      Input: run.inputValue,
      StartTime: timestampText(run.startDate),
      Name: run.name,
      RoleArn: machine.roleArn,
      ...(machine.type === 'STANDARD' ? { RedriveCount: run.redriveCount } : {}),
      ...(run.redriveDate === undefined ? {} : { RedriveTime: timestampText(run.redriveDate) }),
    },
    ...inherited,
    StateMachine: { Id: run.stateMachineArn, Name: run.stateMachineName },
    State: { Name: state.name, EnteredTime: timestampText(state.enteredAt), ...(RETRIED.has(state.type) ? { RetryCount: 0 } : {}) },
  };
}

/** What a Map adds for one item; a Distributed Map says also where the item is from. */
export function mapContext(index: number, value: Json, source?: string): JsonObject {
  return { Map: { Item: { Index: index, Value: value, ...(source === undefined ? {} : { Source: source }) } } };
}
