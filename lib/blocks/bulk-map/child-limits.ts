import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Workflow } from '../../asl/definition';
import { historyBudget } from '../../asl/history-budget';
import { Quota } from '../../asl/quotas';

const WAITS = /\.waitForTaskToken$|\.sync(:2)?$|:activity:/;

/** What a child may not do: wait for others in an Express workflow, or write more events than a Standard one may. */
export function assertChildren(name: string, processor: sfn.IChainable, type: sfn.StateMachineType): void {
  const states = renderedStates(processor);
  if (type === sfn.StateMachineType.EXPRESS) {
    const waiting = tasksOf(states).find(({ Resource }) => WAITS.test(String(Resource)));
    if (waiting) {
      throw new Error(
        `the children of the bulk step '${name}' are Express and can't wait for others, as the task ${waiting.Resource} does: leave childType out or make it STANDARD`,
      );
    }
    return;
  }
  const { events } = historyBudget(states as unknown as Workflow);
  if (events > Quota.HISTORY_EVENTS) {
    throw new Error(
      `a child of the bulk step '${name}' can write ${events} history events, and AWS ends it at ${Quota.HISTORY_EVENTS}: retry less, or do less in one child`,
    );
  }
}

interface StatesJson {
  readonly StartAt?: string;
  readonly States?: { [name: string]: StateJson };
}

interface StateJson {
  readonly Type: string;
  readonly Resource?: unknown;
  readonly Branches?: StatesJson[];
  readonly ItemProcessor?: StatesJson;
}

/** Without a graph: a state can be in one only, and that is the map's. */
function renderedStates({ startState }: sfn.IChainable): StatesJson {
  const states = sfn.State.findReachableStates(startState, { includeErrorHandlers: true });
  const all = [startState, ...states.filter((state) => state !== startState)];
  return {
    StartAt: startState.stateId,
    States: Object.fromEntries(all.map((state) => [state.stateId, state.toStateJson(sfn.QueryLanguage.JSONATA) as StateJson])),
  };
}

function tasksOf({ States = {} }: StatesJson): StateJson[] {
  return Object.values(States).flatMap((state) => [
    ...(state.Type === 'Task' ? [state] : []),
    ...[...(state.Branches ?? []), state.ItemProcessor ?? {}].flatMap(tasksOf),
  ]);
}
