/**
 * Service quotas that a definition can run into.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
export const Quota = {
  /** Bytes of a state's input or output and of a task's result, as UTF-8. */
  PAYLOAD_BYTES: 256 * 1024,
  /** Events in the history of one Standard execution. */
  HISTORY_EVENTS: 25_000,
  /** Bytes of a definition. */
  DEFINITION_BYTES: 1024 * 1024,
  /** Characters of a state's name. */
  STATE_NAME_CHARACTERS: 80,
  /** Characters of the name of an execution, a state machine or an activity. */
  NAME_CHARACTERS: 80,
  /** Characters of a Distributed Map's `Label`. */
  LABEL_CHARACTERS: 40,
  /** Characters of a variable's name. */
  VARIABLE_NAME_CHARACTERS: 80,
  /** Bytes of one variable, and of all variables of one `Assign`. */
  VARIABLE_BYTES: 256 * 1024,
  /** Bytes of all variables of an execution. */
  VARIABLES_BYTES: 10 * 1024 * 1024,
  /** Seconds that an Express execution may take. */
  EXPRESS_SECONDS: 300,
  /** Seconds that a Standard execution may take: a year. */
  STANDARD_SECONDS: 365 * 24 * 3600,
  /** Seconds of `TimeoutSeconds`, `HeartbeatSeconds` and `Wait`. */
  MAXIMUM_SECONDS: 99_999_999,
  /** Iterations of an inline Map that run at once. */
  INLINE_MAP_CONCURRENCY: 40,
  /** Child executions of a Distributed Map that run at once. */
  DISTRIBUTED_MAP_CONCURRENCY: 10_000,
  /** Items that one Distributed Map reads. */
  DISTRIBUTED_MAP_ITEMS: 100_000_000,
  /** Attempts of one retrier. */
  RETRY_ATTEMPTS: 99_999_999,
  /** Seconds of a retrier's `MaxDelaySeconds`. */
  RETRY_MAX_DELAY_SECONDS: 31_622_400,
} as const;
