import type { AccessMode } from '../../local';

/** `stepworks run [pattern]`. */
export interface SampleOptions {
  readonly pattern?: string;
  readonly scenario?: string;
  readonly input?: string;
  readonly json?: boolean;
  /** In real time, with the person at the terminal deciding. */
  readonly interactive?: boolean;
  /** What becomes of calls that no policy allows. @default "enforce" */
  readonly access?: AccessMode;
  /** Where the page with pictures goes. @default .stepworks/report.html; with `json`, none is written */
  readonly report?: string;
}

/** `stepworks run --app`. */
export interface AppOptions {
  readonly app: string;
  readonly stateMachine?: string;
  readonly input?: string;
  readonly json?: boolean;
  /** In real time, with the person at the terminal deciding. */
  readonly interactive?: boolean;
  /** What becomes of calls that no policy allows. @default "enforce" */
  readonly access?: AccessMode;
  /** Where the page with pictures goes. @default .stepworks/report.html; with `json`, none is written */
  readonly report?: string;
}
