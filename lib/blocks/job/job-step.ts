import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { JobAdapter } from './job-adapter';
import { JobError } from './job-error';
import type { JobStepProps } from './job-step-props';

/** A cause ends at 32,768 characters, and nobody reads as many. */
const LONGEST_REASON = 1000;

/** The states of `IJob.step`, which states their contract. */
export class JobStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(scope: Construct, id: string, adapter: JobAdapter, { outcomeField: field = 'job', onFailed }: JobStepProps) {
    // The state's name may come again in another state machine; the construct's id may not.
    super(scope, `${id}Job`);
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(field)) {
      throw new Error(`outcomeField '${field}' of the job step '${id}' is no field name: a letter, then letters, digits or underscores`);
    }
    const task = adapter.task(this, id, put(field, `$merge([{ "status": "SUCCEEDED" }, ${adapter.outcome}])`));
    for (const retry of adapter.retries) task.addRetry(retry);
    const failed =
      onFailed ??
      sfn.Fail.jsonata(this, `${id}Failed`, {
        error: `{% $states.input.${field}.error %}`,
        cause: `{% $states.input.${field}.reason %}`,
      });
    task.addCatch(failed, { errors: ['States.ALL'], outputs: put(field, failure(adapter)) });
    this.startState = task;
    this.endStates = task.endStates;
  }
}

/** The input with the outcome beside it. */
function put(field: string, outcome: string): string {
  return `{% $merge([$states.input, { "${field}": ${outcome} }]) %}`;
}

function failure({ failure: told, timeout }: JobAdapter): string {
  const errors = { FAILED: JobError.FAILED, TIMED_OUT: JobError.TIMED_OUT, STOPPED: JobError.STOPPED };
  return (
    `( $e := $states.errorOutput; $f := $e.Error = "States.Timeout" ? { "status": "TIMED_OUT", "reason": "it had not ended after ${timeout.toSeconds()} seconds" } : ${told}; ` +
    `{ "status": $f.status, "error": $lookup(${JSON.stringify(errors)}, $f.status), "reason": $substring($f.reason, 0, ${LONGEST_REASON}), "run": $f.run } )`
  );
}
