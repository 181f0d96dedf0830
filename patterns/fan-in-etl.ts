import type { Explained } from '../local/sweep';

/** What neither scenarios nor faults reach in a `FanInEtl`. */
export const FAN_IN_ETL_UNREACHED: readonly Explained[] = [
  {
    what: '*RunPeriodAsk catches Sfn.ExecutionDoesNotExistException*',
    why: 'AWS forgets a run 90 days after its end; no run here is as old.',
  },
  { what: '*RunPeriodRejected', why: 'FanInEtl knows no error that would be final.' },
  { what: '*RunPeriodKnown → RunPeriodInProgress', why: 'Only for runs of Express workflows; this one is Standard.' },
  { what: '*RunPeriodKnown → RunPeriodClaim', why: 'The run that holds the row must fail between two steps of another one.' },
  { what: '*Await* retries ObjectCheckFailed', why: "The SDK's own retries get over what passes; what lasts here is a refusal." },
];
