import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { type Assembly, LocalCloud, loadAssembly, type Pattern, play, type Scenario, type ScenarioResult } from '../../local';
import { HtmlReport } from '../../local/report/html/report';
import { jsonLine } from '../../local/report/json-lines';
import { TerminalReport } from '../../local/report/terminal';
import { undoAtEnd } from '../at-end';
import { SAMPLES, type Sample } from '../patterns';
import { inTemporaryFolder } from '../temporary-folder';
import { readInput } from './read-input';
import type { SampleOptions } from './run-options';
import { UsageError } from './usage-error';

/** Plays scenarios. Exit code 0 if everything was as expected, 1 if not. */
export async function run(options: SampleOptions): Promise<number> {
  const samples = options.pattern === undefined ? SAMPLES : [sampleNamed(options.pattern)];
  if (options.pattern === undefined && (options.scenario !== undefined || options.input !== undefined)) {
    throw new UsageError('--scenario and --input go with a pattern: stepworks run <pattern> …');
  }
  const input = options.input === undefined ? undefined : readInput(options.input);
  const report = new TerminalReport(process.stdout, { detailed: options.pattern !== undefined });
  const html = new HtmlReport();
  let asExpected = true;
  for (const sample of samples) {
    const scenarios = scenariosOf(sample.pattern, options, input !== undefined);
    const results: ScenarioResult[] = [];
    if (!options.json) report.begin(sample.pattern);
    await synthesized(sample, async (assembly) => {
      for (const scenario of scenarios) {
        const result = await playFresh(scenario, assembly, input);
        results.push(result);
        if (options.json) {
          process.stdout.write(`${jsonLine(sample.pattern, result)}\n`);
        } else {
          report.scenario(result);
          await html.scenario(sample.pattern, result);
        }
      }
    });
    asExpected &&= results.every((result) => result.asExpected);
    if (!options.json) {
      report.end(sample.pattern, results);
      html.end(sample.pattern, results);
    }
  }
  if (!options.json) {
    report.summary();
    process.stdout.write(`\nAll of it, with pictures: ${writeReport(html)}\n`);
  }
  return asExpected ? 0 : 1;
}

/** Gives the page's path. */
function writeReport(html: HtmlReport): string {
  mkdirSync('.stepworks', { recursive: true });
  const path = join('.stepworks', 'report.html');
  writeFileSync(path, html.page(`${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`));
  return path;
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
    const app = new App({ outdir, builtinCloudFormationValidation: false });
    sample.addStacks(app);
    app.synth();
    return use(await loadAssembly(outdir));
  });
}

export async function playFresh(scenario: Scenario, assembly: Assembly, input?: Parameters<typeof play>[2]): Promise<ScenarioResult> {
  const cloud = await LocalCloud.deploy(assembly, {}, [scenario.stateMachine.split('/')[0]]);
  const dispose = undoAtEnd(() => cloud.dispose());
  try {
    return await play(scenario, cloud, input);
  } finally {
    await dispose();
  }
}
