/**
 * The error names that the Amazon States Language itself defines.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
 */
export const ErrorName = {
  /** In `ErrorEquals` only: every error except States.Runtime. */
  ALL: 'States.ALL',
  /** In `ErrorEquals` only: every error except States.Timeout. */
  TASK_FAILED: 'States.TaskFailed',
  BRANCH_FAILED: 'States.BranchFailed',
  DATA_LIMIT_EXCEEDED: 'States.DataLimitExceeded',
  EXCEED_TOLERATED_FAILURE_THRESHOLD: 'States.ExceedToleratedFailureThreshold',
  HEARTBEAT_TIMEOUT: 'States.HeartbeatTimeout',
  HTTP_SOCKET: 'States.Http.Socket',
  INTRINSIC_FAILURE: 'States.IntrinsicFailure',
  ITEM_READER_FAILED: 'States.ItemReaderFailed',
  NO_CHOICE_MATCHED: 'States.NoChoiceMatched',
  PARAMETER_PATH_FAILURE: 'States.ParameterPathFailure',
  PERMISSIONS: 'States.Permissions',
  QUERY_EVALUATION: 'States.QueryEvaluationError',
  RESULT_PATH_MATCH_FAILURE: 'States.ResultPathMatchFailure',
  RESULT_WRITER_FAILED: 'States.ResultWriterFailed',
  RUNTIME: 'States.Runtime',
  TIMEOUT: 'States.Timeout',
} as const;

/** Names that may stand in `ErrorEquals` though they begin with the reserved `States.`. */
export const RESERVED_ERROR_NAMES: readonly string[] = Object.values(ErrorName);

export function isReservedErrorName(name: string): boolean {
  return RESERVED_ERROR_NAMES.includes(name) || /^States\.Http\.(StatusCode\.\d{3}|Socket)$/.test(name);
}
