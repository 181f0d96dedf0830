import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { InputField } from './input-field';

/** Properties of `InputValidation`. */
export interface InputValidationProps {
  /** The fields of the input, by name. Others are let through untouched. */
  readonly fields: { [name: string]: InputField };
}

/**
 * The first steps of a workflow: its input is checked and, when anything is wrong with it, the run ends in `InvalidInput` before
 * anything was touched. Costs one state transition, two when it is refused.
 *
 * - Input: any.
 * - Output: the input, unchanged.
 * - Errors: `InvalidInput`; the cause names every problem, separated by "; ".
 */
export class InputValidation extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, props: InputValidationProps) {
    super(scope, id);
    const problems = InputField.ofObject(props.fields)._problems('$states.input', '');
    const invalid = sfn.Fail.jsonata(this, 'InvalidInput', {
      error: 'InvalidInput',
      cause: `{% $substring(${problems}, 2) %}`,
      comment: 'Nothing has been touched.',
    });
    const valid = sfn.Choice.jsonata(this, 'ValidateInput', { comment: 'Every problem of the input is named in the cause.' });
    this.startState = valid.when(sfn.Condition.jsonata(`{% ${problems} != "" %}`), invalid, { comment: 'something is wrong' });
    this.endStates = valid.afterwards({ includeOtherwise: true }).endStates;
  }
}
