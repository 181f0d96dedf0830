import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Approver } from './approver';
import type { OnExpired } from './on-expired';

/** One question to a person. */
export interface ApprovalStepProps {
  /** Who is asked. */
  readonly approver: Approver;
  /**
   * What the approver is shown, by label: texts, or JSONata over the state such as `{% $states.input.amount %}`. The outcome carries
   * its hash, so that it can be shown later what exactly was approved.
   */
  readonly summary: { [label: string]: string };
  /** How long the approver has. */
  readonly expiresIn: Duration;
  /** What happens when nobody decides in time. */
  readonly onExpired: OnExpired;
  /** What happens when the approver rejects. @default - the run fails with `ApprovalRejected` */
  readonly onRejected?: sfn.IChainable;
  /** What is asked, as the mail's subject and the page's heading say. @default - the step's id */
  readonly title?: string;
  /** The field of the state that gets the outcome. @default "approval" */
  readonly outcomeField?: string;
}
