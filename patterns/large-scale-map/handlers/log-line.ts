/** One request that a web server answered. */
export interface LogLine {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bytes: number;
  readonly millis: number;
}

/** What is wrong with a line, in words that don't quote it: lines hold people's data. Undefined for a sound one. */
export function problemOf(line: unknown): string | undefined {
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return 'the line is no object';
  const { time, method, path, status, bytes, millis } = line as Record<string, unknown>;
  if (typeof time !== 'string' || !/^\d{4}-\d\d-\d\dT.*Z$/.test(time) || Number.isNaN(Date.parse(time))) return 'time is no instant in UTC';
  if (typeof method !== 'string' || !/^[A-Z]{3,7}$/.test(method)) return 'method is no HTTP method';
  if (typeof path !== 'string' || !path.startsWith('/')) return 'path does not begin with a slash';
  if (!isWhole(status) || status < 100 || status > 599) return 'status is no number from 100 to 599';
  if (!isWhole(bytes)) return 'bytes is no whole number from 0';
  if (!isWhole(millis)) return 'millis is no whole number from 0';
  return undefined;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
