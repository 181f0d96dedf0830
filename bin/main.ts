import { parseArgs } from 'node:util';
import type { AccessMode } from '../local';
import { TemplateError } from '../local/assembly';
import { AppError } from './commands/app-error';
import { auditVerify } from './commands/audit';
import type { FaultsOptions } from './commands/faults';
import type { GraphOptions } from './commands/graph';
import { rehearse } from './commands/rehearse';
import { runApp } from './commands/run-app';
import type { SampleOptions } from './commands/run-options';
import { UsageError } from './commands/usage-error';
import { validate } from './commands/validate';

const HELP = `Usage:
  stepworks run --app <cdk.out or "command"> --state-machine <name>
                                     runs a workflow of any CDK app on this machine
      --app                          what cdk synth wrote, or the command that makes it, as in cdk.json
      --state-machine                its construct path, such as Shop/Publish, or its logical id
      --input <file.json>            {} without; - is standard input
      --access <enforce, warn or off>
                                     a call that the app's policies don't allow is refused; goes through with a warning; isn't looked at.
                                     enforce without
      --interactive                  in real time: its mails are printed, and you decide in your own browser
      --report <file.html>           where the page with pictures goes, .stepworks/report.html without
      --json                         one JSON object, and nothing else; no page without --report
  stepworks validate <definition.json or cdk.out>
                                     says what Step Functions would refuse or warn of
      --json                         one JSON object a line for each state machine, and nothing else
  stepworks audit verify <export>    names the first record of an approval gate's audit that is not as it was written: a file of JSON
                                     lines, or the folder of a full export of the table by DynamoDB
      --head <hash>                  of a record, noted before: it has to be there
      --json                         one JSON object, and nothing else

  stepworks rehearse <folder or file of CloudTrail>
                                     says what a PolicyGuard would have done, and whom it would have locked out
      --config <guard.json>          its restrictedActions, exemptPrincipals and breakGlassPrincipals
      --app <cdk.out or "command">   or the app that has it
      --json                         one JSON object a line for each policy written, then a summary, and nothing else

  In a clone of the repository of stepworks:
  stepworks list                     the samples and their scenarios
  stepworks run [pattern]            runs all samples, or one
      --scenario <name>              only this scenario
      --input <file.json>            this input instead of the scenario's own; without --scenario, the run goes on by itself
      --access <enforce, warn or off>
                                     the same as above
      --interactive                  the same as above, with --scenario or --input: nobody of the scenario acts but you
      --report <file.html>           where the page with pictures goes, .stepworks/report.html without
      --json                         one JSON object a line for each scenario, and nothing else; no page without --report
  stepworks faults [pattern]         makes every call of all samples, or of one, fail in every way, and looks at what is left
      --scenario <name>              only in this scenario
      --fault <kind>                 only error, throttle, timeout, crash, duplicate, restart or redrive
      --at <place>                   only there, as the table writes it
      --json                         one JSON object a line for each play, and nothing else
  stepworks graph <pattern>          draws its workflow, as SVG
      --scenario <name>              coloured by what happens in this scenario
      --out <file.svg>               standard output without
      --theme <light or dark>        light without

  stepworks help
`;

const MODES: readonly AccessMode[] = ['enforce', 'warn', 'off'];

/** The commands that need the samples: they are in the repository, not in the package. */
export interface SampleCommands {
  list(): number;
  faults(options: FaultsOptions): Promise<number>;
  graph(options: GraphOptions): Promise<number>;
  run(options: SampleOptions): Promise<number>;
}

/** Runs a command. Gives the exit code: 0 when everything was as expected, 1 when not, 2 when the command was not understood. */
export async function main(args: string[], samples?: SampleCommands): Promise<number> {
  try {
    return await dispatch(args, samples);
  } catch (error) {
    const { message, stack } = error as Error;
    const usage = error instanceof UsageError;
    const known = usage || error instanceof AppError || error instanceof TemplateError;
    process.stderr.write(`stepworks: ${known ? message : stack}\n${usage ? 'How it is used: stepworks help\n' : ''}`);
    return usage ? 2 : 1;
  }
}

async function dispatch(args: string[], samples: SampleCommands | undefined): Promise<number> {
  const { values, positionals } = parse(args);
  const { app, 'state-machine': stateMachine, scenario, input, json, report, out, theme, fault, at, head, interactive } = values;
  const access = accessMode(values.access);
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (command === 'list' && rest.length === 0) return inRepository(samples).list();
  if (command === 'graph' && rest.length <= 1) return inRepository(samples).graph({ pattern: rest[0], scenario, out, theme });
  if (command === 'faults' && rest.length <= 1) return inRepository(samples).faults({ pattern: rest[0], scenario, fault, at, json });
  if (command === 'validate' && rest.length <= 1) return validate({ source: rest[0], json });
  if (command === 'audit' && rest[0] === 'verify' && rest.length <= 2) return auditVerify({ source: rest[1], head, json });
  if (command === 'rehearse' && rest.length <= 1) return rehearse({ archive: rest[0], config: values.config, app, json });
  if (command === 'run' && rest.length <= 1) {
    const [pattern] = rest;
    if (interactive && json) throw new UsageError('--interactive prints mails as they come: it does not go with --json');
    if (app === undefined && stateMachine === undefined)
      return inRepository(samples).run({ pattern, scenario, input, json, access, report, interactive });
    if (app === undefined) throw new UsageError('--state-machine goes with --app: stepworks run --app cdk.out --state-machine …');
    if (pattern !== undefined || scenario !== undefined) throw new UsageError('a pattern or --scenario doesn’t go with --app');
    return runApp({ app, stateMachine, input, json, access, report, interactive });
  }
  throw new UsageError(`'${positionals.join(' ')}' is not a command`);
}

function inRepository(samples: SampleCommands | undefined): SampleCommands {
  if (samples) return samples;
  throw new UsageError('the samples are in the repository of stepworks, not in this package: for a workflow of your own, give --app');
}

function accessMode(given: string | undefined): AccessMode | undefined {
  const mode = MODES.find((one) => one === given);
  if (given === undefined || mode !== undefined) return mode;
  throw new UsageError(`--access is one of ${MODES.join(', ')}, not '${given}'`);
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
        access: { type: 'string' },
        config: { type: 'string' },
        report: { type: 'string' },
        out: { type: 'string' },
        theme: { type: 'string' },
        fault: { type: 'string' },
        at: { type: 'string' },
        head: { type: 'string' },
        interactive: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // What Node adds is of no use here: there are no such positionals.
    throw new UsageError((error as Error).message.replace(/\. To specify a positional argument[\s\S]*/, ''));
  }
}
