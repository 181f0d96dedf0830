import { isDeepStrictEqual } from 'node:util';
import type { AccessMode, DeniedCall, UnusedPermission } from '../access/types';
import { unusedText } from '../report/permissions';
import { describeDenied, describeRun, type ObservedRun } from './describe-run';

/** What `expect.extend` takes, of jest and of whatever is made like it. */
interface Verdict {
  readonly pass: boolean;
  message(): string;
}

interface ObservedCloud {
  readonly access: { readonly mode: AccessMode; readonly denied: readonly DeniedCall[]; unused(): readonly UnusedPermission[] };
}

export const matchers = {
  toHaveSucceeded(received: unknown): Verdict {
    const run = asRun('toHaveSucceeded', received);
    return verdict(run.status === 'SUCCEEDED', (not) => `expected the run ${not}to have succeeded\n${describeRun(run)}`);
  },

  toHaveFailedWith(received: unknown, error: string, cause?: unknown): Verdict {
    const run = asRun('toHaveFailedWith', received);
    const failed = run.status === 'FAILED' || run.status === 'TIMED_OUT';
    const because = cause === undefined ? '' : `, and the cause ${showCause(cause)}`;
    return verdict(
      failed && run.error === error && (cause === undefined || matchesCause(run.cause, cause)),
      (not) => `expected the run ${not}to have failed with ${error}${because}\n${describeRun(run)}`,
    );
  },

  toBeWaitingIn(received: unknown, state: string): Verdict {
    const run = asRun('toBeWaitingIn', received);
    return verdict(
      run.status === 'RUNNING' && run.statesVisited.at(-1) === state,
      (not) => `expected the run ${not}to be waiting in ${state}\n${describeRun(run)}`,
    );
  },

  toHaveVisited(received: unknown, states: readonly string[]): Verdict {
    const run = asRun('toHaveVisited', received);
    const visited = [...run.statesVisited];
    return verdict(
      isDeepStrictEqual(visited, [...states]),
      (not) => `expected the run ${not}to have visited\n${compare(states, visited)}\n${describeRun(run)}`,
    );
  },

  toHaveDeniedNothing(received: unknown): Verdict {
    const denied = isCloud(received)
      ? checked(received, 'toHaveDeniedNothing').denied
      : asRun('toHaveDeniedNothing', received, 'or a cloud').deniedCalls;
    return verdict(denied.length === 0, (not) =>
      not ? 'expected some call to have been denied, but none was' : `expected no call to have been denied\n${describeDenied(denied)}`,
    );
  },

  toHaveUsedEveryPermission(received: unknown): Verdict {
    if (!isCloud(received)) throw new TypeError('expect(…).toHaveUsedEveryPermission() is for a LocalCloud');
    const unused = checked(received, 'toHaveUsedEveryPermission')
      .unused()
      .map((permission) => `  ${unusedText(permission)}`);
    return verdict(unused.length === 0, (not) =>
      not
        ? 'expected some permission to be unused, but all were used'
        : `expected every permission to have been used; unused:\n${unused.join('\n')}`,
    );
  },
};

function verdict(pass: boolean, message: (not: string) => string): Verdict {
  return { pass, message: () => message(pass ? 'not ' : '') };
}

function asRun(matcher: string, received: unknown, more = ''): ObservedRun {
  if (typeof received === 'object' && received !== null && 'statesVisited' in received && 'history' in received)
    return received as ObservedRun;
  const promise = received instanceof Promise ? ': an await is missing' : '';
  throw new TypeError(`expect(…).${matcher}() is for a run${more && ` ${more}`}, as cloud.stateMachine(…).start(…) gives it${promise}`);
}

/** Where nothing is checked nothing could be found: the expectation would hold whatever happened. */
function checked({ access }: ObservedCloud, matcher: string): ObservedCloud['access'] {
  if (access.mode !== 'off') return access;
  throw new TypeError(`expect(…).${matcher}() needs a LocalCloud that checks calls: this one was made with access: 'off'`);
}

function isCloud(received: unknown): received is ObservedCloud {
  return typeof received === 'object' && received !== null && 'access' in received && 'stateMachine' in received;
}

interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
  /** What `expect.stringContaining("text")` was given. */
  readonly sample?: unknown;
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return typeof value === 'object' && value !== null && 'asymmetricMatch' in value;
}

function matchesCause(cause: string | undefined, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(cause);
  if (expected instanceof RegExp) return expected.test(cause ?? '');
  return typeof expected === 'string' && (cause ?? '').includes(expected);
}

function showCause(cause: unknown): string {
  if (isAsymmetric(cause)) return `${cause} ${JSON.stringify(cause.sample)}`;
  return cause instanceof RegExp ? String(cause) : JSON.stringify(cause);
}

/** Side by side, as far as they agree and where they first don't. */
function compare(expected: readonly string[], visited: readonly string[]): string {
  const differs = expected.findIndex((state, i) => state !== visited[i]);
  const at = differs < 0 ? expected.length : differs;
  const found = `${visited[at] ?? 'nothing'} came where ${expected[at] ?? 'nothing'} was expected`;
  return `  expected: ${expected.join(', ')}\n  visited:  ${visited.join(', ')}\n  at place ${at + 1} ${found}`;
}
