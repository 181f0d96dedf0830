const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * Milliseconds since the epoch of an RFC 3339 time with AWS's two rules: an upper-case `T` between date and time, and an
 * upper-case `Z` where there is no offset. Undefined for anything else.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
export function parseTimestamp(text: string): number | undefined {
  return timeOf(RFC3339.exec(text));
}

/** As a Wait reads a time that comes with the data: letters in either case, seconds may be missing. */
const OFFSET_DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)$/i;

/**
 * Milliseconds since the epoch of what AWS calls an "ISO-8601 extended offset date-time", as measured by others:
 * https://github.com/iwamot/sfnx/blob/main/docs/design.md#jsonata-in-step-functions. Undefined for anything else.
 */
export function parseOffsetDateTime(text: string): number | undefined {
  return timeOf(OFFSET_DATE_TIME.exec(text));
}

function timeOf(parts: RegExpExecArray | null): number | undefined {
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (date.getUTCDate() !== day) return undefined;
  const fraction = parts[7] ? Math.floor(Number(`0.${parts[7]}`) * 1000) : 0;
  return date.getTime() + fraction - offsetMinutes(parts[8]) * 60_000;
}

function offsetMinutes(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
