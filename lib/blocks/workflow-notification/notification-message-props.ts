/** A message to people. */
export interface NotificationMessageProps {
  /** What it is about: a text, or JSONata over the state. As a mail's subject it is put into ASCII and cut at 99 characters, which is what SNS takes; the message has it whole. */
  readonly subject: string;
  /** What people read, by label: texts, or JSONata such as `{% $states.input.total %}`. A value stands on one line, cut at 300 characters. At most 50. */
  readonly fields: { [label: string]: string };
  /** Whether the run fails when the message can't be sent, after retries. Otherwise it goes on, by the state `<name>NotSent`. @default false */
  readonly mustArrive?: boolean;
}
