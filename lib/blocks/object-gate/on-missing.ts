import type { aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** What happens when nothing has arrived in time. There is no default: silence has to mean something. */
export class OnMissing {
  /** The run fails with `ObjectMissing`. */
  public static fail(): OnMissing {
    return new OnMissing();
  }

  /** Your own steps. They get the input with the outcome, whose status is `MISSING`. */
  public static continueWith(steps: sfn.IChainable): OnMissing {
    return new OnMissing(steps);
  }

  private constructor(
    /** @internal */
    public readonly _steps?: sfn.IChainable,
  ) {}
}
