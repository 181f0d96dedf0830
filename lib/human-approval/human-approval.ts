import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { ApprovalStepProps } from '../blocks/approval-gate/approval-step-props';
import type { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import type { ApprovalTier } from './approval-tier';
import { TieredQuestion } from './tiered-question';

/** Properties of `HumanApproval`. */
export interface HumanApprovalProps extends WorkflowProps {
  /** Who is asked, what they are shown, how long they have, and what silence means. With `tiers`: about everything that no tier is for. */
  readonly question: ApprovalStepProps;
  /** What `tiers` go by: JSONata such as `{% $states.input.amount %}`. @default - the same question for all */
  readonly amount?: string;
  /**
   * Who decides by the amount: the first tier whose `upTo` is the amount or more. The smallest come first; only the first may be automatic.
   * What is above all tiers, negative, missing or no number is never approved by the rule: `question` is asked about it, unless `input`
   * has refused it.
   * @default - the same question for all
   */
  readonly tiers?: ApprovalTier[];
  /** What to do once it is approved. @default - the run succeeds with the outcome */
  readonly onApproved?: sfn.IChainable;
  /** The fields of the input that are required and checked first, by name. @default - any object */
  readonly input?: { [name: string]: InputField };
  /** The gate to ask through: several workflows can share one. @default - a new gate */
  readonly gate?: ApprovalGate;
  /** How long a run may take. @default Duration.days(365) */
  readonly timeout?: Duration;
}

/**
 * A workflow around one question to a person: the input is checked, an approver decides, your steps follow.
 *
 * - Input: an object with the fields of `input`; others are let through.
 * - Output: what `onApproved` gives; without it the input with the outcome,
 *   `{ decision, by, at, reason, summaryHash }`, under the question's `outcomeField`. What the rule of an automatic tier approved has `by`
 *   "rule" and no `summaryHash`.
 * - Errors: `InvalidInput` (the cause names every problem; nobody was asked), `ApprovalRejected` (without the question's `onRejected`),
 *   those of `ApprovalGate.step` where the question can't be asked, and what your steps end in.
 *
 * Costs five state transitions, one more with tiers, and those of your steps.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/tutorial-human-approval.html
 */
export class HumanApproval extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** The gate that asks. */
  public readonly gate: ApprovalGate;

  constructor(scope: Construct, id: string, props: HumanApprovalProps) {
    super(scope, id);
    this.gate = props.gate ?? new ApprovalGate(this, 'Gate');
    const approval = this.approval(props);
    const asked = new InputValidation(this, 'Input', { fields: props.input ?? {} }).next(approval);
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      definition: props.onApproved ? asked.next(props.onApproved) : asked,
      stateMachineType: sfn.StateMachineType.STANDARD,
      timeout: props.timeout ?? Duration.days(365),
      comment: 'A person decides',
    });
    this.stateMachine = this.observed.stateMachine;
    this.gate.grantTaskResponse(this.stateMachine);
  }

  private approval({ amount, tiers, question }: HumanApprovalProps): sfn.StateMachineFragment {
    if (amount === undefined && tiers === undefined) return this.gate.step('Approval', question);
    if (amount === undefined || tiers === undefined) {
      throw new Error(`${amount === undefined ? 'tiers without amount' : 'amount without tiers'}: give both, or neither`);
    }
    return new TieredQuestion(this, 'Tiers', this.gate, amount, tiers, question);
  }
}
