import type { Definition } from '../../lib/asl/definition';
import type { AccessMode, DeniedCall, UnusedPermission, UsedPermission, WidePermission, WildcardUse } from '../access/types';
import { allResources } from '../assembly';
import type { DeployedResource } from '../assembly/types';
import { type ApiCall, ApiError, type Json } from '../cloud-types';
import { statesVisited, transitions } from '../engine';
import type { Execution, ExecutionStatus, HistoryEvent, MapRun } from '../engine/types';
import type { LocalCloud } from '../local-cloud';
import { deniedText } from '../report/permissions';
import type { Mail } from './driver';
import { differences } from './expected';
import { LocalDriver } from './local-driver';
import type { Scenario } from './scenario';

/** What happened when a scenario was played. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly title: string;
  /** Whether everything was as the scenario expects; with another input, whether the run ended and no call was denied. */
  readonly asExpected: boolean;
  /** Where it was not, in words. */
  readonly problems: readonly string[];
  /** `NOT_STARTED`: StartExecution refused, with `error` and `cause`. */
  readonly status: ExecutionStatus | 'NOT_STARTED';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  /** As AWS bills them: every step and every retry. */
  readonly transitions: number;
  readonly virtualSeconds: number;
  readonly statesVisited: readonly string[];
  /** What became of calls that no policy allows. */
  readonly accessMode: AccessMode;
  /** A problem each where they were refused. */
  readonly deniedCalls: readonly DeniedCall[];
  readonly unusedPermissions: readonly UnusedPermission[];
  readonly usedPermissions: readonly UsedPermission[];
  /** Wildcards that allow more than was used in this run. */
  readonly widePermissions: readonly WidePermission[];
  /** What of every wildcard was used, to judge them over several runs. */
  readonly wildcardUses: readonly WildcardUse[];
  readonly history: readonly HistoryEvent[];
  /** The state machine's definition, as deployed; none where nothing was started. */
  readonly definition?: Definition;
  /**
   * Every execution that there was, in order of their starts: others that were started too, and the children of Distributed Maps, of very
   * many the last ones.
   */
  readonly executions: readonly Execution[];
  readonly mapRuns: readonly MapRun[];
  /** Every call that was made while it was played, in order. */
  readonly calls: readonly ApiCall[];
  readonly mails: readonly Mail[];
  /** What was deployed. */
  readonly resources: readonly DeployedResource[];
  readonly express: boolean;
  /** The stack that it was played on. */
  readonly stack: string;
}

/**
 * Plays a scenario on a fresh cloud.
 * @param input instead of the scenario's own: then only the run is observed, since nothing is expected of it
 */
export async function play(scenario: Scenario, cloud: LocalCloud, input?: Json): Promise<ScenarioResult> {
  const driver = new LocalDriver(cloud);
  const played = await attempt(async () => {
    const run = scenario.play
      ? await scenario.play(driver, input ?? scenario.input)
      : await driver.start(scenario.stateMachine, input ?? scenario.input);
    await driver.finished(run);
    return cloud.execution(run.arn);
  });
  const execution = played.value ?? cloud.executions().at(-1);
  if (!execution && !(played.error instanceof ApiError)) throw played.error;
  const history = execution?.history ?? [];
  const problems = [
    ...(played.error ? [played.error.message] : []),
    ...(input === undefined && execution ? await unexpected(scenario, execution, driver) : []),
    // Once each, however often it was tried.
    ...(cloud.access.mode === 'enforce' ? new Set(cloud.access.denied.map(deniedText)) : []),
  ];
  return {
    scenario: scenario.name,
    title: scenario.title,
    asExpected: problems.length === 0,
    problems,
    status: execution?.status ?? 'NOT_STARTED',
    output: execution?.output,
    error: execution ? execution.error : played.error?.name,
    cause: execution ? execution.cause : played.error?.message,
    transitions: transitions(history),
    virtualSeconds: execution ? ((execution.stopDate ?? cloud.clock.now()) - execution.startDate) / 1000 : 0,
    statesVisited: statesVisited(history),
    accessMode: cloud.access.mode,
    deniedCalls: cloud.access.denied,
    unusedPermissions: cloud.access.unused(),
    usedPermissions: cloud.access.used(),
    widePermissions: cloud.access.wider(),
    wildcardUses: cloud.access.wildcards(),
    history,
    definition: execution?.machine.definition,
    executions: cloud.executions(),
    mapRuns: cloud.mapRuns(),
    calls: cloud.calls,
    mails: cloud.outbox,
    resources: cloud.stacks.flatMap(allResources),
    express: execution?.machine.type === 'EXPRESS',
    stack: scenario.stateMachine.split('/')[0],
  };
}

async function unexpected({ expected }: Scenario, execution: Execution, driver: LocalDriver): Promise<string[]> {
  const problems = [
    ...differences(expected.status, execution.status, 'status'),
    ...(execution.status === 'SUCCEEDED'
      ? differences(expected.output, execution.output, 'output')
      : [...differences(expected.error, execution.error, 'error'), ...differences(expected.cause, execution.cause, 'cause')]),
    ...differences(expected.statesVisited, statesVisited(execution.history), 'statesVisited'),
  ];
  for (const [table, items] of Object.entries(expected.tables ?? {})) {
    problems.push(...differences(items, await driver.items(table), `table ${table}`));
  }
  if (expected.mails) problems.push(...differences(expected.mails, await driver.mails(), 'mails'));
  return problems;
}

async function attempt<T>(action: () => Promise<T>): Promise<{ value?: T; error?: Error }> {
  try {
    return { value: await action() };
  } catch (error) {
    return { error: error as Error };
  }
}
