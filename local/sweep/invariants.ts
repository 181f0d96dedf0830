/** What a pattern states about itself, whatever fails: the one file that makes it join the sweep. */
import type { Execution } from '../engine/types';
import type { LocalCloud } from '../local-cloud';
import type { Driver, Run } from '../scenario/driver';
import type { Scenario } from '../scenario/scenario';
import type { FaultKind } from './fault';

export interface Invariants {
  /** What must hold in the end, beside what is asked of every pattern (`GENERIC`). */
  readonly hold: readonly Invariant[];
  /** The scenarios whose calls are made to fail. @default - all; leave out those with large inputs: a point is played some six times */
  readonly scenarios?: readonly string[];
  /**
   * How whoever operates the workflow goes on after a run that did not succeed, once the fault has passed.
   * @default - the scenario is played again, with the same input: nothing of a failed run may stand in the way
   * @param failed the last one
   */
  recover?(operator: Operator, failed: Run): Promise<void>;
  /** How long a run may take, whatever fails, in seconds. @default 86400 */
  readonly patience?: number;
  /** How long is waited once all runs have ended, for sweepers, alarms and redeliveries, in seconds. @default 3600 */
  readonly afterwards?: number;
  /** What no scenario and no fault reaches, with the reason. An entry that is reached, or is not there, is an error. */
  readonly unreached?: readonly Explained[];
  /** Permissions that no scenario and no fault uses, with the reason: `what` is "role: action". An entry that is used is an error. */
  readonly unusedPermissions?: readonly Explained[];
  /** What is asked of every pattern and does not hold here, with the reason. An entry that was not needed is an error. */
  readonly waived?: readonly Waiver[];
}

export interface Operator extends Driver {
  /** As RedriveExecution: the run goes on from the step that failed. */
  redrive(run: Run): Promise<Run>;
}

/** Stated over tables, buckets and the outbox, not by the workflow's word. */
export interface Invariant {
  /** In a few words: "one account for an application". */
  readonly name: string;
  /** Where it does not hold, in words; empty where it does. */
  holds(world: World): readonly string[] | Promise<readonly string[]>;
}

/** How everything stands when nothing moves any more. */
export interface World {
  readonly cloud: LocalCloud;
  readonly scenario: Scenario;
  /** None in the play without a fault. */
  readonly fault?: FaultKind;
  /** Whether the call was made that was to fail; true without a fault. */
  readonly met: boolean;
  /** Every run but the children of Distributed Maps, in the order of their starts. */
  readonly runs: readonly Execution[];
  /** The runs of the same scenario without a fault. */
  readonly faultless: readonly RunEnd[];
  /** The runs of the second time, after the fault had passed, redriven ones among them; none where it was not played again. */
  readonly again: readonly Execution[];
  /** How long a run may take, in seconds. */
  readonly patience: number;
  /** ARNs of the runs that the fault had stopped. */
  readonly stopped: ReadonlySet<string>;
}

/** What is left to compare of a run. */
export interface RunEnd {
  readonly machine: string;
  readonly input: string;
  readonly status: Execution['status'];
  readonly error?: string;
}

export interface Explained {
  /** As the report writes it; `*` stands for anything. */
  readonly what: string;
  readonly why: string;
}

export interface Waiver {
  /** The invariant's name. */
  readonly invariant: string;
  readonly fault?: FaultKind;
  /** As the table writes it; `*` stands for anything. @default - anywhere */
  readonly at?: string;
  readonly why: string;
}

/** Whether a text is what an explanation writes, `*` standing for anything. */
export function means(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
