import { type Duration, type aws_lambda as lambda, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { IBulkSteps } from '../blocks/bulk-map/bulk-work';
import { Job } from '../blocks/job/job';
import { RoutedJob } from '../blocks/job/routed-job';
import { EXIT_CODES } from './exit-codes';
import type { TranscodeErrorName } from './handlers/transcode-error';
import type { LargeWorker } from './large-worker';

const TOO_SMALL: TranscodeErrorName = 'WorkerTooSmall';

/** What is done with one segment where there are two workers: as planned, and by the large one when the small one can't after all. */
export class EncodeSteps implements IBulkSteps {
  constructor(
    private readonly small: lambda.IFunction,
    private readonly timeout: Duration,
    private readonly large: LargeWorker,
  ) {}

  public steps(scope: Construct): sfn.IChainable {
    const routed = new RoutedJob({
      small: Job.invoke(this.small, { timeout: this.timeout }),
      large: this.large.job,
      fits: '{% $not($states.input.large = true) %}',
      spillsOn: [TOO_SMALL],
    });
    return routed.step(scope, 'Encode', { onFailed: this.failed(scope) });
  }

  /** The error has the worker's own name for it, from the function's answer or the container's exit code, so that the item is recorded as rejected or crashed. */
  private failed(scope: Construct): sfn.Fail {
    const names = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, code]) => [String(code), name]));
    const job = '$states.input.job';
    const named = `$match(${job}.reason, /^([A-Za-z.]+): /)[0].groups[0]`;
    const byExit = `$lookup(${JSON.stringify(names)}, $match(${job}.reason, /exit code (\\d+)$/)[0].groups[0])`;
    return sfn.Fail.jsonata(scope, 'EncodeFailed', {
      error: `{% ( $name := $exists(${job}.run) ? ${byExit} : ${named}; $exists($name) ? $name : ${job}.error ) %}`,
      cause:
        `{% ( $name := ${named}; ( $exists($name) ? $substringAfter(${job}.reason, ": ") : ${job}.reason ) & ` +
        `( $exists(${job}.run) ? ${JSON.stringify(`; its log: ${this.large.logName}`)} & $split(${job}.run, "/")[-1] ) & ` +
        '( $exists($states.input.jobSpilled) ? "; it had gone over after " & $states.input.jobSpilled ) ) %}',
    });
  }
}
