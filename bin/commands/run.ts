import { App } from 'aws-cdk-lib';
import { type Assembly, LocalCloud, loadAssembly, type Pattern, play, type Scenario, type ScenarioResult } from '../../local';
import { HtmlReport } from '../../local/report/html/report';
import { jsonLine } from '../../local/report/json-lines';
import { TerminalReport } from '../../local/report/terminal';
import { WarmStart } from '../../local/warm-start';
import { undoAtEnd } from '../at-end';
import { SAMPLES, type Sample } from '../patterns';
import { inTemporaryFolder } from '../temporary-folder';
import { interactively } from './interactive';
import { readInput } from './read-input';
import type { SampleOptions } from './run-options';
import { UsageError } from './usage-error';
import { writeReport } from './write-report';

/** Plays scenarios. Exit code 0 if everything was as expected, 1 if not. */
export async function run(options: SampleOptions): Promise<number> {
  const samples = options.pattern === undefined ? SAMPLES : [sampleNamed(options.pattern)];
  if (options.pattern === undefined && (options.scenario !== undefined || options.input !== undefined)) {
    throw new UsageError('--scenario and --input go with a pattern: stepworks run <pattern> …');
  }
  if (options.interactive && options.scenario === undefined && options.input === undefined) {
    throw new UsageError('--interactive runs one input: stepworks run <pattern> --interactive, with --scenario or --input');
  }
  const input = options.input === undefined ? undefined : readInput(options.input);
  const report = new TerminalReport(process.stdout, { detailed: options.pattern !== undefined });
  const html = new HtmlReport();
  const withPage = !options.json || options.report !== undefined;
  let asExpected = true;
  for (const sample of samples) {
    if (!(await isReady(sample, options.pattern !== undefined))) {
      if (options.pattern !== undefined) return 1;
      continue;
    }
    const scenarios = scenariosOf(sample.pattern, options, input !== undefined);
    const results: ScenarioResult[] = [];
    if (!options.json) report.begin(sample.pattern);
    await synthesized(sample, async (assembly) => {
      const warm = new WarmStart();
      const cool = undoAtEnd(() => warm.dispose());
      for (const scenario of scenarios) {
        const result = await playFresh(scenario, assembly, input, { ...options, warm });
        results.push(result);
        if (options.json) process.stdout.write(`${jsonLine(sample.pattern, result)}\n`);
        else report.scenario(result);
        if (withPage) await html.scenario(sample.pattern, result);
      }
      await cool();
    });
    asExpected &&= results.every((result) => result.asExpected);
    if (!options.json) report.end(sample.pattern, results);
    if (withPage) html.end(sample.pattern, results);
  }
  if (!options.json) report.summary();
  const path = withPage && writeReport(html, options.report);
  if (!options.json) process.stdout.write(`\nAll of it, with pictures: ${path}\n`);
  return asExpected ? 0 : 1;
}

/** Whether this machine has what the sample needs; otherwise it says what is lacking. What can be fetched is where the sample is asked for. */
export async function isReady({ pattern, needs }: Sample, isAskedFor: boolean): Promise<boolean> {
  const { lack } = (await needs?.(isAskedFor)) ?? {};
  if (lack !== undefined) process.stderr.write(`${pattern.name} is skipped: ${lack}\n\n`);
  return lack === undefined;
}

export function sampleNamed(name: string): Sample {
  const sample = SAMPLES.find(({ pattern }) => pattern.name === name);
  if (!sample) throw new UsageError(`there is no pattern '${name}'; there are: ${SAMPLES.map(({ pattern }) => pattern.name).join(', ')}`);
  return sample;
}

/** An input of one's own without a scenario is played on the first one's state machine, with nobody doing anything. */
export function scenariosOf(pattern: Pattern, options: SampleOptions, ownInput: boolean): readonly Scenario[] {
  if (options.scenario !== undefined) {
    const found = pattern.scenarios.filter((scenario) => scenario.name === options.scenario);
    if (found.length > 0) return found;
    throw new UsageError(
      `${pattern.name} has no scenario '${options.scenario}'; it has: ${pattern.scenarios.map((scenario) => scenario.name).join(', ')}`,
    );
  }
  if (!ownInput) return pattern.scenarios;
  return [{ ...pattern.scenarios[0], name: 'own-input', title: 'Your own input, with nobody doing anything', play: undefined }];
}

export function synthesized<T>(sample: Sample, use: (assembly: Assembly) => Promise<T>): Promise<T> {
  return inTemporaryFolder(async (outdir) => {
    const { context } = (await sample.needs?.(false)) ?? {};
    const app = new App({ outdir, context, builtinCloudFormationValidation: false });
    sample.addStacks(app);
    app.synth();
    return use(await loadAssembly(outdir));
  });
}

export async function playFresh(
  scenario: Scenario,
  assembly: Assembly,
  input?: Parameters<typeof play>[2],
  { access, interactive, warm }: Pick<SampleOptions, 'access' | 'interactive'> & { readonly warm?: WarmStart } = {},
): Promise<ScenarioResult> {
  const cloud = await LocalCloud.deploy(assembly, { access, warm, ...(interactive && { start: Date.now() }) }, [
    scenario.stateMachine.split('/')[0],
  ]);
  const dispose = undoAtEnd(() => cloud.dispose());
  try {
    return interactive ? await play(interactively(scenario, cloud), cloud, input ?? scenario.input) : await play(scenario, cloud, input);
  } finally {
    await dispose();
  }
}
