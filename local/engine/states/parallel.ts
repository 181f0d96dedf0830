import type { ParallelState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { Branch } from '../branch';
import { fromResult, workInput } from '../data/flow';
import { Cancelled } from '../errors';
import { Variables } from '../variables';
import type { Outcome, Visit } from '../visit';
import { runWorkflow } from '../workflow';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html */
export async function runParallel(visit: Visit<ParallelState>): Promise<Outcome> {
  const { branch, mock, name, state } = visit;
  if (mock) return fromResult(visit, mock.result());
  const input = await workInput(visit);
  branch.emit('ParallelStateStarted');
  const branches = state.Branches.map((_, i) => new Branch(branch.run, branch, [...branch.statePath, name, String(i)]));
  const results = await allOrFirstFailure(branch, branches, (child, i) => {
    const workflow = state.Branches[i];
    const language = workflow.QueryLanguage ?? visit.defaultLanguage;
    return runWorkflow(workflow, input, child, { language, variables: new Variables(visit.variables), context: inheritedContext(visit) });
  });
  branch.note('ParallelStateSucceeded');
  return fromResult(visit, results);
}

/** What states inside a Map's iteration see of it, and states inside those of a Parallel too. */
export function inheritedContext(visit: Visit): Visit['context'] {
  return visit.context.Map === undefined ? {} : { Map: visit.context.Map };
}

/** Runs branches side by side. The first that fails cancels the others, and the failure becomes the parent's. */
async function allOrFirstFailure(
  parent: Branch,
  branches: readonly Branch[],
  run: (branch: Branch, index: number) => Promise<Json>,
): Promise<Json[]> {
  const running = branches.map(async (branch, i) => {
    try {
      const result = await run(branch, i);
      parent.live();
      parent.cursor = branch.cursor;
      branch.leave();
      return result;
    } catch (error) {
      if (!(error instanceof Cancelled) && !parent.signal.aborted) {
        parent.cursor = branch.cursor;
        for (const each of branches) each.cancel();
      }
      throw error;
    }
  });
  // Rejections of the cancelled ones come later and mean nothing.
  for (const each of running) each.catch(() => {});
  return parent.wait(Promise.all(running));
}
