import type { HistoryEvent } from '../engine/types';

/** `caught`: it failed and a catcher went on. `aborted`: something else ended it. */
export type VisitStatus = 'succeeded' | 'caught' | 'failed' | 'aborted' | 'running';

/** One stay in a state, as the history tells it. */
export interface StateVisit {
  readonly name: string;
  /** "Task", "Map", … */
  readonly type: string;
  readonly status: VisitStatus;
  /** Milliseconds since the epoch. */
  readonly enteredAt: number;
  readonly exitedAt?: number;
  /** JSON text. */
  readonly input?: string;
  /** JSON text: what the last attempt sent. */
  readonly sent?: string;
  /** JSON text. */
  readonly output?: string;
  readonly retries: number;
  readonly errors: readonly VisitError[];
  /** The Map or Parallel around it. */
  readonly parent?: StateVisit;
  /** The state that came after it in the same workflow. */
  readonly next?: string;
}

export interface VisitError {
  readonly at: number;
  readonly error?: string;
  readonly cause?: string;
  /** Where the history does not say which error it was: the state that failed. The definition may say it, of a Fail state. */
  readonly of?: StateVisit;
}

/** Every stay in a state, in the order of entering. */
export function visitsOf(history: readonly HistoryEvent[]): readonly StateVisit[] {
  const reader = new HistoryReader();
  for (const event of history) reader.read(event);
  return reader.visits;
}

type Open = { -readonly [K in keyof StateVisit]: StateVisit[K] } & {
  readonly entered: HistoryEvent;
  readonly errors: VisitError[];
  parent?: Open;
  /** Whether the last attempt failed. */
  failing: boolean;
  /** The state in which an iteration of this Map failed. */
  failedIn?: Open;
};

const ATTEMPT = /^(Task|LambdaFunction|Activity)Scheduled$|^(Map|Parallel)StateStarted$/;
const FAILURE = /^(Task|LambdaFunction|Activity)\w*(Failed|TimedOut)$|^(Map|Parallel)StateFailed$|^MapRunFailed$|^EvaluationFailed$/;

/** Events are tied to their states by `previousEventId`: each belongs to the state that the event before it left us in. */
class HistoryReader {
  readonly visits: Open[] = [];
  /** By event id: the visit that what follows belongs to. */
  private readonly after = new Map<number, Open | undefined>();
  /** By event id of a StateExited. */
  private readonly exits = new Map<number, Open>();

  read(event: HistoryEvent): void {
    const { type } = event;
    if (type.endsWith('StateEntered')) this.enter(event);
    else if (type.endsWith('StateExited')) this.exit(event);
    else if (type.startsWith('Execution')) this.execution(event);
    else this.inside(event);
  }

  private enter(event: HistoryEvent): void {
    const { name, input } = event.stateEnteredEventDetails;
    const type = event.type.replace(/StateEntered$/, '');
    const previous = this.exits.get(event.previousEventId);
    const parent = this.after.get(event.previousEventId);
    if (previous) previous.next = name;
    const visit: Open = {
      ...{ name, type, input, parent, entered: event, enteredAt: event.timestamp },
      ...{ status: 'running', retries: 0, errors: [], failing: type === 'Fail' },
    };
    this.visits.push(visit);
    this.after.set(event.id, visit);
  }

  private exit(event: HistoryEvent): void {
    const { name, output } = event.stateExitedEventDetails;
    const visit = this.around(event, (candidate) => candidate.name === name);
    if (!visit) return;
    visit.output = output;
    this.close(visit, visit.failing ? 'caught' : 'succeeded', event);
    this.exits.set(event.id, visit);
    this.after.set(event.id, visit.parent);
  }

  private execution({ type, previousEventId, timestamp }: HistoryEvent): void {
    if (type === 'ExecutionStarted') return;
    if (type === 'ExecutionFailed') {
      for (let visit = this.after.get(previousEventId); visit; visit = visit.parent) this.close(visit, 'failed', { timestamp });
    }
    for (const visit of this.visits) this.close(visit, 'aborted', { timestamp });
  }

  private inside(event: HistoryEvent): void {
    const { type } = event;
    const visit = this.ownerOf(event);
    this.after.set(event.id, visit);
    if (!visit) return;
    const last = this.after.get(event.previousEventId);
    const culprit = last === visit ? (visit.failedIn ?? visit) : last;
    if (ATTEMPT.test(type)) {
      if (event.previousEventId !== visit.entered.id) {
        visit.retries++;
        this.inherit(visit, culprit, event);
      }
      visit.failing = false;
      visit.failedIn = undefined;
      visit.sent = (event.taskScheduledEventDetails?.parameters ?? detailsOf(event)?.input) as string | undefined;
      this.closeBelow(visit, culprit, event);
    } else if (FAILURE.test(type)) {
      this.inherit(visit, culprit, event);
      visit.failing = true;
      const { error, cause } = detailsOf(event) ?? {};
      if (error !== undefined || cause !== undefined) visit.errors.push({ at: event.timestamp, error, cause } as VisitError);
      this.closeBelow(visit, culprit, event);
    } else if (type === 'MapIterationFailed') {
      visit.failedIn = culprit;
      for (let inner = culprit; inner && inner !== visit; inner = inner.parent) this.close(inner, 'failed', event);
    } else if (type.endsWith('StateAborted')) {
      this.close(visit, 'aborted', event);
    }
  }

  private ownerOf(event: HistoryEvent): Open | undefined {
    const { type } = event;
    if (type === 'EvaluationFailed') {
      // AWS chains this event to the one before its state was entered.
      const { state } = event.evaluationFailedEventDetails;
      const open = this.visits.filter((visit) => visit.name === state && visit.status === 'running');
      return open.find((visit) => visit.entered.previousEventId === event.previousEventId) ?? open.at(-1);
    }
    const [container] = /^(Map|Parallel)/.exec(type) ?? [];
    if (!container) return this.after.get(event.previousEventId);
    const name: string | undefined = type.startsWith('MapIteration') ? (detailsOf(event)?.name as string) : undefined;
    return this.around(event, (visit) => visit.type === container && (name === undefined || visit.name === name));
  }

  /** The nearest visit that is still open, from where the event before left us outwards. */
  private around(event: HistoryEvent, matches: (visit: Open) => boolean): Open | undefined {
    let visit = this.after.get(event.previousEventId);
    while (visit && (visit.status !== 'running' || !matches(visit))) visit = visit.parent;
    return visit;
  }

  /** A Map or Parallel that fails or begins again ends what was inside: whoever led here failed, the others were stopped. */
  private closeBelow(visit: Open, culprit: Open | undefined, at: { timestamp: number }): void {
    if (visit.type !== 'Map' && visit.type !== 'Parallel') return;
    for (let inner = culprit; inner && inner !== visit; inner = inner.parent) this.close(inner, 'failed', at);
    for (const inner of this.visits) if (inner.status === 'running' && isInside(inner, visit)) this.close(inner, 'aborted', at);
  }

  /** A Map or Parallel fails with the error of the state inside that failed; its own events don't repeat it. */
  private inherit(visit: Open, culprit: Open | undefined, { timestamp: at }: HistoryEvent): void {
    if (visit.failing || !culprit || culprit === visit) return;
    visit.errors.push({ ...(culprit.errors.at(-1) ?? { of: culprit }), at });
  }

  private close(visit: Open, status: VisitStatus, { timestamp }: { timestamp: number }): void {
    if (visit.status !== 'running') return;
    // The history ends a failed state inside of a Map or a Parallel as it ends those that were stopped because of it.
    visit.status = status === 'aborted' && visit.failing ? 'failed' : status;
    visit.exitedAt = timestamp;
  }
}

function isInside(visit: Open, container: Open): boolean {
  for (let parent = visit.parent; parent; parent = parent.parent) if (parent === container) return true;
  return false;
}

function detailsOf(event: HistoryEvent): Record<string, unknown> | undefined {
  return Object.entries(event).find(([member]) => member.endsWith('EventDetails'))?.[1];
}
