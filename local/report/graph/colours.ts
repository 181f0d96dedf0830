import type { VisitStatus } from '../visits';

/** How a state is drawn: by what happened to it; `unvisited` in a run that did not come by; `plain` where no run is shown. */
export type Look = VisitStatus | 'unvisited' | 'plain';

/** Roles of colour, the same for pictures and pages. */
export type Colour =
  | 'page'
  | 'card'
  | 'group'
  | 'text'
  | 'soft'
  | 'faint'
  | 'line'
  | 'edge'
  | 'accent'
  | 'good'
  | 'goodTint'
  | 'bad'
  | 'badTint'
  | 'warn'
  | 'warnTint'
  | 'busy'
  | 'busyTint'
  | 'stopped'
  | 'stoppedTint';

export type Theme = 'light' | 'dark';

/** Text has a contrast of 4.5 to 1 at least on the ground that it is put on; `faint` is for what did not happen, 3 to 1. */
export const COLOURS: Readonly<Record<Theme, Readonly<Record<Colour, string>>>> = {
  light: {
    ...{ page: '#f4f5f7', card: '#ffffff', group: '#f8f9fb', text: '#1b2430', soft: '#566273', faint: '#7f8998' },
    ...{ line: '#d9dee5', edge: '#6b7687', accent: '#1c4f8f', good: '#1a6b45', goodTint: '#e8f5ee', bad: '#a02b2b', badTint: '#fdecec' },
    ...{ warn: '#7a5200', warnTint: '#fdf3dc', busy: '#1c4f8f', busyTint: '#e7f0fb', stopped: '#5b4a86', stoppedTint: '#f0ecf9' },
  },
  dark: {
    ...{ page: '#12161c', card: '#1b2129', group: '#171d24', text: '#e8ecf1', soft: '#a4afbd', faint: '#75808f' },
    ...{ line: '#323b47', edge: '#8b97a7', accent: '#8fbcf2', good: '#7ad0a3', goodTint: '#17291f', bad: '#f2a0a0', badTint: '#331d1f' },
    ...{ warn: '#e6bd6a', warnTint: '#2f2715', busy: '#8fbcf2', busyTint: '#1a2839', stopped: '#c3b1ec', stoppedTint: '#272136' },
  },
};

interface Paint {
  readonly stroke: Colour;
  readonly fill: Colour;
}

export const LOOKS: Readonly<Record<Look, Paint>> = {
  plain: { stroke: 'edge', fill: 'card' },
  unvisited: { stroke: 'line', fill: 'card' },
  succeeded: { stroke: 'good', fill: 'goodTint' },
  caught: { stroke: 'warn', fill: 'warnTint' },
  failed: { stroke: 'bad', fill: 'badTint' },
  running: { stroke: 'busy', fill: 'busyTint' },
  aborted: { stroke: 'stopped', fill: 'stoppedTint' },
};

export const WORDS: Readonly<Record<Look, string>> = {
  plain: '',
  unvisited: 'not visited',
  succeeded: 'succeeded',
  caught: 'failed and caught',
  failed: 'failed',
  running: 'running',
  aborted: 'stopped',
};
