import type { PassState } from '../../../lib/asl/definition';
import { effectiveInput, fromInput, fromResult, workInput } from '../data/flow';
import type { Outcome, Visit } from '../visit';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export async function runPass(visit: Visit<PassState>): Promise<Outcome> {
  if (visit.language === 'JSONata') return fromInput(visit, visit.state.Next);
  // Result stands for itself: keys that end in `.$` are keys like others.
  if (visit.state.Result === undefined) return fromResult(visit, await workInput(visit));
  effectiveInput(visit);
  return fromResult(visit, visit.state.Result);
}
