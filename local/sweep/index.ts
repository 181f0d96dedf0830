export { FAULT_KINDS, type FaultKind } from './fault';
export { type Explained, type Invariant, type Invariants, means, type RunEnd, type Waiver, type World } from './invariants';
export { type FaultResult, type Job, Player, type PlayReport } from './player';
export { type SweepFilter, type SweepOutcome, sweep } from './sweep';
