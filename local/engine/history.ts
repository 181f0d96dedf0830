import { Quota } from '../../lib/asl/quotas';
import type { HistoryEvent } from './types';

/** Texts of types that are made again and again stand once in memory. */
const types = new Map<string, { readonly type: string; readonly member: string }>();

function known(type: string) {
  let found = types.get(type);
  if (!found) {
    found = { type, member: detailsMember(type) };
    types.set(type, found);
  }
  return found;
}

/** Events of one type carry their details in a member named after it; state events share two, and a few have none. */
export function detailsMember(type: string): string {
  if (type.endsWith('StateEntered')) return 'stateEnteredEventDetails';
  if (type.endsWith('StateExited')) return 'stateExitedEventDetails';
  return `${type[0].toLowerCase()}${type.slice(1)}EventDetails`;
}

/** Thrown when a Standard execution has as many events as AWS keeps. */
export class HistoryFullError extends Error {}

/** The one emitter of an execution's events. */
export class History {
  readonly events: HistoryEvent[] = [];

  constructor(
    private readonly now: () => number,
    private readonly onEvent: (event: HistoryEvent) => void,
    private readonly limit: number,
  ) {}

  /** Writes an event and gives its id. */
  emit(name: string, details: object | undefined, previousEventId: number): number {
    // The last place is kept for ExecutionFailed itself.
    if (this.events.length >= this.limit - 1 && !name.startsWith('Execution')) throw new HistoryFullError();
    const { member, type } = known(name);
    const [timestamp, id] = [this.now(), this.events.length + 1];
    const event: HistoryEvent =
      details === undefined ? { timestamp, type, id, previousEventId } : { timestamp, type, id, previousEventId, [member]: details };
    this.events.push(event);
    this.onEvent(event);
    return event.id;
  }
}

/** `inputDetails` and `outputDetails`: the engine never truncates. */
export const COMPLETE = { truncated: false };

/** What the first attempt of a state follows that a redrive goes on with, without entering it again. */
const RESUMED = /^(ExecutionRedriven|ParallelStateStarted|MapIterationStarted)$/;

const ATTEMPT = /^(Task|LambdaFunction|Activity)Scheduled$|^(Map|Parallel)StateStarted$/;

/**
 * State transitions as Standard workflows are billed: each state entered, each retry, and each redrive of the execution.
 * Source: https://aws.amazon.com/step-functions/pricing/ and https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export function transitions(history: readonly HistoryEvent[]): number {
  const entered = new Set(history.filter(isEntered).map((event) => event.id));
  // A first attempt follows its state's own entry; whatever else an attempt follows, it is a retry.
  const retries = history.filter((event) => {
    if (!ATTEMPT.test(event.type)) return false;
    const { type } = history[event.previousEventId - 1];
    return !RESUMED.test(type) && (!entered.has(event.previousEventId) || !isAttemptOf(event.type, type));
  });
  return entered.size + retries.length + history.filter(({ type }) => type === 'ExecutionRedriven').length;
}

function isEntered(event: HistoryEvent): boolean {
  return event.type.endsWith('StateEntered');
}

function isAttemptOf(attempt: string, entered: string): boolean {
  const type = /^(Map|Parallel)/.exec(attempt)?.[0] ?? 'Task';
  return entered === `${type}StateEntered`;
}

/** Names of the states in the order in which they were entered, those inside Map and Parallel included. */
export function statesVisited(history: readonly HistoryEvent[]): string[] {
  return history.filter((event) => event.type.endsWith('StateEntered')).map((event) => event.stateEnteredEventDetails.name);
}

export const HISTORY_FULL_CAUSE = `The execution reached the maximum number of history events (${Quota.HISTORY_EVENTS}).`;
