import type { SucceedState } from '../../../lib/asl/definition';
import { fromInput } from '../data/flow';
import type { Awaitable, Outcome, Visit } from '../visit';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-succeed.html */
export function runSucceed(visit: Visit<SucceedState>): Awaitable<Outcome> {
  return fromInput(visit, undefined);
}
