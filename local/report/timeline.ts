import type { HistoryEvent } from '../engine/types';

export interface TimelineEntry {
  /** Seconds since the start of the run. */
  readonly at: number;
  readonly text: string;
}

/** What happened in a run, derived from its history: states entered, what went wrong on the way, how it ended. */
export function timeline(history: readonly HistoryEvent[]): TimelineEntry[] {
  const start = history[0]?.timestamp ?? 0;
  return history.flatMap((event) => {
    const text = describe(event);
    return text === undefined ? [] : [{ at: (event.timestamp - start) / 1000, text }];
  });
}

function describe(event: HistoryEvent): string | undefined {
  if (event.type.endsWith('StateEntered')) return event.stateEnteredEventDetails.name;
  if (event.type === 'ExecutionSucceeded') return 'succeeded';
  const details = Object.entries(event).find(([member]) => member.endsWith('EventDetails'))?.[1] as
    | { error?: string; cause?: string }
    | undefined;
  if (/^(Task|LambdaFunction|Execution)(Failed|TimedOut|Aborted)$/.test(event.type)) {
    const words = event.type
      .replace(/^LambdaFunction/, 'Task')
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase();
    return [words, details?.error, shorten(details?.cause)].filter(Boolean).join(': ');
  }
  return undefined;
}

function shorten(text: string | undefined): string | undefined {
  return text !== undefined && text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
