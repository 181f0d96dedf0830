import { createHash } from 'node:crypto';

/** When what is waited for is whole. */
export interface Completion {
  readonly type: 'key' | 'prefix' | 'marker' | 'manifest' | 'quiet';
  /** Of the marker or manifest, below the prefix. */
  readonly name?: string;
  /** Without a write. */
  readonly seconds?: number;
}

/** What is waited for. */
export interface Match {
  /** The key itself, where one object is waited for. */
  readonly prefix: string;
  readonly complete: Completion;
  /** Bytes. */
  readonly minSize: number;
  readonly suffix?: string;
  /** ISO. */
  readonly newerThan?: string;
}

/** A task that waits. */
export interface Waiter {
  readonly bucket: string;
  readonly waiterId: string;
  readonly taskToken: string;
  readonly executionArn: string;
  readonly step: string;
  readonly match: Match;
  /** ISO. At this moment the task has given up. */
  readonly expiresAt: string;
}

/** An expression of the state gave what can't be waited for. The same input gives it again, so it is not to be retried. */
export class InvalidObjectWait extends Error {
  override readonly name = 'InvalidObjectWait';
}

const TYPES: readonly string[] = ['key', 'prefix', 'marker', 'manifest', 'quiet'] satisfies Completion['type'][];

/** @throws InvalidObjectWait naming every problem */
export function readWaiter(event: unknown): Waiter {
  const fields = objectOf(event);
  const match = objectOf(fields.match);
  const { prefix, within, suffix, newerThan, minSize } = match;
  const problems: string[] = ['taskToken', 'executionArn', 'step', 'bucket', 'enteredAt']
    .filter((name) => !isText(fields[name]))
    .map((name) => `${name} is not a text`);
  if (!isText(prefix)) problems.push('the key or prefix is not a text');
  else if (prefix.length > 1024) problems.push(`the key or prefix has ${prefix.length} characters, at most 1024 allowed`);
  // The gate may list nothing else, and an input must not lead it elsewhere.
  else if (!isText(within) || !prefix.startsWith(within)) problems.push(`the key or prefix '${prefix}' does not begin with '${within}'`);
  if (suffix !== undefined && typeof suffix !== 'string') problems.push('suffix is not a text');
  if (newerThan !== undefined && Number.isNaN(Date.parse(String(newerThan)))) problems.push(`newerThan '${newerThan}' is not an instant`);
  if (!(typeof minSize === 'number' && minSize >= 0)) problems.push('minSize is not a number of bytes');
  if (!TYPES.includes(String(objectOf(match.complete).type))) problems.push(`complete.type is none of ${TYPES.join(', ')}`);
  if (!(typeof fields.timeoutSeconds === 'number' && fields.timeoutSeconds > 0)) problems.push('timeoutSeconds is not a number above zero');
  if (problems.length > 0) throw new InvalidObjectWait(problems.join('; '));
  const { taskToken, executionArn, step, bucket, enteredAt, timeoutSeconds } = fields as Record<string, string> & {
    timeoutSeconds: number;
  };
  return {
    bucket,
    waiterId: createHash('sha256').update(taskToken).digest().subarray(0, 16).toString('base64url'),
    taskToken,
    executionArn,
    step,
    match: {
      prefix: prefix as string,
      complete: match.complete as Completion,
      minSize: minSize as number,
      ...(suffix !== undefined && { suffix: suffix as string }),
      ...(newerThan !== undefined && { newerThan: new Date(newerThan as string).toISOString() }),
    },
    expiresAt: new Date(Date.parse(enteredAt) + timeoutSeconds * 1000).toISOString(),
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
