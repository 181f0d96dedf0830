import type { RetryStrategy } from './job-definition';

/** How an attempt ended. */
export interface AttemptEnd {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly statusReason: string;
}

/**
 * The first entry whose conditions all hold decides; where none does, the job is tried again. Conditions may end in "*".
 * https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html
 */
export function mayRetry({ attempts, evaluateOnExit }: RetryStrategy, made: number, end: AttemptEnd): boolean {
  if (made >= attempts) return false;
  const decisive = evaluateOnExit.find(
    ({ onExitCode, onReason, onStatusReason }) =>
      holds(onExitCode, end.exitCode === undefined ? '' : String(end.exitCode)) &&
      holds(onReason, end.reason ?? '') &&
      holds(onStatusReason, end.statusReason),
  );
  return decisive?.action.toUpperCase() !== 'EXIT';
}

function holds(condition: string | undefined, value: string): boolean {
  if (condition === undefined) return true;
  return condition.endsWith('*')
    ? value.toLowerCase().startsWith(condition.slice(0, -1).toLowerCase())
    : value.toLowerCase() === condition.toLowerCase();
}
