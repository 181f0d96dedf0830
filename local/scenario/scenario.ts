import type { Json } from '../cloud-types';
import type { ExecutionStatus } from '../engine/types';
import type { Capability, Driver, Run } from './driver';
import type { Expected } from './expected';

/** A documented pattern, as the command line knows it. */
export interface Pattern {
  /** Its folder's name: "account-opening". */
  readonly name: string;
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

/** One way that a workflow can go, from an input to what must be true afterwards. */
export interface Scenario {
  /** Lower case, with dashes. */
  readonly name: string;
  /** A sentence that a reader of the report understands. */
  readonly title: string;
  readonly requires?: readonly Capability[];
  /** Construct path of the state machine, or of the construct around it. */
  readonly stateMachine: string;
  readonly input: Json;
  /** What people and the world do. Gives the run that is judged. @default - the run is started and goes on by itself */
  play?(driver: Driver, input: Json): Promise<Run>;
  readonly expected: ScenarioExpectation;
}

export interface ScenarioExpectation {
  readonly status: ExecutionStatus;
  readonly output?: Expected;
  readonly error?: Expected;
  readonly cause?: Expected;
  /** Names in the order of entering, those inside Map and Parallel too. */
  readonly statesVisited: readonly string[];
  /** All items of each table, by the table's construct path. */
  readonly tables?: Readonly<Record<string, readonly Expected[]>>;
  /** Every mail that was sent, in order. */
  readonly mails?: readonly Expected[];
}
