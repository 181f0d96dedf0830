/** Amazon ECS: tasks that run to their end, on Fargate or EC2. Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { arn, digits } from '../identifiers';
import type { Jobs } from '../jobs';
import { type TaskDefinition, TaskDefinitions } from './definitions';
import { type Overrides, type RunSettings, Task } from './task';

interface RunTaskInput extends RunSettings {
  readonly taskDefinition: string;
  readonly cluster?: string;
  readonly count?: number;
  readonly overrides?: Overrides;
}

export function createEcs(cloud: Cloud, jobs: Jobs): Service {
  /** By name. */
  const clusters = new Set<string>();
  const definitions = new TaskDefinitions();
  /** By ARN. */
  const tasks = new Map<string, Task>();

  const nameOf = (reference = 'default'): string => reference.slice(reference.lastIndexOf('/') + 1);
  const clusterArn = (reference?: string): string => arn(cloud, 'ecs', `cluster/${nameOf(reference)}`);
  const taskArn = (reference: string, cluster?: string): string =>
    reference.startsWith('arn:') ? reference : arn(cloud, 'ecs', `task/${nameOf(cluster)}/${reference}`);

  function checkCluster(reference?: string): void {
    if (!clusters.has(nameOf(reference))) throw new ApiError('ClusterNotFoundException', 'Cluster not found.');
  }

  /** Where a key is not said to be otherwise: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
  const onTask = (action: string, task: string, cluster?: string): AccessRequest => ({
    action: `ecs:${action}`,
    resource: taskArn(task, cluster),
    context: { 'ecs:cluster': clusterArn(cluster) },
  });

  /** The caller passes the task's roles on: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html */
  function toRun({ taskDefinition, cluster, overrides }: RunTaskInput): AccessRequest[] {
    const definition = definitions.find(taskDefinition);
    const requested = taskDefinition.startsWith('arn:') ? taskDefinition : arn(cloud, 'ecs', `task-definition/${taskDefinition}`);
    const roles = [overrides?.taskRoleArn ?? definition?.taskRoleArn, overrides?.executionRoleArn ?? definition?.executionRoleArn].filter(
      (role) => role !== undefined,
    );
    return [
      { action: 'ecs:RunTask', resource: definition?.arn ?? requested, context: { 'ecs:cluster': clusterArn(cluster) } },
      ...[...new Set(roles)].map((resource) => ({
        action: 'iam:PassRole',
        resource,
        context: { 'iam:passedtoservice': 'ecs-tasks.amazonaws.com' },
      })),
    ];
  }

  function run(input: RunTaskInput) {
    checkCluster(input.cluster);
    const definition = definitions.get(input.taskDefinition);
    check(definition, input);
    const started = Array.from({ length: input.count ?? 1 }, () => {
      const id = digits(cloud, 32);
      const task = new Task(cloud, {
        arn: taskArn(id, input.cluster),
        id,
        clusterArn: clusterArn(input.cluster),
        definition,
        overrides: input.overrides ?? {},
        settings: input,
      });
      task.start(jobs);
      tasks.set(task.arn, task);
      return task;
    });
    return { tasks: started.map((task) => task.describe()), failures: [] };
  }

  return {
    name: 'ecs',
    operations: {
      RunTask: { access: toRun, run },
      DescribeTasks: {
        access: (input: { tasks: readonly string[]; cluster?: string }) =>
          input.tasks.map((task) => onTask('DescribeTasks', task, input.cluster)),
        run(input: { tasks: readonly string[]; cluster?: string }) {
          checkCluster(input.cluster);
          const arns = input.tasks.map((task) => taskArn(task, input.cluster));
          return {
            tasks: arns.flatMap((one) => tasks.get(one)?.describe() ?? []),
            failures: arns.filter((one) => !tasks.has(one)).map((one) => ({ arn: one, reason: 'MISSING' })),
          };
        },
      },
      StopTask: {
        access: (input: { task: string; cluster?: string }) => [onTask('StopTask', input.task, input.cluster)],
        run(input: { task: string; cluster?: string; reason?: string }) {
          checkCluster(input.cluster);
          const task = tasks.get(taskArn(input.task, input.cluster));
          if (!task) throw new ApiError('InvalidParameterException', 'The referenced task was not found.');
          task.stop(input.reason ?? 'Task stopped by user');
          return { task: task.describe() };
        },
      },
    },
    resources: {
      'AWS::ECS::Cluster': {
        create({ properties, physicalName }) {
          const name: string = properties.ClusterName ?? physicalName();
          clusters.add(name);
          return { ref: name, attributes: { Arn: clusterArn(name) } };
        },
      },
      'AWS::ECS::ClusterCapacityProviderAssociations': { create: ({ properties }) => ({ ref: properties.Cluster }) },
      'AWS::ECS::TaskDefinition': {
        create({ properties, path, logicalId, physicalName }) {
          const family: string = properties.Family ?? physicalName();
          const definition = definitions.register(properties, family, (revision) =>
            arn(cloud, 'ecs', `task-definition/${family}:${revision}`),
          );
          jobs.deploy({ service: 'ecs', ref: definition.arn, name: family, path: path ?? logicalId });
          return { ref: definition.arn, attributes: { TaskDefinitionArn: definition.arn } };
        },
      },
    },
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
function check(definition: TaskDefinition, { count = 1, overrides, networkConfiguration }: RunTaskInput): void {
  const refuse = (message: string): never => {
    throw new ApiError('InvalidParameterException', message);
  };
  if (count < 1 || count > 10) refuse('Count must be greater than 0 and less than or equal to 10.');
  if (definition.networkMode === 'awsvpc' && !networkConfiguration?.awsvpcConfiguration)
    refuse("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const known = new Set(definition.containers.map(({ name }) => name));
  for (const { name } of overrides?.containerOverrides ?? []) {
    if (!name || !known.has(name)) refuse(`Override for container named ${name} is not a container in the TaskDefinition.`);
  }
}
