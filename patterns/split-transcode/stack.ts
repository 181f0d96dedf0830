import { Duration, aws_lambda as lambda, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BulkConcurrency, Rendition, SplitTranscode, TranscodeWorker } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';
import { workerImage, workerPlace } from '../worker-place';

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
      largeWorker: TranscodeWorker.fargate({
        ...workerPlace(this),
        image: workerImage(this, 'split-transcode-worker', repository),
        timeout: Duration.hours(2),
      }),
      ffmpegLayer: ffmpegLayer === undefined ? undefined : lambda.LayerVersion.fromLayerVersionArn(this, 'Ffmpeg', ffmpegLayer),
      ffmpegPath,
      notificationTopic: operatorTopic(this, operator),
    });
  }
}
