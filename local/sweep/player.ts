/** Plays scenarios of one pattern, with a fault or without, and tells what is left to know of each when its cloud is gone. */
import type { UnusedPermission } from '../access/types';
import { allResources } from '../assembly';
import type { Assembly } from '../assembly/types';
import { coverageOf, type WayTaken } from '../report/coverage';
import type { Pattern, Scenario } from '../scenario/scenario';
import { WarmStart } from '../warm-start';
import type { FaultKind } from './fault';
import { playFaultless, playWithFault, type Stage } from './fault-play';
import { endsOf } from './generic';
import type { Invariants, RunEnd, World } from './invariants';
import { judge } from './judge';
import { type Places, type PlannedFault, placeOf } from './points';

/** What is to be played; all of it, and of the answer, is plain data, so that it may go to another process. */
export type Job =
  | { readonly scenario: string; readonly planned?: undefined }
  | { readonly scenario: string; readonly planned: PlannedFault; readonly faultless: readonly RunEnd[] };

export interface FaultResult {
  readonly pattern: string;
  readonly scenario: string;
  /** `none` is the play without a fault. */
  readonly fault: FaultKind | 'none';
  /** "OpenAccount dynamodb:UpdateItem #1" */
  readonly at: string;
  /** How the runs ended: "FAILED States.Timeout; again: SUCCEEDED". */
  readonly outcome: string;
  readonly held: boolean;
  /** The invariants that did not hold, and where. */
  readonly problems: readonly string[];
}

export interface PlayReport {
  readonly result: FaultResult;
  readonly ends: readonly RunEnd[];
  /** Where calls are made; only without a fault. */
  readonly places: Places;
  readonly ways: readonly WayTaken[];
  readonly stack: string;
  readonly unusedPermissions: readonly UnusedPermission[];
  /** Which waivers were needed. */
  readonly waivers: readonly number[];
}

export class Player {
  private readonly warm = new WarmStart();
  private readonly stage: Stage;

  constructor(
    private readonly pattern: Pattern,
    private readonly invariants: Invariants,
    assembly: Assembly,
  ) {
    this.stage = { assembly, warm: this.warm, times: invariants, recover: invariants.recover };
  }

  play(job: Job): Promise<PlayReport> {
    const scenario = this.pattern.scenarios.find(({ name }) => name === job.scenario);
    if (!scenario) throw new Error(`${this.pattern.name} has no scenario '${job.scenario}'`);
    if (!job.planned) return playFaultless(scenario, this.stage, (world, recording) => this.report(world, scenario, recording.places()));
    const { planned, faultless } = job;
    return playWithFault(scenario, this.stage, planned, faultless, (world) => this.report(world, scenario, [], planned));
  }

  dispose(): Promise<void> {
    return this.warm.dispose();
  }

  private async report(world: World, scenario: Scenario, places: Places, planned?: PlannedFault): Promise<PlayReport> {
    const at = planned ? placeOf(planned) : '';
    const { problems, waivers } = await judge(world, this.invariants, at);
    const { cloud } = world;
    const coverage = coverageOf([{ executions: cloud.executions(), resources: cloud.stacks.flatMap(allResources) }]);
    const common = { pattern: this.pattern.name, scenario: scenario.name, fault: planned?.fault ?? ('none' as const), at };
    return {
      result: { ...common, outcome: outcomeOf(world), held: problems.length === 0, problems },
      ends: endsOf(world),
      places,
      ways: coverage.all,
      stack: scenario.stateMachine.split('/')[0],
      unusedPermissions: cloud.access.unused(),
      waivers,
    };
  }
}

function outcomeOf({ runs, again }: World): string {
  const end = ({ status, error }: RunEnd) => [status, error].filter(Boolean).join(' ');
  const text = (ends: readonly string[]) => [...new Set(ends)].join(', ') || 'no run';
  if (again.length === 0) return text(endsOf({ runs }).map(end));
  const first = runs.filter((run) => !again.includes(run) || run.redriveCount > 0);
  const before = first.map((run) => (run.redriveCount > 0 ? 'ABORTED' : [run.status, run.error].filter(Boolean).join(' ')));
  return `${text(before)}; again: ${text(endsOf({ runs: again }).map(end))}`;
}
