import type { DeniedCall } from '../access/types';
import type { LocalRun } from '../handles/run';
import { deniedText } from '../report/permissions';
import { timeline } from '../report/timeline';
import { humanDuration } from '../report/virtual-time';

/** As much of a run as the matchers look at: a run of another copy of this package will do. */
export type ObservedRun = Pick<LocalRun, 'status' | 'output' | 'error' | 'cause' | 'history' | 'statesVisited' | 'deniedCalls'>;

/** What somebody needs to know of a run that didn't go as expected: how it ended, what happened, what was denied. */
export function describeRun(run: ObservedRun): string {
  const { status, output, error, cause, history, deniedCalls } = run;
  const happened = timeline(history).map(({ at, text }) => `${`+${humanDuration(at)}`.padStart(10)}  ${text}`);
  return [
    `status: ${status}${status === 'RUNNING' ? ' (run.finished() or cloud.clock.advance(…) let time pass)' : ''}`,
    ...(output === undefined ? [] : [`output: ${JSON.stringify(output)}`]),
    ...(error === undefined ? [] : [`error:  ${error}`]),
    ...(cause === undefined ? [] : [`cause:  ${readable(cause)}`]),
    'what happened:',
    ...(happened.length > 0 ? happened : ['  nothing yet']),
    ...(deniedCalls.length > 0 ? ['denied calls:', describeDenied(deniedCalls)] : []),
  ].join('\n');
}

/** A function's error is JSON with a stack trace: its message and the place of it are what helps (not "at": jest takes that for its own). */
function readable(cause: string): string {
  try {
    const { errorMessage, trace = [] } = JSON.parse(cause);
    const place = trace.find((line: string) => line.trim().startsWith('at '));
    return typeof errorMessage === 'string'
      ? [errorMessage, ...(place ? [`        ${place.trim().replace('at', 'in')}`] : [])].join('\n')
      : cause;
  } catch {
    return cause;
  }
}

export function describeDenied(denied: readonly DeniedCall[]): string {
  return denied.map((call) => `  ${deniedText(call)}`).join('\n');
}
