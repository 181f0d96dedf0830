/** All faults of one pattern: what is to be played, and what all of it together says. */
import { Coverage } from '../report/coverage';
import { unusedInAll } from '../report/permissions';
import type { Pattern } from '../scenario/scenario';
import type { FaultKind } from './fault';
import { type Explained, type Invariants, means } from './invariants';
import type { FaultResult, Job, PlayReport } from './player';
import { choosePoints, type PlannedFault, placeOf, plannedFaults } from './points';

/** Only these. */
export interface SweepFilter {
  readonly scenario?: string;
  readonly fault?: FaultKind;
  /** As the table writes it. */
  readonly at?: string;
}

export interface SweepOutcome {
  readonly results: readonly FaultResult[];
  /** Of the scenarios alone, and with their faults. */
  readonly coverage: { readonly scenarios: Coverage; readonly all: Coverage };
  /** "role: action on resource" of what nobody used, explained or not. */
  readonly unusedPermissions: readonly string[];
  /** What is not covered, not used, or explained without need; nothing where only a part was played. */
  readonly problems: readonly string[];
}

/**
 * @param play plays a job, here or in another process; may be called for many at once
 * @param onResult told of each play, in the order of the jobs
 */
export async function sweep(
  pattern: Pattern,
  invariants: Invariants,
  play: (job: Job) => Promise<PlayReport>,
  { filter = {}, onResult = () => {} }: { readonly filter?: SweepFilter; readonly onResult?: (result: FaultResult) => void } = {},
): Promise<SweepOutcome> {
  const all = async (jobs: readonly Job[]) => {
    const reports: PlayReport[] = [];
    for (const playing of jobs.map((job) => play(job))) {
      const report = await playing;
      onResult(report.result);
      reports.push(report);
    }
    return reports;
  };
  const scenarios = pattern.scenarios.filter(({ name }) => filter.scenario === undefined || filter.scenario === name);
  const faultless = await all(scenarios.map(({ name }): Job => ({ scenario: name })));
  const planned = plan(pattern, invariants, faultless, filter);
  const endsOf = new Map(faultless.map(({ result, ends }) => [result.scenario, ends]));
  const faulty = await all(
    planned.map((one): Job => ({ scenario: one.scenario, planned: one, faultless: endsOf.get(one.scenario) ?? [] })),
  );
  return conclude(
    invariants,
    faultless,
    faulty,
    Object.values(filter).every((value) => value === undefined),
  );
}

function plan(pattern: Pattern, invariants: Invariants, faultless: readonly PlayReport[], filter: SweepFilter): PlannedFault[] {
  const { scenarios: swept = pattern.scenarios.map(({ name }) => name) } = invariants;
  const unknown = swept.filter((name) => !pattern.scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new Error(`the invariants of ${pattern.name} name scenarios that it hasn't: ${unknown.join(', ')}`);
  const recorded = faultless
    .filter(({ result: { scenario } }) => swept.includes(scenario) || filter.scenario === scenario)
    .map(({ result: { scenario }, places }) => {
      const { requires = [] } = pattern.scenarios.find(({ name }) => name === scenario) ?? {};
      return { scenario, hasFaults: requires.includes('faults'), places };
    });
  return plannedFaults(choosePoints(recorded)).filter(
    (one) =>
      // There, whoever operates it redrives what is to be redriven.
      !(invariants.recover && one.fault === 'redrive') &&
      (filter.fault ?? one.fault) === one.fault &&
      (filter.at ?? placeOf(one)) === placeOf(one),
  );
}

function conclude(invariants: Invariants, faultless: readonly PlayReport[], faulty: readonly PlayReport[], isWhole: boolean): SweepOutcome {
  const coverage = { scenarios: merged(faultless), all: merged([...faultless, ...faulty]) };
  const reports = [...faultless, ...faulty];
  const unusedPermissions = unusedInAll(reports).flatMap(({ role, actions, resources }) =>
    actions.map((action) => `${role}: ${action} on ${resources.join(', ')}`),
  );
  const { unreached = [], unusedPermissions: unused = [], waived = [] } = invariants;
  const needed = new Set(reports.flatMap(({ waivers }) => waivers));
  const problems = [
    ...unexplained(
      'never taken',
      coverage.all.neverTaken.map(({ name }) => name),
      unreached,
    ),
    ...unexplained('never used', unusedPermissions, unused),
    ...waived
      .filter((_, index) => !needed.has(index))
      .map(({ invariant, at }) => `waived without need: ${invariant}${at ? ` at ${at}` : ''}`),
  ];
  return { results: reports.map(({ result }) => result), coverage, unusedPermissions, problems: isWhole ? problems : [] };
}

function merged(reports: readonly PlayReport[]): Coverage {
  const coverage = new Coverage();
  for (const { ways } of reports) coverage.merge(ways);
  return coverage;
}

/** What has no explanation, and what explains nothing. */
function unexplained(what: string, names: readonly string[], explanations: readonly Explained[]): string[] {
  return [
    ...names.filter((name) => !explanations.some((one) => means(one.what, name))).map((name) => `${what}: ${name}`),
    ...explanations.filter((one) => !names.some((name) => means(one.what, name))).map((one) => `explained without need: ${one.what}`),
  ];
}
