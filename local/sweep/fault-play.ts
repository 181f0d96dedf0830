/** A scenario played with one fault, until nothing moves any more. */
import type { Assembly } from '../assembly/types';
import type { Execution } from '../engine/types';
import { LocalRun } from '../handles/run';
import { LocalCloud } from '../local-cloud';
import { LocalDriver } from '../scenario/local-driver';
import type { Scenario } from '../scenario/scenario';
import type { WarmStart } from '../warm-start';
import { runsOf } from './generic';
import { Injection } from './injection';
import type { Invariants, RunEnd, World } from './invariants';
import { type PlannedFault, Recording } from './points';
import { ReplayDriver } from './replay-driver';
import { Sites } from './sites';

const DAY = 86_400;
const HOUR = 3600;

export interface Stage {
  readonly assembly: Assembly;
  readonly warm: WarmStart;
  readonly times: Pick<Invariants, 'patience' | 'afterwards'>;
  readonly recover?: Invariants['recover'];
}

/** Plays the scenario without a fault, and writes down the calls. */
export function playFaultless<T>(scenario: Scenario, stage: Stage, use: (world: World, calls: Recording) => Promise<T>): Promise<T> {
  return onCloud(scenario, stage, async (cloud) => {
    const recording = new Recording(new Sites(cloud));
    cloud.intercept(recording.intercept);
    await perform(scenario, new LocalDriver(cloud));
    // What goes on by the clock afterwards is no part of the scenario.
    cloud.intercept((_, run) => run());
    await settle(cloud, stage);
    const runs = runsOf(cloud.executions());
    return use({ cloud, scenario, met: true, runs, faultless: [], again: [], patience: patienceOf(stage), stopped: new Set() }, recording);
  });
}

/** Plays it with a fault, and a second time if the fault kept a run from succeeding. */
export function playWithFault<T>(
  scenario: Scenario,
  stage: Stage,
  planned: PlannedFault,
  faultless: readonly RunEnd[],
  use: (world: World) => Promise<T>,
): Promise<T> {
  return onCloud(scenario, stage, async (cloud) => {
    const injection = new Injection(cloud, new Sites(cloud), planned);
    cloud.intercept(injection.intercept);
    await perform(scenario, new LocalDriver(cloud));
    await settle(cloud, stage);
    injection.lift();
    // What was kept from its work gets on with it.
    await pass(cloud, stage);
    const first = runsOf(cloud.executions());
    const again = isToPlayAgain(planned, first, faultless) ? await playAgain(scenario, stage, cloud, planned, injection) : [];
    const runs = runsOf(cloud.executions());
    const { met, stopped } = injection;
    return use({ cloud, scenario, fault: planned.fault, met, runs, faultless, again, patience: patienceOf(stage), stopped });
  });
}

/** After a stop always; else where a run that succeeds without the fault did not. */
function isToPlayAgain({ fault }: PlannedFault, first: readonly Execution[], faultless: readonly RunEnd[]): boolean {
  if (fault === 'restart' || fault === 'redrive') return true;
  const succeeded = (runs: readonly { status: string }[]) => runs.filter(({ status }) => status === 'SUCCEEDED').length;
  return first.length > 0 && succeeded(first) < succeeded(faultless);
}

/** Gives the runs of the second time, redriven ones among them. */
async function playAgain(scenario: Scenario, stage: Stage, cloud: LocalCloud, { fault }: PlannedFault, { stopped }: Injection) {
  const before = new Set(runsOf(cloud.executions()));
  const toRedrive = fault === 'redrive' ? [...before].filter(({ arn, status }) => stopped.has(arn) && status === 'ABORTED') : [];
  const driver = new ReplayDriver(cloud, toRedrive);
  const failed = [...before].findLast(({ status }) => status !== 'SUCCEEDED');
  if (stage.recover && failed) {
    await stage.recover(driver, new LocalRun(cloud, failed));
  } else {
    await perform(scenario, driver);
    await driver.redriveRest();
  }
  await settle(cloud, stage);
  return runsOf(cloud.executions()).filter((run) => !before.has(run) || run.redriveCount > 0);
}

/** What people and the world do. Where the fault keeps them from going on they stop, and what they have begun goes its way. */
async function perform(scenario: Scenario, driver: LocalDriver): Promise<void> {
  try {
    const run = scenario.play ? await scenario.play(driver, scenario.input) : await driver.start(scenario.stateMachine, scenario.input);
    await driver.finished(run);
  } catch {
    // Judged is how everything stands in the end.
  }
}

async function settle(cloud: LocalCloud, stage: Stage): Promise<void> {
  const deadline = cloud.clock.now() + patienceOf(stage) * 1000;
  const goesOn = () => runsOf(cloud.executions()).some(({ status }) => status === 'RUNNING');
  try {
    await cloud.clock.runUntil(() => !goesOn() || cloud.clock.now() > deadline, 'the end of all runs');
  } catch {
    // They wait for what nothing will bring: judged as runs that go on.
  }
  await pass(cloud, stage);
}

const patienceOf = ({ times: { patience = DAY } }: Stage): number => patience;

function pass(cloud: LocalCloud, { times: { afterwards = HOUR } }: Stage): Promise<void> {
  return cloud.clock.advance(afterwards * 1000);
}

async function onCloud<T>(scenario: Scenario, { assembly, warm }: Stage, use: (cloud: LocalCloud) => Promise<T>): Promise<T> {
  const cloud = await LocalCloud.deploy(assembly, { warm }, [scenario.stateMachine.split('/')[0]]);
  try {
    return await use(cloud);
  } finally {
    await cloud.dispose();
  }
}
