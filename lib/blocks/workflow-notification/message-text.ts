import { expressionText, isJsonata } from '../../asl/jsonata';
import type { NotificationMessageProps } from './notification-message-props';

/** SNS: "less than 100 characters". https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LONGEST_SUBJECT = 99;
const LONGEST_VALUE = 300;

/** A text as a JSONata literal, an expression as it is. */
export function valueExpression(value: string): string {
  return isJsonata(value) ? `(${expressionText(value)})` : JSON.stringify(value);
}

/**
 * JSONata that begins with a function `$line`: any value as one line of text. What moves, hides or breaks text is taken out, so that what
 * others wrote can't pass for another field; then what is secret; then what is too long. The patterns mean the same in JavaScript and in Java.
 */
function line(redact: readonly string[]): string {
  const shown = '$exists($v) ? ($type($v) = "string" ? $v : $string($v)) : "-"';
  const visible = String.raw`$replace(${shown}, /[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/, "")`;
  const oneLine = String.raw`$trim($replace(${visible}, /[\s\u0085\u2028\u2029]+/, " "))`;
  const redacted = redact.reduce((text, pattern) => `$replace(${text}, /${pattern.replaceAll('/', '\\/')}/, "[hidden]")`, oneLine);
  return `$line := function($v) { ( $t := ${redacted}; $length($t) > ${LONGEST_VALUE} ? $substring($t, 0, ${LONGEST_VALUE - 1}) & "…" : $t ) }`;
}

/** JSONata for the subject. @param fallback when nothing of it is ASCII */
export function subjectExpression({ subject }: NotificationMessageProps, redact: readonly string[], fallback: string): string {
  return (
    `( ${line(redact)}; $ascii := $trim($replace($line(${valueExpression(subject)}), /[^ -~]+/, "?")); ` +
    `$substring($ascii = "" ? ${JSON.stringify(fallback)} : $ascii, 0, ${LONGEST_SUBJECT}) )`
  );
}

/** JSONata for the message: the subject, the fields, and which run it was. */
export function bodyExpression({ subject, fields }: NotificationMessageProps, redact: readonly string[]): string {
  const rows = Object.entries(fields).map(([label, value]) => `${JSON.stringify(`${label}: `)} & $line(${valueExpression(value)})`);
  const parts = [
    `$line(${valueExpression(subject)})`,
    '""',
    ...rows,
    '""',
    '"Run " & $states.context.Execution.Name & " of " & $states.context.StateMachine.Name',
  ];
  return `( ${line(redact)}; $join([${parts.join(', ')}], "\\n") )`;
}
