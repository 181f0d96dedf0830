import { createHash } from 'node:crypto';
import type { Json } from '../../lib/asl/json';
import { Quota } from '../../lib/asl/quotas';
import { ApiError } from '../cloud-types';
import { StateFailure } from './errors';
import { uuid } from './random';

/** AWS's tokens begin so, and are long. */
const PREFIX = 'AQCEAAAAKgAAAAMAAAAAAAAAA';
const SERIALS = 6;

/** A task that waits for its token to come back. */
export interface PendingTask {
  readonly token: string;
  readonly answer: Promise<Json>;
  /** When the worker last was heard of. */
  lastHeartbeat: number;
  /** No answer counts any more: it came, or it is too late. */
  close(): void;
}

/** The task tokens of all executions. */
export class TaskTokens {
  private readonly pending = new Map<string, PendingTask & { succeed(output: Json): void; fail(failure: StateFailure): void }>();

  constructor(
    private readonly now: () => number,
    private readonly random: () => number,
  ) {}

  issue(): PendingTask {
    const serial = Array.from({ length: SERIALS }, () => uuid(this.random).replaceAll('-', '')).join('');
    const token = `${PREFIX}${serial}${signature(serial)}`;
    const { promise, resolve, reject } = settable<Json>();
    promise.catch(() => {});
    const close = () => void this.pending.delete(token);
    const task = { token, answer: promise, lastHeartbeat: this.now(), close, succeed: resolve, fail: reject };
    this.pending.set(token, task);
    return task;
  }

  succeed(token: string, output: string): void {
    if (Buffer.byteLength(output, 'utf8') > Quota.PAYLOAD_BYTES) {
      throw new ApiError(
        'ValidationException',
        `1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less than or equal to ${Quota.PAYLOAD_BYTES}`,
      );
    }
    const value = parsed(output);
    const task = this.open(token);
    task.close();
    task.succeed(value);
  }

  fail(token: string, error?: string, cause?: string): void {
    const task = this.open(token);
    task.close();
    task.fail(new StateFailure(error, cause));
  }

  heartbeat(token: string): void {
    this.open(token).lastHeartbeat = this.now();
  }

  private open(token: string) {
    const task = this.pending.get(token);
    if (task) return task;
    if (wasIssued(token)) throw new ApiError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);
    throw new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
  }
}

/** Tells a token that was issued once from one that never was, without keeping them all. */
function wasIssued(token: string): boolean {
  const serial = token.slice(PREFIX.length, PREFIX.length + SERIALS * 32);
  return token === `${PREFIX}${serial}${signature(serial)}`;
}

function signature(serial: string): string {
  return createHash('sha256').update(serial).digest('base64url');
}

function parsed(output: string): Json {
  try {
    return JSON.parse(output);
  } catch {
    throw new ApiError('InvalidOutput', `Invalid Output: '${output}' is not JSON`);
  }
}

function settable<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
