import { aws_ecs as ecs, aws_iam as iam, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Job } from '../blocks/job/job';
import { acknowledge } from '../core/acknowledge';
import { RECIPE } from './recipe-version';
import type { TranscodeWorker } from './transcode-worker';

/** The container's name, and the first part of its log streams' names. */
const NAME = 'worker';

/** What a task on Fargate is made of, and the job that runs it. */
export class LargeWorker extends Construct {
  /** What runs. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  /** Runs one item. */
  public readonly job: Job;
  /** What the names of its log streams begin with; a task's id follows. */
  public readonly logName = `${NAME}/${NAME}/`;

  constructor(scope: Construct, id: string, { _props: props }: TranscodeWorker, environment: { [name: string]: string }) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const executionRole = new iam.Role(this, 'ExecutionRole', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') });
    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'Task', {
      cpu: props.cpu ?? 4096,
      memoryLimitMiB: props.memoryLimitMiB ?? 16_384,
      ephemeralStorageGiB: props.ephemeralStorageGiB,
      runtimePlatform: {
        cpuArchitecture: props.cpuArchitecture ?? ecs.CpuArchitecture.ARM64,
        operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
      },
      executionRole,
    });
    this.taskDefinition.addContainer(NAME, {
      containerName: NAME,
      image: props.image,
      logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: NAME }),
      environment: { ...environment, RECIPE: String(RECIPE) },
    });
    acknowledge(this.taskDefinition, 'AwsSolutions-ECS2', 'Names of buckets and settings of renditions: nothing that is secret.');
    const { cluster, subnets, securityGroups, assignPublicIp, timeout } = props;
    this.job = Job.ecs({
      ...{ cluster, subnets, securityGroups, assignPublicIp, timeout },
      taskDefinition: this.taskDefinition,
      containerName: NAME,
      environment: { ITEM: '{% $string($sift($states.input, function($v, $k) { $not($k in ["job", "jobSpilled"]) })) %}' },
    });
  }
}
