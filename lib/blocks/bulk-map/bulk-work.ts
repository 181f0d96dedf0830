import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { TransientRetry } from '../../core/transient-retry';
import type { WorkData } from './work-data';

/** How a function works on items. */
export interface BulkInvokeOptions {
  /** How long one call may take, retries not counted. @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /**
   * Whether the function is called again, at most twice, for an item for which it was cut off: by a crash, its memory limit or its timeout. It has to
   * give the same when it is done twice. @default false: the item is recorded as crashed
   */
  readonly idempotent?: boolean;
}

/** What is too large for a function is so again, and is not paid for seven times. */
const AFTER_CUT_OFF = 2;

/**
 * Steps for an item or a batch, when a function is not enough. A state can stand in one place only, so the steps are made afresh for
 * each place: the run and, in `BulkProcess`, the rerun.
 */
export interface IBulkSteps {
  /**
   * Makes the steps. They get the item, or the batch.
   * @param scope where the states are made; their names, made of their ids, get the step's name in front
   */
  steps(scope: Construct): sfn.IChainable;
}

/**
 * What is done with each item, or with each batch of them.
 *
 * Work on an item gets the item, and what it gives is the item's result; an error means that the item failed.
 *
 * Work on a batch gets `{ Items: [...], BatchInput? }`, as Step Functions names them, and gives
 * `{ result?, failures?: [{ index, error, cause? }] }`: the items that failed, by their place in `Items`, from 0. An error means that
 * every item of the batch failed.
 *
 * The same item may come twice: after a retry, and in Express children.
 */
export class BulkWork {
  /** A Lambda function. Pass an alias or a version, so that running executions are not cut off by a deployment. */
  public static invoke(handler: lambda.IFunction, options: BulkInvokeOptions = {}): BulkWork {
    const timeout = options.timeout ?? Duration.seconds(30);
    // The first that names an error counts.
    const retries = [
      TransientRetry.forLambdaService(),
      ...(options.idempotent ? [{ ...TransientRetry.forLambda(), maxAttempts: AFTER_CUT_OFF }] : []),
    ];
    return new BulkWork(worstCase(timeout, retries), (scope, name, { payload = '$states.input', output }) => {
      const task = tasks.LambdaInvoke.jsonata(scope, name, {
        lambdaFunction: handler,
        payload: sfn.TaskInput.fromText(`{% ${payload} %}`),
        taskTimeout: sfn.Timeout.duration(timeout),
        retryOnServiceExceptions: false,
        outputs: `{% ${output?.('$states.result.Payload') ?? '$states.result.Payload'} %}`,
      });
      for (const retry of retries) task.addRetry(retry);
      return task;
    });
  }

  /** Steps of your own. */
  public static chain(steps: IBulkSteps): BulkWork {
    return new BulkWork(undefined, (scope, name, { payload, output }) => {
      const inside = new Construct(scope, `${name}Steps`);
      const own = sfn.Chain.start(steps.steps(inside));
      // The same steps may stand in the state machine again.
      sfn.State.prefixStates(inside, name);
      const begun = payload ? sfn.Pass.jsonata(scope, `${name}Input`, { outputs: `{% ${payload} %}` }).next(own) : own;
      return output ? begun.next(sfn.Pass.jsonata(scope, `${name}Output`, { outputs: `{% ${output('$states.input')} %}` })) : begun;
    });
  }

  private constructor(
    /**
     * The longest that it can take, in seconds, all retries made; undefined when that is not known.
     * @internal
     */
    public readonly _seconds: number | undefined,
    private readonly make: (scope: Construct, name: string, data: WorkData) => sfn.IChainable,
  ) {}

  /**
   * Fresh states.
   * @internal
   */
  public _states(scope: Construct, name: string, data: WorkData): sfn.IChainable {
    return this.make(scope, name, data);
  }
}

/** Every attempt takes its time, and every delay is the longest. */
function worstCase(timeout: Duration, retries: readonly sfn.RetryProps[]): number {
  const delays = retries.flatMap(({ interval, backoffRate = 2, maxAttempts = 3, maxDelay }) =>
    Array.from({ length: maxAttempts }, (_, i) =>
      Math.min((interval?.toSeconds() ?? 1) * backoffRate ** i, maxDelay?.toSeconds() ?? Number.POSITIVE_INFINITY),
    ),
  );
  return timeout.toSeconds() * (delays.length + 1) + delays.reduce((sum, delay) => sum + delay, 0);
}
