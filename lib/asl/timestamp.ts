const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/**
 * Milliseconds since the epoch of an RFC 3339 time with AWS's two rules: an upper-case `T` between date and time, and an
 * upper-case `Z` where there is no offset. Undefined for anything else.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = RFC3339.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (date.getUTCDate() !== day) return undefined;
  const fraction = parts[7] ? Math.floor(Number(`0.${parts[7]}`) * 1000) : 0;
  return date.getTime() + fraction - offsetMinutes(parts[8]) * 60_000;
}

function offsetMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return zone.startsWith('-') ? -minutes : minutes;
}
