import type { StateVisit } from '../visits';
import type { GraphNode } from './model';

/** Outlines in a square of 16, drawn with a line of 1.5. */
export const ICONS: Readonly<Record<Exclude<GraphNode['type'], 'Start' | 'End'>, string>> = {
  Task: 'M9 1 3 9h4.5L7 15l6-8H8.5z',
  Choice: 'M8 1.5 14.5 8 8 14.5 1.5 8z',
  Wait: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13zM8 4.5V8l2.5 2',
  Pass: 'M1.5 8h12.5M9.5 3.5 14 8l-4.5 4.5',
  Succeed: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13zM5 8.2l2.2 2.2L11 6.2',
  Fail: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  Parallel: 'M3.5 2v12M8 2v12M12.5 2v12',
  Map: 'M2 5.5h8.5V14H2zM5.5 5.5V2H14v8.5h-3.5',
};

/** What a badge shows, in a square of 10: not by colour alone. */
export const MARKS: Readonly<Record<StateVisit['status'], string>> = {
  succeeded: 'M1.5 5.5 4 8l4.5-6',
  caught: 'M1.5 1.5v3a3 3 0 0 0 3 3h4M6 5l2.5 2.5L6 10',
  failed: 'M2 2l6 6M8 2 2 8',
  aborted: 'M2.5 2.5h5v5h-5z',
  running: 'M2 5h.01M5 5h.01M8 5h.01',
};
