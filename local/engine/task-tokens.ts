import { createHash } from 'node:crypto';
import type { Json } from '../../lib/asl/json';
import { Quota } from '../../lib/asl/quotas';
import { ApiError } from '../cloud-types';
import { InexactNumberError, parseJson } from './data/exact-json';
import { StateFailure } from './errors';
import { uuid } from './random';

/** AWS's tokens begin so, and are long. */
const PREFIX = 'AQCEAAAAKgAAAAMAAAAAAAAAA';
const SERIALS = 6;
const SIGNATURE_LENGTH = 43;

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

  /** @param stateMachineArn whose token it is: IAM may limit answers to it */
  issue(stateMachineArn: string): PendingTask {
    const serial = Array.from({ length: SERIALS }, () => uuid(this.random).replaceAll('-', '')).join('');
    const token = tokenOf(serial, stateMachineArn);
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
    if (issuerOf(token) !== undefined) throw new ApiError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);
    throw new ApiError('InvalidToken', `Invalid Token: 'Invalid token'`);
  }
}

/** The state machine's ARN stands in its token, so that a token that was issued once is known without keeping them all. */
function tokenOf(serial: string, stateMachineArn: string): string {
  const owner = Buffer.from(stateMachineArn).toString('base64url');
  return `${PREFIX}${serial}${signature(`${serial}${owner}`)}${owner}`;
}

/** The ARN of the state machine that issued this token, waiting or not; nothing for a text that is no token. */
export function issuerOf(token: string): string | undefined {
  const serial = token.slice(PREFIX.length, PREFIX.length + SERIALS * 32);
  const owner = token.slice(PREFIX.length + SERIALS * 32 + SIGNATURE_LENGTH);
  const stateMachineArn = Buffer.from(owner, 'base64url').toString('utf8');
  return token === tokenOf(serial, stateMachineArn) ? stateMachineArn : undefined;
}

function signature(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function parsed(output: string): Json {
  try {
    return parseJson(output);
  } catch (error) {
    if (error instanceof InexactNumberError) throw new ApiError('InvalidOutput', `Invalid Output: ${error.message}`);
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
