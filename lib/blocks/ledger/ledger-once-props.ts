import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** What is done once for each item. */
export interface LedgerOnceProps {
  /** What the item is called: a text, or JSONata over the state such as `{% $states.input.orderId %}`. At most 2,048 bytes; a number becomes its text. */
  readonly key: string;
  /** What is done once. It gets the input. Variables that it assigns are not seen after it; its output is. */
  readonly steps: sfn.IChainable;
  /**
   * How long the steps may take: whole seconds, from one minute to a year. After that another run may do them again, though this one still
   * works. A run that has ended is known to have ended before.
   */
  readonly leaseFor: Duration;
  /** What of the steps' output, `$states.input`, is kept and given to repetitions: JSONata. At most 256 KiB. @default - the steps' output */
  readonly result?: string;
  /** How long the item is remembered, a day to ten years. After that its key is a new item. @default Duration.days(90) */
  readonly keepFor?: Duration;
  /** Names of errors which say that the item itself is at fault. A repetition then fails with the same error, the steps undone. @default - after any error the steps are done again */
  readonly businessErrors?: string[];
  /** How long a repetition waits while another run does the steps: whole seconds, up to 30 days. @default - no waiting */
  readonly waitAtMost?: Duration;
  /** What a repetition does while another run does the steps, when it need not or may no longer wait. Gets the input. @default - the run fails with `ItemInProgress` */
  readonly onInProgress?: sfn.IChainable;
  /** What is recorded: steps of the same name and key are the same, in any state machine. @default - the name of the steps */
  readonly step?: string;
}
