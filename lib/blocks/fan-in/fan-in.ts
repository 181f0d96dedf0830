import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FanInPolicy } from './fan-in-policy';

/** Properties of `FanIn`. */
export interface FanInProps {
  /** Steps by name. A name is the key of the outcome and part of states' names: a letter, then letters, digits or underscores. */
  readonly branches: { [name: string]: sfn.IChainable };
  /** What becomes of branches that fail. @default FanInPolicy.all() */
  readonly policy?: FanInPolicy;
  /** The field of the state that gets the outcomes by name; a second fan-in of the same name replaces it. @default "branches" */
  readonly outcomeField?: string;
}

/**
 * Named branches side by side, and what became of each under its name, for any workflow.
 *
 * - Input: an object; every branch gets it.
 * - Output: the input with the outcomes under `outcomeField`: `{ <name>: { status: "SUCCEEDED", output } | { status: "FAILED", error,
 *   cause } }`. `output` is what the branch's last state gave.
 * - Errors: `BranchesFailed`, when fewer branches succeeded than the policy wants; its cause names every one that failed. With
 *   `FanInPolicy.failFast()` the error of the first branch that failed, its name before the cause. `States.DataLimitExceeded` and
 *   `States.Runtime` end the run: no state sees them.
 *
 * Costs a state transition, one for each branch and for each that failed, one to count, and those of the branches.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
 */
export class FanIn extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];
  private readonly field: string;

  /** @param id name of the state that branches, unique in the state machine; the names of the others begin with it */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: FanInProps,
  ) {
    // The state's name may come again in another state machine; the construct's id may not.
    super(scope, `${id}FanIn`);
    this.field = props.outcomeField ?? 'branches';
    const names = Object.keys(props.branches);
    assertProps(id, names, this.field);
    const least = (props.policy ?? FanInPolicy.all())._least(names.length);
    const parallel = sfn.Parallel.jsonata(this, id, {
      outputs: `{% $merge([$states.input, { "${this.field}": { ${names.map((name, i) => `"${name}": $states.result[${i}]`).join(', ')} } }]) %}`,
    });
    for (const name of names) parallel.branch(this.branch(id, name, least === undefined));
    this.startState = parallel;
    this.endStates = least ? this.counted(id, parallel, names, least) : parallel.endStates;
  }

  /** In a Parallel of its own, so that one branch's error is caught whatever its steps are. */
  private branch(id: string, name: string, failFast: boolean): sfn.IChainable {
    const state = `${id}${name[0].toUpperCase()}${name.slice(1)}Branch`;
    const steps = sfn.Parallel.jsonata(this, state, { outputs: '{% { "status": "SUCCEEDED", "output": $states.result[0] } %}' });
    const failed = failFast
      ? sfn.Fail.jsonata(this, `${state}Failed`, {
          error: '{% $states.input.error %}',
          cause: `{% "the branch ${name}: " & $states.input.cause %}`,
        })
      : sfn.Pass.jsonata(this, `${state}Failed`, { comment: 'An error stands beside what the other branches gave.' });
    return steps.branch(this.props.branches[name]).addCatch(failed, {
      errors: ['States.ALL'],
      outputs: '{% { "status": "FAILED", "error": $states.errorOutput.Error, "cause": $states.errorOutput.Cause } %}',
    });
  }

  private counted(id: string, parallel: sfn.Parallel, names: string[], least: number): sfn.INextable[] {
    const outcomes = `$states.input.${this.field}`;
    const all = `[${names.map((name) => `$merge([${outcomes}.${name}, { "name": "${name}" }])`).join(', ')}]`;
    const failed = sfn.Fail.jsonata(this, `${id}BranchesFailed`, {
      error: 'BranchesFailed',
      cause:
        `{% ( $failed := ${all}[status = "FAILED"]; $string($count($failed)) & " of ${names.length} branches failed, ` +
        `${least} had to succeed: " & $join($failed.(name & ": " & error & ($exists(cause) ? ", " & $substring(cause, 0, 1000))), "; ") ) %}`,
    });
    const enough = sfn.Choice.jsonata(this, `${id}Enough`, { comment: `At least ${least} of ${names.length} have to succeed.` });
    parallel.next(
      enough.when(sfn.Condition.jsonata(`{% $count(${all}[status = "SUCCEEDED"]) < ${least} %}`), failed, { comment: 'too few' }),
    );
    return enough.afterwards({ includeOtherwise: true }).endStates;
  }
}

function assertProps(id: string, names: string[], field: string): void {
  const legal = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;
  const problems: string[] = [];
  if (names.length === 0) problems.push('branches is empty: name at least one');
  const illegal = names.filter((name) => !legal.test(name));
  if (illegal.length > 0) {
    problems.push(
      `branches can't be called ${illegal.map((name) => JSON.stringify(name)).join(', ')}: a letter, then up to 39 letters, digits or underscores`,
    );
  }
  const titles = names.map((name) => name[0]?.toUpperCase() + name.slice(1));
  const twice = names.filter((_, i) => titles.indexOf(titles[i]) !== i);
  if (twice.length > 0) problems.push(`the branch ${twice.join(', ')} would share its states' names with another: rename one`);
  if (!legal.test(field)) problems.push(`outcomeField '${field}' is no field name: a letter, then up to 39 letters, digits or underscores`);
  if (problems.length > 0) throw new Error(`the fan-in '${id}' can't be made: ${problems.join('; ')}`);
}
