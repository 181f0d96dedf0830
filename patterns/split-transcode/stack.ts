import {
  Duration,
  aws_ec2 as ec2,
  aws_ecr as ecr,
  aws_ecs as ecs,
  aws_lambda as lambda,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BulkConcurrency, Rendition, SplitTranscode, TranscodeWorker } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';

/** Properties of `SplitTranscodeStack`. */
export interface SplitTranscodeStackProps extends StackProps {
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
  /** ARN of a layer with bin/ffmpeg and bin/ffprobe for ARM64. @default - none: right on this machine, which has them on its PATH */
  readonly ffmpegLayer?: string;
  /** Where ffmpeg is, with ffprobe beside it. @default - on the functions' PATH */
  readonly ffmpegPath?: string;
  /** Name of the repository in ECR that has the worker's image, tagged `latest`. @default - none: right on this machine, where a process stands in for the container */
  readonly repository?: string;
}

/** News clips in two sizes, minutes after they came in. */
export class SplitTranscodeStack extends Stack {
  constructor(scope: Construct, id: string, { operator, ffmpegLayer, ffmpegPath, repository, ...props }: SplitTranscodeStackProps = {}) {
    super(scope, id, props);
    new SplitTranscode(this, 'Transcoding', {
      source: sampleBucket(this, 'Clips', { versioned: true }),
      destination: sampleBucket(this, 'Renditions'),
      destinationPrefix: 'video/',
      renditions: [
        Rendition.mp4({ name: 'small', height: 90, quality: 28, preset: 'veryfast' }),
        Rendition.mp4({ name: 'large', height: 144, videoBitrate: 600, preset: 'veryfast' }),
      ],
      // For clips of seconds; twenty are right for those of minutes.
      segmentDuration: Duration.seconds(4),
      concurrency: BulkConcurrency.of(100),
      // For small pictures; 8K is too much for it, and goes to Fargate.
      workerMemory: 1024,
      largeWorker: this.container(repository),
      ffmpegLayer: ffmpegLayer === undefined ? undefined : lambda.LayerVersion.fromLayerVersionArn(this, 'Ffmpeg', ffmpegLayer),
      ffmpegPath,
      notificationTopic: operatorTopic(this, operator),
    });
  }

  private container(repository?: string): TranscodeWorker {
    const vpc = new ec2.Vpc(this, 'Network', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'worker', subnetType: ec2.SubnetType.PUBLIC }],
      gatewayEndpoints: { s3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
      restrictDefaultSecurityGroup: false,
    });
    const cluster = new ecs.Cluster(this, 'Cluster', { vpc });
    Validations.of(vpc).acknowledge({
      id: 'AwsSolutions-VPC7',
      reason: 'A sample: nobody asks who talked to whom. Nothing listens in it.',
    });
    Validations.of(cluster).acknowledge({ id: 'AwsSolutions-ECS4', reason: 'A sample: the logs of its tasks are enough.' });
    return TranscodeWorker.fargate({
      cluster,
      image: repository
        ? ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(this, 'Image', repository))
        : ecs.ContainerImage.fromRegistry('split-transcode-worker'),
      // For the image and S3; nothing may come in.
      subnets: { subnetType: ec2.SubnetType.PUBLIC },
      assignPublicIp: true,
      securityGroups: [new ec2.SecurityGroup(this, 'WorkerGroup', { vpc, description: 'Lets nothing in' })],
      timeout: Duration.hours(2),
    });
  }
}
