import { writeFileSync } from 'node:fs';
import type { Definition } from '../../lib/asl/definition';
import { type Assembly, LocalCloud, type Scenario, type ScenarioResult } from '../../local';
import { coverage, graphOf, layOut, svgFile, type Theme } from '../../local/report/graph';
import { tracesOfRun } from '../../local/report/run-traces';
import { undoAtEnd } from '../at-end';
import { playFresh, sampleNamed, scenariosOf, synthesized } from './run';
import { UsageError } from './usage-error';

export interface GraphOptions {
  readonly pattern?: string;
  readonly scenario?: string;
  readonly out?: string;
  readonly theme?: string;
}

/** Draws the workflow of a sample, coloured by what happens in a scenario if one is given. */
export async function graph({ pattern, scenario, out, theme = 'light' }: GraphOptions): Promise<number> {
  if (pattern === undefined) throw new UsageError('which pattern? stepworks graph <pattern>');
  if (theme !== 'light' && theme !== 'dark') throw new UsageError(`--theme must be light or dark, is '${theme}'`);
  const sample = sampleNamed(pattern);
  const [chosen] = scenariosOf(sample.pattern, { pattern, scenario }, false);
  const svg = await synthesized(sample, async (assembly) =>
    scenario === undefined
      ? plain(await definitionOf(chosen, assembly), theme, sample.pattern.title)
      : coloured(await playFresh(chosen, assembly), theme),
  );
  if (out === undefined) process.stdout.write(svg);
  else writeFileSync(out, svg);
  return 0;
}

async function plain(definition: Definition, theme: Theme, title: string): Promise<string> {
  return svgFile(await layOut(graphOf(definition)), theme, { title });
}

async function coloured(result: ScenarioResult, theme: Theme): Promise<string> {
  const { definition, scenario, title, cause } = result;
  if (!definition) throw new Error(`the scenario ${scenario} started no workflow: ${cause}`);
  const workflow = graphOf(definition);
  const { traces } = tracesOfRun(result);
  const { visited, states } = coverage(workflow, traces);
  return svgFile(await layOut(workflow), theme, { title: `${title} (${visited} of ${states} states visited)`, traces });
}

async function definitionOf({ stateMachine }: Scenario, assembly: Assembly): Promise<Definition> {
  const cloud = await LocalCloud.deploy(assembly, {}, [stateMachine.split('/')[0]]);
  const dispose = undoAtEnd(() => cloud.dispose());
  try {
    const { definition } = (await cloud.call({
      service: 'sfn',
      operation: 'DescribeStateMachine',
      input: { stateMachineArn: cloud.find('AWS::StepFunctions::StateMachine', stateMachine).ref },
      principal: { kind: 'operator' },
    })) as { definition: string };
    return JSON.parse(definition);
  } finally {
    await dispose();
  }
}
