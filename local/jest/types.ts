/**
 * What the matchers are to a type checker: jest's global `expect` has them. For the `expect` of `@jest/globals`:
 * `declare module 'expect' { interface Matchers<R extends void | Promise<void>, T> extends WorkflowMatchers<R> {} }`.
 */
export interface WorkflowMatchers<R> {
  /** The run has ended, and succeeded. */
  toHaveSucceeded(): R;
  /**
   * The run has ended in this error: FAILED, or TIMED_OUT for "States.Timeout".
   * @param cause a part of it, a pattern, or an asymmetric matcher
   */
  toHaveFailedWith(error: string, cause?: unknown): R;
  /** The run has not ended, and the state that it entered last is this one. */
  toBeWaitingIn(state: string): R;
  /** The names of the states in the order of entering, those inside Map and Parallel too. */
  toHaveVisited(states: readonly string[]): R;
  /** For a cloud, or a run: nobody was denied a call, since the run was started. */
  toHaveDeniedNothing(): R;
  /** For a cloud: every permission of every role was used by some call so far. */
  toHaveUsedEveryPermission(): R;
}

declare global {
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: the parameters must be those of jest's own declaration
    interface Matchers<R, T = {}> extends WorkflowMatchers<R> {}
  }
}
