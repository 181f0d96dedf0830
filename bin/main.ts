import { parseArgs } from 'node:util';
import type { GraphOptions } from './commands/graph';
import { runApp } from './commands/run-app';
import type { SampleOptions } from './commands/run-options';
import { UsageError } from './commands/usage-error';
import { validate } from './commands/validate';

const HELP = `Usage:
  stepworks run --app <cdk.out or "command"> --state-machine <name>
                                     runs a workflow of any CDK app on this machine
      --app                          what cdk synth wrote, or the command that makes it, as in cdk.json
      --state-machine                its construct path, such as Shop/Publish, or its logical id
      --input <file.json>            {} without
      --json                         one JSON object, and nothing else
  stepworks validate <definition.json or cdk.out>
                                     says what Step Functions would refuse or warn of
      --json                         one JSON object a line for each state machine, and nothing else

  In a clone of the repository of stepworks:
  stepworks list                     the samples and their scenarios
  stepworks run [pattern]            runs all samples, or one
      --scenario <name>              only this scenario
      --input <file.json>            this input instead of the scenario's own; without --scenario, the run goes on by itself
      --json                         one JSON object a line for each scenario, and nothing else
  stepworks graph <pattern>          draws its workflow, as SVG
      --scenario <name>              coloured by what happens in this scenario
      --out <file.svg>               standard output without
      --theme <light or dark>        light without

  stepworks help
`;

/** The commands that need the samples: they are in the repository, not in the package. */
export interface SampleCommands {
  list(): number;
  graph(options: GraphOptions): Promise<number>;
  run(options: SampleOptions): Promise<number>;
}

/** Runs a command. Gives the exit code: 0 when everything was as expected, 1 when not, 2 when the command was not understood. */
export async function main(args: string[], samples?: SampleCommands): Promise<number> {
  try {
    return await dispatch(args, samples);
  } catch (error) {
    const usage = error instanceof UsageError;
    process.stderr.write(usage ? `stepworks: ${error.message}\n\n${HELP}` : `stepworks: ${(error as Error).stack}\n`);
    return usage ? 2 : 1;
  }
}

async function dispatch(args: string[], samples: SampleCommands | undefined): Promise<number> {
  const { values, positionals } = parse(args);
  const { app, 'state-machine': stateMachine, scenario, input, json, out, theme } = values;
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (command === 'list' && rest.length === 0) return inRepository(samples).list();
  if (command === 'graph' && rest.length <= 1) return inRepository(samples).graph({ pattern: rest[0], scenario, out, theme });
  if (command === 'validate' && rest.length <= 1) return validate({ source: rest[0], json });
  if (command === 'run' && rest.length <= 1) {
    const [pattern] = rest;
    if (app === undefined && stateMachine === undefined) return inRepository(samples).run({ pattern, scenario, input, json });
    if (app === undefined) throw new UsageError('--state-machine goes with --app: stepworks run --app cdk.out --state-machine …');
    if (pattern !== undefined || scenario !== undefined) throw new UsageError('a pattern or --scenario doesn’t go with --app');
    return runApp({ app, stateMachine, input, json });
  }
  throw new UsageError(`'${positionals.join(' ')}' is not a command`);
}

function inRepository(samples: SampleCommands | undefined): SampleCommands {
  if (samples) return samples;
  throw new UsageError('the samples are in the repository of stepworks, not in this package: for a workflow of your own, give --app');
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        app: { type: 'string' },
        'state-machine': { type: 'string' },
        scenario: { type: 'string' },
        input: { type: 'string' },
        json: { type: 'boolean' },
        out: { type: 'string' },
        theme: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
