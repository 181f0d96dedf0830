import { FAULT_KINDS, type FaultKind, type FaultResult, type SweepFilter, sweep } from '../../local/sweep';
import { SweepTerminal } from '../../local/sweep/terminal';
import { FaultWorkers } from '../fault-workers';
import { SAMPLES, type Sample } from '../patterns';
import { isReady, sampleNamed } from './run';
import { UsageError } from './usage-error';

type SweptSample = Sample & Required<Pick<Sample, 'invariants'>>;

/** `stepworks faults [pattern]`. */
export interface FaultsOptions {
  readonly pattern?: string;
  readonly scenario?: string;
  readonly fault?: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** Makes every call fail, one at a time. Exit code 0 if all invariants held and nothing is left unexplained, 1 if not. */
export async function faults({ pattern, scenario, fault, at, json }: FaultsOptions): Promise<number> {
  const samples = pattern === undefined ? SAMPLES : [sampleNamed(pattern)];
  const filter: SweepFilter = { scenario, fault: faultKind(fault), at };
  if (pattern === undefined && Object.values(filter).some((value) => value !== undefined)) {
    throw new UsageError('--scenario, --fault and --at go with a pattern: stepworks faults <pattern> …');
  }
  const swept = samples.filter((sample): sample is SweptSample => sample.invariants !== undefined);
  if (swept.length === 0) throw new UsageError(`${pattern} states no invariants: it has no patterns/${pattern}/invariants.ts`);
  const ready: SweptSample[] = [];
  for (const sample of swept) if (await isReady(sample, pattern !== undefined)) ready.push(sample);
  if (ready.length === 0) return 1;
  const workers = new FaultWorkers();
  try {
    return (await sweepAll(ready, workers, filter, json ?? false)) ? 0 : 1;
  } finally {
    await workers.close();
  }
}

/** All at once, so that no process waits while another has work; each is told when it is its turn. */
async function sweepAll(samples: readonly SweptSample[], workers: FaultWorkers, filter: SweepFilter, json: boolean): Promise<boolean> {
  const terminal = new SweepTerminal(process.stdout);
  const write = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const show = (result: FaultResult) => void (json ? write(result) : terminal.result(result));
  const early = samples.map((): FaultResult[] => []);
  let turn = 0;
  const sweeps = samples.map(({ pattern, invariants }, i) =>
    sweep(pattern, invariants, (job) => workers.play(pattern.name, job), {
      filter,
      onResult: (result) => void (i === turn ? show(result) : early[i].push(result)),
    }),
  );
  // What fails before its turn is told when it is.
  for (const one of sweeps) one.catch(() => {});
  let good = true;
  for (const [i, { pattern }] of samples.entries()) {
    turn = i;
    if (!json) terminal.begin(pattern);
    for (const result of early[i]) show(result);
    const outcome = await sweeps[i];
    const { results, problems } = outcome;
    if (!results.some(({ fault }) => fault !== 'none')) throw new UsageError(`${pattern.name} has no such scenario, fault or place`);
    if (json) for (const problem of problems) write({ pattern: pattern.name, problem });
    else terminal.end(pattern, outcome);
    good &&= problems.length === 0 && results.every(({ held }) => held);
  }
  if (!json) terminal.summary();
  return good;
}

function faultKind(given: string | undefined): FaultKind | undefined {
  const kind = FAULT_KINDS.find((one) => one === given);
  if (given === undefined || kind !== undefined) return kind;
  throw new UsageError(`--fault is ${FAULT_KINDS.join(', ')}, not '${given}'`);
}
