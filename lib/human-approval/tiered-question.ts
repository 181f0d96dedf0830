import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expressionText, isJsonata } from '../asl/jsonata';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { ApprovalStepProps } from '../blocks/approval-gate/approval-step-props';
import { outcomeFieldOf } from '../blocks/approval-gate/outcome-field';
import type { ApprovalTier } from './approval-tier';

/**
 * Chooses by an amount who decides. Whatever is no number of zero or more, and whatever is above all tiers, goes to the person whose
 * question it is without tiers: the rule never approves what it doesn't know.
 */
export class TieredQuestion extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(
    scope: Construct,
    id: string,
    gate: ApprovalGate,
    amount: string,
    tiers: readonly ApprovalTier[],
    question: ApprovalStepProps,
  ) {
    super(scope, id);
    assertTiers(amount, tiers, question);
    const field = outcomeFieldOf(question);
    const choice = sfn.Choice.jsonata(this, 'ChooseTier', { comment: 'What is no number of zero or more is for a person' });
    const ends: sfn.INextable[] = [];
    for (const [index, tier] of tiers.entries()) {
      const way = tier.question
        ? gate.step(`Tier${index + 1}`, tier.question)
        : sfn.Pass.jsonata(this, 'ApprovedByRule', {
            outputs: `{% $merge([$states.input, { "${field}": { "decision": "APPROVED", "by": "rule", "at": $states.context.State.EnteredTime, "reason": "up to ${tier.upTo}" } }]) %}`,
          });
      ends.push(...way.endStates);
      choice.when(sfn.Condition.jsonata(`{% ${within(amount, tier.upTo)} %}`), way, { comment: `up to ${tier.upTo}` });
    }
    const person = gate.step('Approval', question);
    choice.otherwise(person);
    this.startState = choice;
    this.endStates = [...ends, ...person.endStates];
  }
}

/** JSON has neither NaN nor infinity; a text that looks like a number is none. */
function within(amount: string, upTo: number): string {
  return `( $amount := (${expressionText(amount)}); $type($amount) = "number" ? $amount >= 0 and $amount <= ${upTo} : false )`;
}

function assertTiers(amount: string, tiers: readonly ApprovalTier[], question: ApprovalStepProps): void {
  if (!isJsonata(amount)) {
    throw new Error(`the amount '${amount}' is no JSONata expression: give one such as '{% $states.input.amount %}'`);
  }
  if (tiers.length === 0) throw new Error('there are no tiers: give at least one, or leave amount and tiers out');
  for (const [index, { upTo, question: asked }] of tiers.entries()) {
    const below = tiers[index - 1]?.upTo;
    if (!Number.isFinite(upTo) || upTo < 0 || (below !== undefined && upTo <= below)) {
      throw new Error(
        `tier ${index + 1} goes up to ${upTo}: give a finite number of zero or more${below === undefined ? '' : `, above the ${below} of the tier before it`}`,
      );
    }
    if (!asked && index > 0) throw new Error(`tier ${index + 1} is automatic, though a person is asked about less: only the first can be`);
    if (asked && outcomeFieldOf(asked) !== outcomeFieldOf(question)) {
      throw new Error(
        `the outcomeField of tier ${index + 1} is '${outcomeFieldOf(asked)}', that of the question '${outcomeFieldOf(question)}': give all the same`,
      );
    }
  }
}
