/** The seam between the interpreter and everything else: what it is given, what it calls, what it gives back. */
import type { Clock } from '../clock';
import type { Json } from '../cloud-types';
import type { ResultShapes } from './test-state/result-shape';
import type { TestStateRequest, TestStateResult } from './test-state/types';

export type MachineType = 'STANDARD' | 'EXPRESS';

/** A state machine as CreateStateMachine takes it. */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly type: MachineType;
  readonly roleArn: string;
  /** Amazon States Language, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: typed in lib/asl
  readonly definition: any;
}

/** A Task state's call. The interpreter knows nothing of services: the boundary is the resource ARN. */
export interface TaskCall {
  /** As it stands in the definition: `arn:aws:states:::lambda:invoke.waitForTaskToken`, a Lambda ARN, an activity ARN. */
  readonly resource: string;
  /** The effective `Arguments` or `Parameters`. */
  readonly input: Json;
  /** For `.waitForTaskToken`: the token that the context object shows. */
  readonly taskToken?: string;
  readonly roleArn: string;
  /** The role that the state's `Credentials` name: the machine's role assumes it for this call. */
  readonly credentialsRoleArn?: string;
  readonly executionArn: string;
  readonly stateName: string;
  /** From the root, for example ["RunChecks", "0", "CheckName"]: stubs can be bound to a state. */
  readonly statePath: readonly string[];
  readonly retryCount: number;
  /** Aborted when the state times out, a sibling branch fails or the execution is stopped. */
  readonly signal: AbortSignal;
}

/** How tasks reach the world. Rejects with `StatesError` for what a Catch may see. */
export interface TaskPort {
  start(call: TaskCall): Promise<TaskStarted>;
}

export interface TaskStarted {
  /** The answer to the call itself: the result of a request-response task, `TaskSubmitted`'s output of the others. */
  readonly output: Json;
  /** `.sync` only: settles when the job has ended. */
  readonly completion?: Promise<Json>;
}

/** How a Distributed Map reads and writes S3. Every method rejects with `StatesError` for what the state may catch. */
export interface ObjectsPort {
  /** The object's bytes, piece by piece. */
  get(request: ObjectRequest): Promise<AsyncIterable<Uint8Array>>;
  /** All objects whose keys begin with `prefix`, in the order of their keys, page by page. */
  list(request: ListRequest): AsyncIterable<ObjectSummary>;
  put(request: ObjectRequest & { readonly body: string }): Promise<void>;
}

/** On whose behalf. */
export interface ObjectsCaller {
  readonly roleArn: string;
  readonly executionArn: string;
}

export interface ObjectRequest extends ObjectsCaller {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

export interface ListRequest extends ObjectsCaller {
  readonly bucket: string;
  readonly prefix?: string;
}

export interface ObjectSummary {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  readonly storageClass?: string;
}

export interface EngineOptions {
  readonly clock: Clock;
  readonly tasks: TaskPort;
  /** Needed by Distributed Maps that read from S3 or write to it. */
  readonly objects?: ObjectsPort;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /**
   * Asked where Step Functions acts in a role's name and no Task does. Throws `StatesError` for what the role may not do.
   * @default - everything is allowed
   */
  readonly authorize?: (request: RoleRequest) => void;
  /** Seeded: jitter, `$random`, `$uuid`, tokens and execution ids come from it. */
  readonly random: () => number;
  /** Called for each history event of each execution, children of a Distributed Map included, as it happens. */
  readonly onEvent?: (event: HistoryEvent, execution: Execution) => void;
}

/** What a Distributed Map does with its children, in the name of the state machine's role. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly action: 'states:StartExecution' | 'states:RedriveExecution';
  /** The state machine to start a child of, or the child to redrive. */
  readonly resource: string;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Machine;
  readonly status: ExecutionStatus;
  /** As sent: JSON text. */
  readonly input: string;
  /** Milliseconds since the epoch. */
  readonly startDate: number;
  readonly stopDate?: number;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly history: readonly HistoryEvent[];
  /** Resolves, never rejects, when the execution has ended. */
  readonly finished: Promise<void>;
  readonly redriveCount: number;
  /** Of the last redrive. */
  readonly redriveDate?: number;
  /** The run of the Distributed Map whose child this is. */
  readonly mapRunArn?: string;
  /** How many items of the Distributed Map this child works on. */
  readonly itemCount?: number;
  /** `AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID`, where another execution started it. */
  readonly startedBy?: string;
}

/** One event as GetExecutionHistory gives it: `type`, `id`, `previousEventId`, and the details member of its type. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: one details member for each type, named after it as in the API
  readonly [details: string]: any;
}

export type MapRunStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';

export interface MapRunCounts {
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly timedOut: number;
  readonly aborted: number;
}

/** One run of a Distributed Map, as DescribeMapRun has it. */
export interface MapRun {
  readonly arn: string;
  readonly executionArn: string;
  readonly status: MapRunStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly redriveCount: number;
  /** Of the last redrive. */
  readonly redriveDate?: number;
  /** Whether a ResultWriter puts the results into S3. */
  readonly writesResults: boolean;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  readonly itemCounts: MapRunCounts;
  readonly executionCounts: MapRunCounts;
}

/** What UpdateMapRun changes; what it leaves out stays. */
export interface MapRunSettings {
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
}

export interface Engine {
  /** Input must be JSON text; refusals of the API (size, name, JSON) are `ApiError`s thrown by the Step Functions service, not here. */
  startExecution(machine: Machine, options: StartOptions): Execution;
  /** Ends a running execution as StopExecution does: status ABORTED, tasks' signals aborted. */
  stopExecution(executionArn: string, error?: string, cause?: string): void;
  /** As RedriveExecution: throws `ApiError` ExecutionDoesNotExist, ExecutionNotRedrivable. The execution has a new `finished`. */
  redriveExecution(executionArn: string): void;
  /** Why RedriveExecution would refuse this execution, in the words of DescribeExecution's `redriveStatusReason`; nothing where it would not. */
  whyNotRedrivable(execution: Execution): string | undefined;
  execution(arn: string): Execution | undefined;
  executions(machineArn?: string): readonly Execution[];
  /** Throw `ApiError` InvalidToken, TaskTimedOut, TaskDoesNotExist as the API does. */
  sendTaskSuccess(taskToken: string, output: string): void;
  sendTaskFailure(taskToken: string, error?: string, cause?: string): void;
  sendTaskHeartbeat(taskToken: string): void;
  /** The ARN of the state machine that made this token, whether or not it still waits: IAM may limit answers to it. */
  machineOfToken(taskToken: string): string | undefined;
  mapRuns(executionArn?: string): readonly MapRun[];
  /** As UpdateMapRun, of a Map Run that is running. */
  updateMapRun(mapRunArn: string, settings: MapRunSettings): void;
  /** As GetActivityTask: resolves with the next task of the activity as soon as there is one, with undefined when the signal aborts. */
  getActivityTask(
    activityArn: string,
    workerName?: string,
    signal?: AbortSignal,
  ): Promise<{ taskToken: string; input: string } | undefined>;
  /** As the TestState API. @param resultShapes what mocked results are checked against */
  testState(request: TestStateRequest, resultShapes?: ResultShapes): Promise<TestStateResult>;
}

export interface StartOptions {
  /** JSON text. @default "{}" */
  readonly input?: string;
  /** @default a UUID */
  readonly name?: string;
  readonly startedBy?: string;
}

/** An error as Retry and Catch see it. */
export class StatesError extends Error {
  constructor(
    readonly error: string,
    readonly causeText: string = '',
  ) {
    super(causeText);
    this.name = error;
  }
}
