#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { list } from './commands/list';
import { run } from './commands/run';
import { UsageError } from './commands/usage-error';

const HELP = `Usage:
  stepworks list                     the samples and their scenarios
  stepworks run [pattern]            runs all samples, or one, on this machine
      --scenario <name>              only this scenario
      --input <file.json>            this input instead of the scenario's own; without --scenario, the run goes on by itself
      --json                         one JSON object a line for each scenario, and nothing else
  stepworks help
`;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (command === 'list' && rest.length === 0) return list();
  if (command === 'run' && rest.length <= 1) return run({ pattern: rest[0], ...values });
  throw new UsageError(`'${positionals.join(' ')}' is not a command`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        scenario: { type: 'string' },
        input: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(error instanceof UsageError ? `stepworks: ${error.message}\n\n${HELP}` : `stepworks: ${error.stack}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
