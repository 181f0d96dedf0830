import { Duration, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface SdkTaskProps extends sfn.TaskStateJsonataBaseProps {
  /** As in the resource: `sfn:describeExecution`. */
  readonly call: string;
  readonly parameters: { readonly [name: string]: unknown };
}

/**
 * A call of an AWS service. Not `CallAwsService`, which would put the permission into the policy that the state machine waits for: this one's
 * stands in a policy of its own, since it names the state machine itself, or can't name a resource.
 */
export class SdkTask extends sfn.TaskStateBase {
  protected readonly taskMetrics = undefined;
  protected readonly taskPolicies = undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SdkTaskProps,
  ) {
    super(scope, id, { taskTimeout: sfn.Timeout.duration(Duration.seconds(15)), ...props, queryLanguage: sfn.QueryLanguage.JSONATA });
  }

  /** @internal */
  protected _renderTask(): object {
    const { call, parameters } = this.props;
    return { Resource: `arn:${Stack.of(this).partition}:states:::aws-sdk:${call}`, Arguments: parameters };
  }
}
