/** How a job ends that does not succeed, whatever runs it: what Retry and Catch see. */
export enum JobError {
  /** It ended in failure, or the service would not start it. The cause says why. */
  FAILED = 'JobFailed',
  /** It did not end in its time. */
  TIMED_OUT = 'JobTimedOut',
  /** Somebody stopped it. */
  STOPPED = 'JobStopped',
}
