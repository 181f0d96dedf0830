import type { aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** What happens when a dataset has not arrived by the deadline. There is no default: a join without one of its sides has to be meant. */
export class OnSourceMissing {
  /** The run fails with `ObjectMissing`. */
  public static fail(): OnSourceMissing {
    return new OnSourceMissing('fail');
  }

  /** What has arrived is joined; `$states.input.missing` names the others. When nothing has, the run fails with `NothingArrived`. */
  public static joinPartial(): OnSourceMissing {
    return new OnSourceMissing('joinPartial');
  }

  /** Your own steps in the join's place. They get the state with `sources` and `missing`, once the jobs of what has arrived are done; what they give is the period's result. */
  public static continueWith(steps: sfn.IChainable): OnSourceMissing {
    return new OnSourceMissing('continueWith', steps);
  }

  private constructor(
    /** @internal */
    public readonly _what: 'fail' | 'joinPartial' | 'continueWith',
    /** @internal */
    public readonly _steps?: sfn.IChainable,
  ) {}
}
