import { ApiError, type Cloud } from '../../cloud-types';

/** Tasks that run a job: the rule that tells Step Functions of its end, and whose events it passes. Glue's jobs are asked for instead. */
const MANAGED_RULES: readonly { readonly task: RegExp; readonly name: string; readonly source: string }[] = [
  { task: /:states:startExecution\.sync/, name: 'StepFunctionsGetEventsForStepFunctionsExecutionRule', source: 'aws.states' },
  { task: /:ecs:runTask\.sync/, name: 'StepFunctionsGetEventsForECSTaskRule', source: 'aws.ecs' },
  { task: /:batch:submitJob\.sync/, name: 'StepFunctionsGetEventsForBatchJobsRule', source: 'aws.batch' },
  { task: /:codebuild:startBuild\.sync/, name: 'StepFunctionsGetEventForCodeBuildStartBuildRule', source: 'aws.codebuild' },
];

/**
 * Each rule is made with the role when the state machine is made. Here the services tell the engine themselves, so the rule has no
 * target; its permissions are needed all the same.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 */
export async function putManagedRule(cloud: Cloud, roleArn: string, definition: string): Promise<void> {
  const call = (operation: string, input: object) =>
    cloud.call({ service: 'eventbridge', operation, input, principal: { kind: 'role', arn: roleArn } });
  for (const { name, source } of MANAGED_RULES.filter(({ task }) => task.test(definition))) {
    try {
      await call('PutRule', { Name: name, EventPattern: JSON.stringify({ source: [source] }), State: 'ENABLED' });
      await call('PutTargets', { Rule: name, Targets: [] });
      await call('DescribeRule', { Name: name });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.code.startsWith('AccessDenied')) throw error;
      throw new ApiError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule. ${error.message}`);
    }
  }
}
