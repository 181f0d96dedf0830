import { join } from 'node:path';
import {
  Duration,
  aws_ecs as ecs,
  aws_iam as iam,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerFunction, InputField, InputValidation, Job, ObservedStateMachine, RoutedJob, TransientRetry } from '../../lib';
import { acknowledgeWildcards } from '../../lib/core/acknowledge-wildcards';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';
import { workerImage, workerPlace } from '../worker-place';

/** Properties of `MediaRoutingStack`. */
export interface MediaRoutingStackProps extends StackProps {
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
  /** Name of the repository in ECR that has the worker's image, tagged `latest`. @default - none: right on this machine, where a scenario stands in for the container */
  readonly repository?: string;
}

/** What a function with 128 MiB is trusted with. Decoded, a sample takes eight bytes. */
const LAMBDA_UP_TO = { bytes: 8_000_000, seconds: 600 };
const LAMBDA_MIB = 128;

const REASON = 'Objects whose keys are not known before, and tasks whose names are made when they start.';

/**
 * Recordings get a waveform, which is drawn before they are played. A Lambda function makes those of short ones, a container on Fargate all
 * others, and those that turned out to be too much for the function.
 */
export class MediaRoutingStack extends Stack {
  private readonly recordings = sampleBucket(this, 'Recordings');
  private readonly previews = sampleBucket(this, 'Previews');
  private readonly buckets = { RECORDINGS: this.recordings.bucketName, PREVIEWS: this.previews.bucketName };

  constructor(scope: Construct, id: string, { operator, repository, ...props }: MediaRoutingStackProps = {}) {
    super(scope, id, props);
    const measure = this.handler('Measure', { memorySize: 256, timeout: Duration.seconds(20) });
    const preview = this.handler('Preview', { memorySize: LAMBDA_MIB, timeout: Duration.seconds(60) });
    const container = this.container(repository);
    const list = new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.previews.bucketArn] });
    const read = new iam.PolicyStatement({
      actions: ['s3:GetObject'],
      resources: [this.recordings.arnForObjects('*'), this.previews.arnForObjects('*')],
    });
    const write = new iam.PolicyStatement({ actions: ['s3:PutObject'], resources: [this.previews.arnForObjects('*')] });
    // So that S3 says of what is not there that it is not there.
    const ask = new iam.PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.recordings.bucketArn] });
    this.allow('MeasureData', measure.role, [list, read, ask]);
    this.allow('PreviewData', preview.role, [list, read, write]);
    this.allow('ContainerData', container.taskRole, [list, read, write]);

    const routed = new RoutedJob({
      small: Job.invoke(preview.alias, { timeout: Duration.seconds(60), payload: '{% $states.input.recording %}' }),
      large: this.inContainer(container),
      fits: `{% $states.input.recording.bytes <= ${LAMBDA_UP_TO.bytes} and $states.input.recording.seconds <= ${LAMBDA_UP_TO.seconds} %}`,
    });
    const failed = sfn.Fail.jsonata(this, 'RecordingRefused', {
      error: '{% $states.input.failure.Error %}',
      cause: '{% $parse($states.input.failure.Cause).errorMessage %}',
    });
    const missing = sfn.Fail.jsonata(this, 'PreviewMissing', {
      error: 'PreviewMissing',
      cause: '{% "the worker ended well, and the preview " & $states.input.recording.preview & " is not there" %}',
    });
    const previewed = sfn.Pass.jsonata(this, 'Previewed', {
      outputs:
        '{% { "status": "PREVIEWED", "preview": $states.input.recording.preview, "madeIn": $exists($states.input.job.run) ? "FARGATE" : "LAMBDA", ' +
        '"spilled": $states.input.jobSpilled } %}',
    });
    const present = sfn.Pass.jsonata(this, 'AlreadyThere', {
      outputs: '{% { "status": "PRESENT", "preview": $states.input.recording.preview } %}',
    });
    const isPresent = '{% $states.input.recording.present = true %}';
    const made = sfn.Choice.jsonata(this, 'IsMade', { comment: 'A worker that ends well and has made nothing is no success.' })
      .when(sfn.Condition.jsonata(isPresent), previewed)
      .otherwise(missing);
    const check = this.measuring('CheckPreview', measure, '{ "key": $states.input.key, "etag": $states.input.recording.etag }', failed);
    const steps = this.measuring('MeasureRecording', measure, '{ "key": $states.input.key }', failed).next(
      sfn.Choice.jsonata(this, 'IsPresent')
        .when(sfn.Condition.jsonata(isPresent), present)
        .otherwise(routed.step(this, 'MakePreview').next(check).next(made)),
    );
    const { role } = new ObservedStateMachine(this, 'Routing', {
      definition: new InputValidation(this, 'Input', { fields: { key: InputField.ofString({ maxLength: 900 }) } }).next(steps),
      comment: 'Makes previews of recordings, each where it fits',
      notificationTopic: operatorTopic(this, operator),
      timeout: Duration.hours(3),
    });
    acknowledgeWildcards(role.node.findChild('DefaultPolicy') as iam.Policy, REASON);
  }

  private measuring(id: string, { alias }: HandlerFunction, payload: string, failed: sfn.IChainable): tasks.LambdaInvoke {
    const task = tasks.LambdaInvoke.jsonata(this, id, {
      lambdaFunction: alias,
      payload: sfn.TaskInput.fromText(`{% ${payload} %}`),
      taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
      retryOnServiceExceptions: false,
      outputs: '{% $merge([$states.input, { "recording": $states.result.Payload }]) %}',
    });
    task.addRetry(TransientRetry.forLambda());
    task.addCatch(failed, {
      errors: ['NoSuchRecording', 'InvalidRecording', 'RecordingChanged'],
      outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}',
    });
    return task;
  }

  private inContainer(taskDefinition: ecs.FargateTaskDefinition): Job {
    return Job.ecs({
      ...workerPlace(this),
      taskDefinition,
      containerName: 'worker',
      environment: { RECORDING: '{% $string($states.input.recording) %}' },
      timeout: Duration.hours(2),
    });
  }

  private container(repository?: string): ecs.FargateTaskDefinition {
    const task = new ecs.FargateTaskDefinition(this, 'Worker', {
      cpu: 1024,
      memoryLimitMiB: 8192,
      runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.ARM64 },
      executionRole: new iam.Role(this, 'WorkerStartRole', { assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com') }),
    });
    task.addContainer('worker', {
      containerName: 'worker',
      image: workerImage(this, 'media-routing-worker', repository),
      environment: this.buckets,
      logging: ecs.LogDrivers.awsLogs({
        logGroup: new logs.LogGroup(this, 'WorkerLogs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY }),
        streamPrefix: 'worker',
      }),
    });
    Validations.of(task).acknowledge({ id: 'AwsSolutions-ECS2', reason: 'Names of buckets: nothing that is secret.' });
    return task;
  }

  private handler(id: string, props: { readonly memorySize: number; readonly timeout: Duration }): HandlerFunction {
    const code = lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'patterns', 'media-routing', id.toLowerCase()), {
      exclude: ['sources.json'],
    });
    return new HandlerFunction(this, id, { code, environment: this.buckets, ...props });
  }

  private allow(id: string, role: iam.IRole, statements: iam.PolicyStatement[]): void {
    acknowledgeWildcards(new iam.Policy(this, id, { roles: [role], statements }), REASON);
  }
}
