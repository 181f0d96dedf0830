import { createContext, Script } from 'node:vm';

/** Where work is started from that V8 shall stop: a timer alone cannot interrupt what never yields. */
const context = createContext({ work: undefined }) as { work: unknown };
const start = new Script('work()');

/**
 * Does work that is synchronous and may never end by itself: a broken file's reader, a regular expression. It costs some 60 µs.
 * @param milliseconds real time; ample, so that it never depends on the machine whether sound work ends
 * @throws what `tooLong` gives when the time is up
 */
export function bounded<T>(milliseconds: number, work: () => T, tooLong: () => Error): T {
  context.work = work;
  try {
    return start.runInContext(context, { timeout: milliseconds }) as T;
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? tooLong() : error;
  } finally {
    context.work = undefined;
  }
}
