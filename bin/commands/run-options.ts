/** `stepworks run [pattern]`. */
export interface SampleOptions {
  readonly pattern?: string;
  readonly scenario?: string;
  readonly input?: string;
  readonly json?: boolean;
}

/** `stepworks run --app`. */
export interface AppOptions {
  readonly app: string;
  readonly stateMachine?: string;
  readonly input?: string;
  readonly json?: boolean;
}
