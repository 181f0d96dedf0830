import type { HistoryEvent } from '../engine/types';

export interface TimelineEntry {
  /** Seconds since the start of the run. */
  readonly at: number;
  readonly text: string;
}

/** What happened in a run, derived from its history: states entered, what went wrong on the way, how it ended. */
export function timeline(history: readonly HistoryEvent[]): TimelineEntry[] {
  const start = history[0]?.timestamp ?? 0;
  const told = new Set<string>();
  return history.flatMap((event) => {
    const text = describe(event, told);
    return text === undefined ? [] : [{ at: (event.timestamp - start) / 1000, text }];
  });
}

/** @param told causes that stand further up: the execution ends with the one of its task */
function describe(event: HistoryEvent, told: Set<string>): string | undefined {
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
    const cause = shorten(inWords(details?.cause));
    const known = cause === undefined || (told.has(cause) && event.type.startsWith('Execution'));
    told.add(cause ?? '');
    return [words, details?.error, known ? undefined : cause].filter(Boolean).join(': ');
  }
  return undefined;
}

/** Where a function's code lies here: its asset, or what was unpacked of it. */
const OWN_FOLDER = /\/\S*\/(asset\.[\da-f]+|stepworks-[\da-f]{12}\/\d+)\//;

/** Of a handler's error, as Lambda gives it, what it says and where in the function's code it was thrown. */
function inWords(cause: string | undefined): string | undefined {
  const thrown = thrownIn(cause);
  // Behind the runner's own errors stands where in the runner they were thrown.
  if (thrown === undefined) return cause?.replace(/\n(?=[^\n]*\n +at )[\s\S]*/, '');
  const frame = thrown.trace?.find((line) => /^\s*(at |\/)/.test(line) && OWN_FOLDER.test(line) && !line.includes('node_modules'));
  const place = frame && `at ${frame.trim().replace(/^at /, '').replace(OWN_FOLDER, '')}`;
  return [thrown.errorMessage, place].filter(Boolean).join(', ');
}

function thrownIn(cause: string | undefined): { readonly errorMessage: string; readonly trace?: readonly string[] } | undefined {
  if (!cause?.startsWith('{"errorType"')) return undefined;
  try {
    return JSON.parse(cause);
  } catch {
    return undefined;
  }
}

/** Enough for AWS's sentence about a denied call. */
const LONGEST = 400;

function shorten(text: string | undefined): string | undefined {
  const line = text?.replace(/\s*\n\s*/g, ' ');
  return line !== undefined && line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
