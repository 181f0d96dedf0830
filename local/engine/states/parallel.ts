import type { ParallelState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { Branch, type Part, type Position } from '../branch';
import { fromResult, workInput } from '../data/flow';
import { Cancelled, endsExecution } from '../errors';
import { Variables } from '../variables';
import type { Outcome, Visit } from '../visit';
import { runWorkflow } from '../workflow';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html */
export async function runParallel(visit: Visit<ParallelState>): Promise<Outcome> {
  const { branch, mock, name, state } = visit;
  if (mock) return fromResult(visit, mock.result());
  const input = await workInput(visit);
  branch.emit('ParallelStateStarted');
  const former = visit.resumed?.parts ?? [];
  const parts = state.Branches.map((_, i) => done(former[i]) ?? new Branch(branch.run, branch, [...branch.statePath, name, String(i)]));
  if (branch.position) branch.position.parts = parts;
  const results = await allOrFirstFailure(branch, parts, (child, i) => {
    const workflow = state.Branches[i];
    const scope = {
      language: workflow.QueryLanguage ?? visit.defaultLanguage,
      variables: new Variables(visit.variables),
      context: inheritedContext(visit),
    };
    return runWorkflow(workflow, input, child, scope, stoodAt(former[i]));
  });
  branch.note('ParallelStateSucceeded');
  return fromResult(visit, results);
}

/** What states inside a Map's iteration see of it, and states inside those of a Parallel too. */
export function inheritedContext(visit: Visit): Visit['context'] {
  return visit.context.Map === undefined ? {} : { Map: visit.context.Map };
}

/** A part that need not run again. */
export function done(part: Part | undefined): { readonly output: Json } | undefined {
  return part instanceof Branch ? undefined : part;
}

/** Where a part that has to run again had come to. */
export function stoodAt(part: Part | undefined): Position | undefined {
  return part instanceof Branch ? part.position : undefined;
}

/** Runs branches side by side. The first that fails cancels the others, and the failure becomes the parent's. */
async function allOrFirstFailure(parent: Branch, parts: Part[], run: (branch: Branch, index: number) => Promise<Json>): Promise<Json[]> {
  const running = [...parts].map(async (branch, i) => {
    if (!(branch instanceof Branch)) return branch.output;
    try {
      const result = await run(branch, i);
      parent.live();
      parent.cursor = branch.cursor;
      branch.leave();
      parts[i] = { output: result };
      return result;
    } catch (error) {
      if (!(error instanceof Cancelled) && !parent.cancelled) {
        parent.cursor = branch.cursor;
        for (const each of parent.children) each.cancel(!endsExecution(error));
      }
      throw error;
    }
  });
  // Rejections of the cancelled ones come later and mean nothing.
  for (const each of running) each.catch(() => {});
  return parent.wait(Promise.all(running));
}
