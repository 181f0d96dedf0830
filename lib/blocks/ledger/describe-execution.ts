import { Duration, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface DescribeExecutionProps extends sfn.TaskStateJsonataBaseProps {
  /** ARN of the run. */
  readonly executionArn: string;
}

/**
 * Asks for the status of a run. Not `CallAwsService`, which would put the permission into the policy that the state machine waits for,
 * while the permission's resource is that state machine's runs.
 */
export class DescribeExecution extends sfn.TaskStateBase {
  protected readonly taskMetrics = undefined;
  protected readonly taskPolicies = undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DescribeExecutionProps,
  ) {
    super(scope, id, { taskTimeout: sfn.Timeout.duration(Duration.seconds(15)), ...props, queryLanguage: sfn.QueryLanguage.JSONATA });
  }

  /** @internal */
  protected _renderTask(): object {
    return {
      Resource: `arn:${Stack.of(this).partition}:states:::aws-sdk:sfn:describeExecution`,
      Arguments: { ExecutionArn: this.props.executionArn },
    };
  }
}
