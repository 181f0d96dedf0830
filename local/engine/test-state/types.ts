/**
 * The TestState API.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html
 */
export interface TestStateRequest {
  /** JSON text of one state, or of a state machine together with `stateName`. */
  readonly definition: string;
  readonly stateName?: string;
  readonly roleArn?: string;
  /** JSON text. @default "{}" */
  readonly input?: string;
  /** @default INFO */
  readonly inspectionLevel?: 'INFO' | 'DEBUG' | 'TRACE';
  readonly revealSecrets?: boolean;
  /** JSON text of an object. */
  readonly variables?: string;
  /** JSON text of an object. */
  readonly context?: string;
  readonly mock?: {
    /** JSON text. */
    readonly result?: string;
    readonly errorOutput?: { readonly error?: string; readonly cause?: string };
    readonly fieldValidationMode?: 'STRICT' | 'PRESENT' | 'NONE';
  };
  readonly stateConfiguration?: {
    readonly retrierRetryCount?: number;
    readonly errorCausedByState?: string;
    readonly mapIterationFailureCount?: number;
    /** JSON text. */
    readonly mapItemReaderData?: string;
  };
}

export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** JSON text. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: InspectionData;
}

/** Values of the data flow's steps are JSON texts, numbers are numbers. */
export interface InspectionData {
  readonly input: string;
  readonly errorDetails?: { readonly catchIndex?: number; readonly retryIndex?: number; readonly retryBackoffIntervalSeconds?: number };
  readonly [step: string]: unknown;
}
