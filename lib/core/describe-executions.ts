import { ArnFormat, aws_iam as iam, Stack, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Asks about any run of one state machine. */
export function describeExecutions(scope: IConstruct, stateMachine: sfn.IStateMachine): iam.PolicyStatement {
  const stack = Stack.of(scope);
  const { resourceName, ...arn } = stack.splitArn(stateMachine.stateMachineArn, ArnFormat.COLON_RESOURCE_NAME);
  return new iam.PolicyStatement({
    actions: ['states:DescribeExecution'],
    resources: [stack.formatArn({ ...arn, resource: 'execution', resourceName: `${resourceName}:*` })],
  });
}
