import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Workflow } from '../../asl/definition';
import { historyBudget } from '../../asl/history-budget';
import { Quota } from '../../asl/quotas';
import { type RenderedStates, tasksOf, waitsForOthers } from '../../core/rendered-states';

/** What a child may not do: wait for others in an Express workflow, or write more events than a Standard one may. */
export function assertChildren(name: string, map: sfn.DistributedMap, type: sfn.StateMachineType): void {
  const { ItemProcessor: child } = map.toStateJson(sfn.QueryLanguage.JSONATA) as { ItemProcessor: RenderedStates & Workflow };
  if (type === sfn.StateMachineType.EXPRESS) {
    const waiting = tasksOf(child).find(waitsForOthers);
    if (waiting) {
      throw new Error(
        `the children of the bulk step '${name}' are Express and can't wait for others, as the task ${waiting.resource} does: leave childType out or make it STANDARD`,
      );
    }
    return;
  }
  const { events } = historyBudget(child);
  if (events > Quota.HISTORY_EVENTS) {
    throw new Error(
      `a child of the bulk step '${name}' can write ${events} history events, and AWS ends it at ${Quota.HISTORY_EVENTS}: retry less, or do less in one child`,
    );
  }
}
