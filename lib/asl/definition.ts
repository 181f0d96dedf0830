/**
 * The Amazon States Language as TypeScript types.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */
import type { Json, JsonObject } from './json';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** What a state machine, a Parallel branch and an item processor have in common. */
export interface Workflow {
  readonly Comment?: string;
  readonly QueryLanguage?: QueryLanguage;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Definition extends Workflow {
  readonly Version?: string;
  readonly TimeoutSeconds?: number;
}

export interface ItemProcessor extends Workflow {
  readonly ProcessorConfig?: { readonly Mode?: 'INLINE' | 'DISTRIBUTED'; readonly ExecutionType?: 'STANDARD' | 'EXPRESS' };
}

interface StateBase {
  readonly Comment?: string;
  readonly QueryLanguage?: QueryLanguage;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Assign?: JsonObject;
  /** JSONata. */
  readonly Output?: Json;
  /** JSONPath; null discards. */
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
}

/** States that produce a result: Pass, Task, Parallel, Map. */
interface ResultState extends StateBase {
  readonly Parameters?: Json;
  readonly Arguments?: Json;
  readonly ResultSelector?: JsonObject;
  readonly ResultPath?: string | null;
}

interface FallibleState extends ResultState {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface PassState extends ResultState {
  readonly Type: 'Pass';
  readonly Result?: Json;
}

export interface TaskState extends FallibleState {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly TimeoutSeconds?: number | string;
  readonly TimeoutSecondsPath?: string;
  readonly HeartbeatSeconds?: number | string;
  readonly HeartbeatSecondsPath?: string;
  readonly Credentials?: JsonObject | string;
}

export interface ChoiceState extends StateBase {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
}

/** A rule of a Choice: one comparison, `And`, `Or`, `Not` or JSONata's `Condition`. */
export interface ChoiceRule {
  readonly Next?: string;
  readonly Assign?: JsonObject;
  readonly Output?: Json;
  readonly Condition?: Json;
  readonly Variable?: string;
  readonly And?: readonly ChoiceRule[];
  readonly Or?: readonly ChoiceRule[];
  readonly Not?: ChoiceRule;
  readonly [comparison: string]: unknown;
}

export interface WaitState extends StateBase {
  readonly Type: 'Wait';
  readonly Seconds?: number | string;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

export interface SucceedState extends StateBase {
  readonly Type: 'Succeed';
}

export interface FailState extends StateBase {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
}

export interface ParallelState extends FallibleState {
  readonly Type: 'Parallel';
  readonly Branches: readonly Workflow[];
}

export interface MapState extends FallibleState {
  readonly Type: 'Map';
  readonly ItemProcessor?: ItemProcessor;
  /** The older name of ItemProcessor. */
  readonly Iterator?: ItemProcessor;
  readonly Items?: Json;
  readonly ItemsPath?: string;
  readonly ItemSelector?: Json;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
  readonly MaxConcurrency?: number | string;
  readonly MaxConcurrencyPath?: string;
  readonly ToleratedFailureCount?: number | string;
  readonly ToleratedFailureCountPath?: string;
  readonly ToleratedFailurePercentage?: number | string;
  readonly ToleratedFailurePercentagePath?: string;
  readonly Label?: string;
}

export interface ItemReader {
  readonly Resource: string;
  readonly ReaderConfig?: {
    readonly InputType?: string;
    readonly Transformation?: string;
    readonly CSVHeaderLocation?: string;
    readonly CSVHeaders?: readonly string[];
    readonly CSVDelimiter?: string;
    readonly ManifestType?: string;
    readonly ItemsPointer?: string;
    readonly MaxItems?: number | string;
    readonly MaxItemsPath?: string;
  };
  readonly Parameters?: Json;
  readonly Arguments?: Json;
}

export interface ItemBatcher {
  readonly MaxItemsPerBatch?: number | string;
  readonly MaxItemsPerBatchPath?: string;
  readonly MaxInputBytesPerBatch?: number | string;
  readonly MaxInputBytesPerBatchPath?: string;
  readonly BatchInput?: Json;
}

export interface ResultWriter {
  readonly Resource?: string;
  readonly Parameters?: Json;
  readonly Arguments?: Json;
  readonly WriterConfig?: { readonly Transformation?: string; readonly OutputType?: string };
}

export type State = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState | ParallelState | MapState;

export interface Retrier {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly Comment?: string;
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
  readonly Assign?: JsonObject;
  readonly Output?: Json;
}

/** The language in which a state's expressions are written: its own, else the workflow's, else JSONPath. */
export function queryLanguage(state: { readonly QueryLanguage?: QueryLanguage }, inherited: QueryLanguage): QueryLanguage {
  return state.QueryLanguage ?? inherited;
}
