/** Characters that move or hide others: bidirectional controls, zero-width characters, the byte order mark. */
const INVISIBLE = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;

/** Takes out what could make text look like something else. Line breaks stay, as LF. */
export function withoutControls(text: string): string {
  return (
    text
      .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it takes out.
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, (character) => (character === '\t' ? ' ' : ''))
      .replace(INVISIBLE, '')
  );
}

/** Text of others on one line, so that it cannot pass for a part of the message. Cut at `limit` characters. */
export function oneLine(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = withoutControls(text).replace(/\s+/g, ' ').trim();
  const characters = Array.from(line);
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}

/** A value of the summary in words. */
export function displayed(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(displayed).join(', ') || '—';
  return JSON.stringify(value);
}

/** The first 48 bits of a hash, in groups that two people can compare: `3f9a 1c02 77be`. */
export function fingerprint(hash: string): string {
  return (/^[0-9a-f]{12}/i.exec(hash)?.[0] ?? hash.slice(0, 12)).replace(/(.{4})(?=.)/g, '$1 ');
}

/** The names in an execution's ARN, `arn:<partition>:states:<region>:<account>:execution:<machine>:<execution>`. */
export function namesOf(executionArn: string): { machine: string; execution: string } {
  const parts = executionArn.split(':');
  return { machine: parts[6] ?? '', execution: parts.slice(7).join(':') };
}

/** A number of things: `1 try`, `2 tries`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
