import type { PassState } from '../../../lib/asl/definition';
import { fromInput, fromResult, selectedParameters } from '../data/flow';
import type { Awaitable, Outcome, Visit } from '../visit';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-pass.html */
export function runPass(visit: Visit<PassState>): Awaitable<Outcome> {
  if (visit.language === 'JSONata') return fromInput(visit, visit.state.Next);
  const { Result } = visit.state;
  // Result stands for itself: keys that end in `.$` are keys like others, and InputPath and Parameters don't matter beside it.
  if (Result === undefined) return fromResult(visit, selectedParameters(visit));
  visit.inspect?.('result', Result);
  return fromResult(visit, Result);
}
