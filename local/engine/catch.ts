import type { Catcher } from '../../lib/asl/definition';
import { assign, jsonataOutput, templateScope } from './data/flow';
import { applyResultPath } from './data/paths';
import { payloadTemplate } from './data/payload-template';
import { matches } from './error-equals';
import type { StateFailure } from './errors';
import type { Outcome, Visit } from './visit';

/** The outcome by the first catcher that means the failure. OutputPath and a state's own Output and Assign don't apply to it. */
export async function caught(visit: Visit, failure: StateFailure): Promise<Outcome | undefined> {
  const index = catchers(visit).findIndex((c) => matches(c.ErrorEquals, failure));
  if (index < 0) return undefined;
  const catcher = catchers(visit)[index];
  const errorOutput = failure.output();
  if (visit.language === 'JSONata') {
    const output = await jsonataOutput(visit, catcher.Output, { errorOutput }, errorOutput, `Catch[${index}]/Output`);
    return { output, next: catcher.Next, assigned: await assign(visit, catcher.Assign, { errorOutput }, `Catch[${index}]/Assign`) };
  }
  const assigned = catcher.Assign && (payloadTemplate(catcher.Assign, errorOutput, templateScope(visit)) as Outcome['assigned']);
  return { output: applyResultPath(catcher.ResultPath, visit.input, errorOutput), next: catcher.Next, assigned };
}

export function catchers(visit: Visit): readonly Catcher[] {
  return ('Catch' in visit.state && visit.state.Catch) || [];
}
