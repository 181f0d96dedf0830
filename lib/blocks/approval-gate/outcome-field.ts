import type { ApprovalStepProps } from './approval-step-props';

/** The field of the state that gets the outcome of a step. */
export function outcomeFieldOf({ outcomeField = 'approval' }: Pick<ApprovalStepProps, 'outcomeField'>): string {
  return outcomeField;
}
