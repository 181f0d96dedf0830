import { type Assembly, type Json, LocalCloud, play, type ScenarioResult } from '../../local';
import { appJsonLine } from '../../local/report/json-lines';
import { TerminalReport } from '../../local/report/terminal';
import { withAssembly } from '../app-assembly';
import { undoAtEnd } from '../at-end';
import { readInput } from './read-input';
import type { AppOptions } from './run-options';
import { UsageError } from './usage-error';

/** Runs a workflow of any CDK app. Exit code 0 if it succeeded and no call was denied, 1 if not. */
export async function runApp({ app, stateMachine = '', input, json }: AppOptions): Promise<number> {
  const parsed = input === undefined ? {} : readInput(input);
  const result = await withAssembly(app, (assembly) => playOn(assembly, stateMachine, parsed));
  if (json) {
    process.stdout.write(`${appJsonLine(stateMachine, result)}\n`);
  } else {
    const report = new TerminalReport(process.stdout, { detailed: true });
    const pattern = { name: stateMachine, title: app, scenarios: [] };
    report.begin(pattern);
    report.scenario(result);
    report.end(pattern, [result]);
  }
  return result.asExpected ? 0 : 1;
}

async function playOn(assembly: Assembly, stateMachine: string, input: Json): Promise<ScenarioResult> {
  const cloud = await LocalCloud.deploy(assembly);
  const dispose = undoAtEnd(() => cloud.dispose());
  try {
    checkName(cloud, stateMachine);
    const scenario = { name: 'run', title: 'your input, with nobody doing anything', stateMachine, input };
    const result = await play({ ...scenario, expected: { status: 'SUCCEEDED', statesVisited: [] } }, cloud, input);
    if (result.status === 'SUCCEEDED') return result;
    return { ...result, asExpected: false, problems: [`the run ended as ${result.status}`, ...result.problems] };
  } finally {
    await dispose();
  }
}

function checkName(cloud: LocalCloud, stateMachine: string): void {
  try {
    cloud.stateMachine(stateMachine);
  } catch (error) {
    throw new UsageError(`--state-machine: ${(error as Error).message}`);
  }
}
