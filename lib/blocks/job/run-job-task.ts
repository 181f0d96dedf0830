import { Aws, type Duration, type aws_iam as iam, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface RunJobTaskProps {
  /** Of the integration: "glue:startJobRun". */
  readonly action: string;
  /** In PascalCase, as Step Functions has them. */
  readonly arguments: { readonly [name: string]: unknown };
  readonly statements: iam.PolicyStatement[];
  readonly timeout: Duration;
  readonly outputs: string;
}

/**
 * Starts a job and waits for its end.
 *
 * In the place of CDK's tasks: that of Glue makes Glue's own time limit of `taskTimeout`, and leaves the state without one; that of ECS
 * may stop every task there is.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
 */
export class RunJobTask extends sfn.TaskStateBase {
  protected readonly taskMetrics = undefined;
  protected readonly taskPolicies: iam.PolicyStatement[];

  constructor(
    scope: Construct,
    id: string,
    private readonly job: RunJobTaskProps,
  ) {
    super(scope, id, { queryLanguage: sfn.QueryLanguage.JSONATA, taskTimeout: sfn.Timeout.duration(job.timeout), outputs: job.outputs });
    this.taskPolicies = job.statements;
  }

  /** @internal */
  protected _renderTask(): object {
    return { Resource: `arn:${Aws.PARTITION}:states:::${this.job.action}.sync`, Arguments: this.job.arguments };
  }
}
