import { type Assembly, type Json, LocalCloud, play, type Scenario, type ScenarioResult } from '../../local';
import { placeholderIn, placeholdersIn } from '../../local/assembly';
import { HtmlReport } from '../../local/report/html/report';
import { appJsonLine } from '../../local/report/json-lines';
import { TerminalReport } from '../../local/report/terminal';
import { withAssembly } from '../app-assembly';
import { undoAtEnd } from '../at-end';
import { interactively } from './interactive';
import { readInput } from './read-input';
import type { AppOptions } from './run-options';
import { UsageError } from './usage-error';
import { writeReport } from './write-report';

/** Runs a workflow of any CDK app. Exit code 0 if it succeeded and no call was refused, 1 if not. */
export async function runApp({ app, stateMachine = '', input, json, access, report, interactive }: AppOptions): Promise<number> {
  const parsed = input === undefined ? {} : readInput(input);
  const result = await withAssembly(app, (assembly) => playOn(assembly, stateMachine, parsed, { access, interactive }));
  if (json) {
    process.stdout.write(`${appJsonLine(stateMachine, result)}\n`);
    if (report !== undefined) await page(app, stateMachine, result, report);
  } else {
    inWords(app, stateMachine, result);
    process.stdout.write(`\nAll of it, with pictures: ${await page(app, stateMachine, result, report)}\n`);
  }
  return result.asExpected ? 0 : 1;
}

function inWords(app: string, stateMachine: string, result: ScenarioResult): void {
  const report = new TerminalReport(process.stdout, { detailed: true });
  const pattern = { name: stateMachine, title: app, scenarios: [] };
  report.begin(pattern);
  report.scenario(result);
  report.end(pattern, [result]);
  const placeholders = placeholdersIn(result.resources);
  if (placeholders.length === 0) return;
  process.stdout.write('\nNot emulated; a call that is given one of these values fails:\n');
  for (const { resource, type, attribute, usedBy } of placeholders) {
    process.stdout.write(`  ${attribute} of ${resource} (${type})${usedBy.length > 0 ? `, known to ${usedBy.join(', ')}` : ''}\n`);
  }
}

/** Writes the page with pictures, and gives its path. */
async function page(app: string, stateMachine: string, result: ScenarioResult, path: string | undefined): Promise<string> {
  const html = new HtmlReport();
  const pattern = { name: stateMachine, title: app, scenarios: [] };
  await html.scenario(pattern, result);
  html.end(pattern, [result]);
  return writeReport(html, path);
}

async function playOn(
  assembly: Assembly,
  stateMachine: string,
  input: Json,
  { access, interactive }: Pick<AppOptions, 'access' | 'interactive'>,
): Promise<ScenarioResult> {
  const cloud = await LocalCloud.deploy(assembly, { access, ...(interactive && { start: Date.now() }) });
  const dispose = undoAtEnd(() => cloud.dispose());
  try {
    checkName(cloud, stateMachine);
    const scenario: Scenario = {
      name: 'run',
      title: 'your input, with nobody doing anything',
      stateMachine,
      input,
      expected: { status: 'SUCCEEDED', statesVisited: [] },
    };
    const result = await play(interactive ? interactively(scenario, cloud) : scenario, cloud, input);
    const problems = [
      ...(result.status === 'SUCCEEDED' ? [] : [`the run ended as ${result.status}`]),
      ...unknownOutput(result),
      ...result.problems,
    ];
    return { ...result, asExpected: problems.length === 0, problems };
  } finally {
    await dispose();
  }
}

/** What only AWS knows is no good answer. */
function unknownOutput({ output, resources }: ScenarioResult): string[] {
  const found = placeholderIn(output, placeholdersIn(resources));
  return found ? [`the output has the attribute ${found.attribute} of ${found.resource} (${found.type}), which is not emulated`] : [];
}

function checkName(cloud: LocalCloud, stateMachine: string): void {
  try {
    cloud.stateMachine(stateMachine);
  } catch (error) {
    throw new UsageError(`--state-machine: ${(error as Error).message}`);
  }
}
