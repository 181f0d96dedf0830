import { type Duration, type aws_ec2 as ec2, aws_ecs as ecs, Fn, aws_iam as iam, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { TransientRetry } from '../../core/transient-retry';
import { found, type JobAdapter, textOf } from './job-adapter';
import { RunJobTask } from './run-job-task';

/** How an ECS task runs. */
export interface EcsJobProps {
  /** Where it runs. */
  readonly cluster: ecs.ICluster;
  /** What runs: its newest revision, so that a workflow that is under way survives a deployment. */
  readonly taskDefinition: ecs.ITaskDefinition;
  /** How long it may take, from its start to its end. */
  readonly timeout: Duration;
  /** The container that `command` and `environment` are for. @default - none: leave both out */
  readonly containerName?: string;
  /** The container's command: texts, or JSONata that gives one. @default - the definition's */
  readonly command?: string[];
  /** Environment variables over the definition's: texts, or JSONata that gives one. @default - the definition's */
  readonly environment?: { [name: string]: string };
  /** The subnets, in network mode `awsvpc`. @default - private subnets of the cluster's VPC */
  readonly subnets?: ec2.SubnetSelection;
  /** The security groups, in network mode `awsvpc`. @default - the VPC's default security group */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /** Whether the task gets a public address, in network mode `awsvpc`. @default false */
  readonly assignPublicIp?: boolean;
}

/** Of Step Functions, which makes it with the role when the state machine is made. */
const MANAGED_RULE = 'StepFunctionsGetEventsForECSTaskRule';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html */
export function ecsJob(props: EcsJobProps): JobAdapter {
  if (!props.containerName && (props.command || props.environment)) {
    throw new Error('command and environment are for one container: say which with containerName');
  }
  return {
    timeout: props.timeout,
    retries: [
      {
        ...TransientRetry.forLambda(),
        errors: ['ECS.ThrottlingException', 'ECS.AmazonECSException', 'ECS.ServerException', 'ECS.SdkClientException'],
      },
      // No capacity, or no address left in the subnet.
      { ...TransientRetry.forLambda(), errors: ['AmazonECS.Unknown'] },
    ],
    outcome: '{ "run": $states.result.TaskArn }',
    failure:
      `( $code := ${found('"StopCode":"([A-Za-z]+)"')}; $message := ${textOf('StoppedReason')}; ` +
      '$exit := [$match($e.Cause, /"ExitCode":(\\d+)/).groups[0][$ != "0"]][0]; ' +
      '{ "status": $code = "UserInitiated" ? "STOPPED" : "FAILED", ' +
      '"reason": ( $exists($message) ? $message : $e.Error & ": " & $e.Cause ) & ( $exists($exit) ? ", exit code " & $exit ), ' +
      `"run": ${found('"TaskArn":"([^"]+)"')} } )`,
    task: (scope, id, outputs) => {
      const { cluster, taskDefinition, timeout } = props;
      const family = Fn.select(0, Fn.split(':', Fn.select(1, Fn.split('/', taskDefinition.taskDefinitionArn))));
      return new RunJobTask(scope, id, {
        action: 'ecs:runTask',
        arguments: {
          Cluster: cluster.clusterArn,
          TaskDefinition: family,
          LaunchType: taskDefinition.isFargateCompatible ? 'FARGATE' : 'EC2',
          ...network(props),
          ...overrides(props),
        },
        statements: statements(scope, props, family),
        timeout,
        outputs,
      });
    },
  };
}

function network({ cluster, taskDefinition, subnets, securityGroups, assignPublicIp }: EcsJobProps): object {
  if (taskDefinition.networkMode !== ecs.NetworkMode.AWS_VPC) return {};
  return {
    NetworkConfiguration: {
      AwsvpcConfiguration: {
        Subnets: cluster.vpc.selectSubnets(subnets).subnetIds,
        ...(securityGroups && { SecurityGroups: securityGroups.map(({ securityGroupId }) => securityGroupId) }),
        AssignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED',
      },
    },
  };
}

function overrides({ containerName, command, environment }: EcsJobProps): object {
  if (!containerName) return {};
  const variables = environment && Object.entries(environment).map(([name, value]) => ({ Name: name, Value: value }));
  return {
    Overrides: {
      ContainerOverrides: [{ Name: containerName, ...(command && { Command: command }), ...(variables && { Environment: variables }) }],
    },
  };
}

/**
 * What AWS's template grants, on narrower resources: tasks of this cluster only, and no role passed to another service.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html#ecs-iam
 */
function statements(scope: IConstruct, { cluster, taskDefinition }: EcsJobProps, family: string): iam.PolicyStatement[] {
  const stack = Stack.of(scope);
  const ecsArn = (resource: string, resourceName: string): string => stack.formatArn({ service: 'ecs', resource, resourceName });
  const roles = [taskDefinition.taskRole, taskDefinition.executionRole].flatMap((role) => (role ? [role.roleArn] : []));
  return [
    new iam.PolicyStatement({
      actions: ['ecs:RunTask'],
      resources: [ecsArn('task-definition', `${family}:*`)],
      conditions: { ArnEquals: { 'ecs:cluster': cluster.clusterArn } },
    }),
    new iam.PolicyStatement({ actions: ['ecs:StopTask', 'ecs:DescribeTasks'], resources: [ecsArn('task', `${cluster.clusterName}/*`)] }),
    new iam.PolicyStatement({
      actions: ['iam:PassRole'],
      resources: roles,
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
    new iam.PolicyStatement({
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [stack.formatArn({ service: 'events', resource: 'rule', resourceName: MANAGED_RULE })],
    }),
  ];
}
