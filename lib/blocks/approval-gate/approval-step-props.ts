import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Approver } from './approver';
import type { OnExpired } from './on-expired';

/** One question to a person. */
export interface ApprovalStepProps {
  /** Who is asked: a person, or a quorum of several. */
  readonly approver: Approver;
  /**
   * What the approver is shown, by label: texts, or JSONata over the state such as `{% $states.input.amount %}`. The outcome carries
   * its hash, so that it can be shown later what exactly was approved. At most 24,576 bytes as JSON.
   */
  readonly summary: { [label: string]: string };
  /** How long the approver has: whole seconds, at least a minute, less than the workflow itself. */
  readonly expiresIn: Duration;
  /**
   * Who asked for it: a text, or JSONata over the state such as `{% $states.input.requestedBy %}`. They may not approve it themselves: of a
   * quorum they are left out, and where nobody else is left the next approver is asked, or the run fails with `ApproverIsRequester`. Names
   * are compared without regard to case and to blanks around them. The audit names the requester.
   * @default - anybody who is asked may approve
   */
  readonly requester?: string;
  /**
   * How long before the expiry whoever hasn't decided yet gets the message again, with the same link and code: whole seconds, at least a
   * minute and less than `expiresIn`, each once, 10 at most. They come on a minute's precision.
   * @default - no reminder
   */
  readonly reminders?: Duration[];
  /** What happens when nobody decides in time. */
  readonly onExpired: OnExpired;
  /** What happens when the approver rejects. @default - the run fails with `ApprovalRejected` */
  readonly onRejected?: sfn.IChainable;
  /** What is asked, as the mail's subject (in ASCII) and the page's heading say. @default - the step's id */
  readonly title?: string;
  /** The field of the state that gets the outcome; a second step of the same name replaces it. @default "approval" */
  readonly outcomeField?: string;
}
