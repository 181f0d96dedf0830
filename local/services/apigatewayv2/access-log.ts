/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
export interface AccessLogLine {
  readonly logGroupArn: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly line: string;
}

/** A variable without a value is "-". */
export function renderAccessLog(format: string, context: Readonly<Record<string, string | number | undefined>>): string {
  return format.replace(/\$context\.([\w.]+)/g, (_, name: string) => String(context[name] ?? '-'));
}
