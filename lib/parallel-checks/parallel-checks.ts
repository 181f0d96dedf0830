import { type Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import type { Check } from './check';
import { CheckRule } from './check-rule';

/** What happens when a check can't be carried out, after its retries. */
export enum OnCheckError {
  /** The input is flagged, with the error as the reason: a person looks at it. */
  FLAG = 'FLAG',
  /** The run fails with `CheckFailed`. */
  FAIL = 'FAIL',
}

/** Properties of `ParallelChecks`. */
export interface ParallelChecksProps extends WorkflowProps {
  /** The checks by name. A name is the key of the result and part of the state's name: letters, digits and underscores. */
  readonly checks: { [name: string]: Check };
  /** What to do with an input that no check objects to. */
  readonly onPassed: sfn.IChainable;
  /** What to do with an input that is flagged: `gate.step(…)` to ask a person, or any steps of your own. */
  readonly onFlagged: sfn.IChainable;
  /** The fields of the input that are required and checked first, by name. @default - any object */
  readonly input?: { [name: string]: InputField };
  /** When the checks taken together flag the input. @default CheckRule.anyFlagged() */
  readonly rule?: CheckRule;
  /** What happens when a check can't be carried out. @default OnCheckError.FLAG */
  readonly onCheckError?: OnCheckError;
  /** Standard or Express. @default - Express, or Standard when a step waits for a person or a job, which Express can't */
  readonly stateMachineType?: sfn.StateMachineType;
  /** How long a run may take. @default - five minutes for Express, 90 days for Standard */
  readonly timeout?: Duration;
}

/**
 * Named checks side by side, and a rule that decides: AWS's "account opening" pattern.
 *
 * - Input: an object with the fields of `input`; others are let through.
 * - Output: what `onPassed` or `onFlagged` give. They get the input with a field `checks`:
 *   `{ <name>: { flagged, reason?, score?, error? } }`.
 * - Errors: `InvalidInput` (the cause names every problem; nothing was touched), `CheckFailed` (with `OnCheckError.FAIL`), and what
 *   `onPassed` and `onFlagged` end in.
 *
 * Costs three state transitions, one for each check, one more for each that could not be carried out, and those of the branch taken.
 * @see https://aws.amazon.com/step-functions/use-cases/ "Combine Lambda functions to build a web-based application"
 */
export class ParallelChecks extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;

  constructor(scope: Construct, id: string, props: ParallelChecksProps) {
    super(scope, id);
    const names = Object.keys(props.checks);
    assertNames(names);
    if (props.input && 'checks' in props.input) {
      throw new Error("the input field 'checks' would be overwritten: the results of the checks are kept under that name");
    }

    const runChecks = sfn.Parallel.jsonata(this, 'RunChecks', {
      comment: 'Results are kept by name, beside the input.',
      outputs: `{% $merge([$states.input, { "checks": { ${names.map((name, i) => `"${name}": $states.result[${i}]`).join(', ')} } }]) %}`,
    });
    for (const name of names) runChecks.branch(this.branch(name, props.checks[name], props.onCheckError ?? OnCheckError.FLAG));
    if (props.onCheckError === OnCheckError.FAIL) {
      runChecks.addCatch(
        sfn.Fail.jsonata(this, 'CheckFailed', {
          error: 'CheckFailed',
          cause: '{% $states.input.checkError.Error & ": " & $states.input.checkError.Cause %}',
        }),
        { errors: ['States.ALL'], outputs: '{% $merge([$states.input, { "checkError": $states.errorOutput }]) %}' },
      );
    }

    const flags = (props.rule ?? CheckRule.anyFlagged())._flags(names.map((name) => `$states.input.checks.${name}`));
    const reviewRequired = sfn.Choice.jsonata(this, 'ReviewRequired')
      .when(sfn.Condition.jsonata(`{% ${flags} %}`), props.onFlagged, { comment: 'flagged' })
      .otherwise(props.onPassed);
    const definition = new InputValidation(this, 'Input', { fields: props.input ?? {} }).next(runChecks).next(reviewRequired);

    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      definition,
      comment: `Checks side by side: ${names.join(', ')}`,
    });
    this.stateMachine = this.observed.stateMachine;
  }

  private branch(name: string, check: Check, onError: OnCheckError): sfn.IChainable {
    const title = name[0].toUpperCase() + name.slice(1);
    const task = check._task(this, `Check${title}`);
    if (onError === OnCheckError.FAIL) return task;
    return task.addCatch(sfn.Pass.jsonata(this, `Check${title}Failed`, { comment: 'An error is never "not flagged".' }), {
      errors: ['States.ALL'],
      outputs:
        '{% { "flagged": true, "reason": "the check could not be carried out: " & $states.errorOutput.Error, "error": $states.errorOutput.Error } %}',
    });
  }
}

function assertNames(names: string[]): void {
  if (names.length === 0) throw new Error('checks is empty: name at least one check, or nothing would ever be flagged');
  const illegal = names.filter((name) => !/^[A-Za-z][A-Za-z0-9_]{0,49}$/.test(name));
  if (illegal.length > 0) {
    throw new Error(
      `checks has names that can't be used: ${illegal.map((name) => JSON.stringify(name)).join(', ')}. A name is the key of the result: a letter, then up to 49 letters, digits or underscores`,
    );
  }
  const titles = new Map<string, string>();
  for (const name of names) {
    const title = name[0].toUpperCase() + name.slice(1);
    const other = titles.get(title);
    if (other) throw new Error(`checks '${other}' and '${name}' would share the state name Check${title}: rename one`);
    titles.set(title, name);
  }
}
