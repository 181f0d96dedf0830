type Fields = Record<string, string | number | boolean | undefined>;

/**
 * Writes one line of JSON for each outcome. What an invocation must not give away is named to `hide`, and is cut out of every line
 * and every error: messages of AWS errors can quote the request, a task token included.
 */
export class Log {
  private readonly hidden = new Set<string>();
  private fields: Fields;

  constructor(fields: Fields = {}) {
    this.fields = fields;
  }

  /** Adds fields to all lines that follow. */
  with(fields: Fields): void {
    this.fields = { ...this.fields, ...fields };
  }

  hide(...secrets: string[]): void {
    for (const secret of secrets) if (secret !== '') this.hidden.add(secret);
  }

  info(outcome: string, fields: Fields = {}): void {
    console.log(this.line('INFO', outcome, fields));
  }

  error(outcome: string, error: unknown, fields: Fields = {}): void {
    console.error(this.line('ERROR', outcome, { ...fields, error: nameOf(error), message: messageOf(error) }));
  }

  /** The error as it may leave the function: its name, which retries and catches go by, and its message, without a secret or a stack. */
  withoutSecrets(error: unknown): Error {
    const safe = new Error(this.redact(messageOf(error)));
    safe.name = nameOf(error);
    safe.stack = `${safe.name}: ${safe.message}`;
    return safe;
  }

  private line(level: string, outcome: string, fields: Fields): string {
    return this.redact(JSON.stringify({ level, time: new Date(Date.now()).toISOString(), outcome, ...this.fields, ...fields }));
  }

  private redact(text: string): string {
    let redacted = text;
    // The longest first: a link is hidden whole, not only the signature inside.
    for (const secret of [...this.hidden].sort((a, b) => b.length - a.length)) redacted = redacted.replaceAll(secret, '[hidden]');
    return redacted;
  }
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no message';
}
