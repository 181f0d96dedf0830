import {
  Duration,
  type aws_ecs as ecs,
  type aws_iam as iam,
  type aws_lambda as lambda,
  type aws_s3 as s3,
  type aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { BulkConcurrency } from '../blocks/bulk-map/bulk-concurrency';
import { BulkMap, type BulkMapProps } from '../blocks/bulk-map/bulk-map';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { checkDuration } from '../core/check-duration';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import type { Rendition } from './rendition';
import { SEGMENT_DISK, TranscodeFunctions } from './transcode-functions';
import type { TranscodeWorker } from './transcode-worker';
import { TranscodeWorkflow } from './transcode-workflow';

/** Properties of `SplitTranscode`. */
export interface SplitTranscodeProps extends WorkflowProps, BulkMapProps {
  /** Where videos are read from. With versions, a run works on one version whatever happens meanwhile; without, a source that changes fails the run. */
  readonly source: s3.IBucket;
  /** Where the renditions go. */
  readonly destination: s3.IBucket;
  /** A folder of the destination. @default "", none */
  readonly destinationPrefix?: string;
  /** What is made of each video. Their names differ. */
  readonly renditions: Rendition[];
  /**
   * Has `bin/ffmpeg` and `bin/ffprobe` for ARM64, version 5.1 or later with x264. Mind its licence: a build with x264 is under the GPL.
   * @default - they have to be on the functions' PATH by other means: in the local runner those of this machine are
   */
  readonly ffmpegLayer?: lambda.ILayerVersion;
  /** Where ffmpeg is in the functions' file system; ffprobe stands beside it. @default - on PATH, which has a layer's /opt/bin */
  readonly ffmpegPath?: string;
  /** How much of a video one worker encodes. Shorter is sooner done; below 15 seconds the work grows noticeably. @default Duration.seconds(20) */
  readonly segmentDuration?: Duration;
  /** From one key frame of a rendition to the next. @default Duration.seconds(2) */
  readonly keyFrameInterval?: Duration;
  /** Of the sound, in kilobits a second. @default 128 */
  readonly audioBitrate?: number;
  /** How many segments are encoded at once. @default BulkConcurrency.of(10) */
  readonly concurrency?: BulkConcurrency;
  /** Memory of a worker in MiB; its CPU grows with it. @default 3008 */
  readonly workerMemory?: number;
  /**
   * Takes what a Lambda function can't: the plan says which segments, or the sound, are expected to need more time, memory or disk. One for which a function
   * ran out of them all the same goes there too, once. @default - none: every segment has to fit a function
   */
  readonly largeWorker?: TranscodeWorker;
  /** How long a run may take. @default Duration.days(1) */
  readonly timeout?: Duration;
}

/** The second is for a run beside this one that has cleaned up meanwhile. */
const REDOS = 2;

/**
 * Transcodes a video in minutes, however long it is: cut into segments of whole frames, each encoded by a worker of its own, the sound encoded once,
 * joined without encoding again, and compared frame by frame with what one encoder would have made, before anything is published.
 *
 * - Input: `{ key: string, versionId?: string }`, the source.
 * - Output: `{ status: "TRANSCODED", bucket, renditions: [{ name, key, width, height }], frames, seconds, segments, redone }`; the keys are
 *   `<destinationPrefix><key without its ending>/<name>.mp4`, for HLS see `playlist` below. When all of it was made before of the same source in the same way, `status` is
 *   "PRESENT", nothing is done, and renditions are `{ name, key }`. `segments` counts the pieces, the sound among them;
 *   `redone` is how often something was bad and made again. When something of a newer version of the source is published, which stays whatever the
 *   order of the runs, `status` is "SUPERSEDED", and `newer`, that version's id or ETag, stands in the place of `renditions` and `playlist`.
 * - Errors: `InvalidInput`; `NoSuchSource`, `EmptySource` (no bytes), `UnreadableSource` (no media file, one that is cut off, a playlist, or frames
 *   without a time), `NoVideo` (sound only, a cover picture at most), `NoFrames`; `SourceChanged` (it was written to since the run began);
 *   `TooManyFailures` (segments that could not be encoded; the cause says where the reasons are); `OutputTooLarge` (a rendition above 5 GiB),
 *   `NotVerified` (the cause names every difference), `OutputChanged` (another run of the same source is under way), `NotAligned` (renditions for HLS
 *   whose pieces differ), `WorkerTooSmall` (a function lacked memory or disk where it planned or joined), `FfmpegMissing`; and S3's own.
 *
 * A run that failed can be started again: segments that are there are not encoded again. Sources that turn by their metadata come out upright, pixels
 * come out square, a variable frame rate stays as it is, and sources with few key frames get longer segments.
 *
 * Workers are Lambda functions with 15 minutes; with a `largeWorker` what is too large for one is encoded on Fargate, by plan or once a function ran out
 * of time, memory or disk. For HLS all playlists are in one multivariant playlist, `index.m3u8` beside the renditions' folder, which is published last: the
 * output has its key as `playlist`, and `key` of an HLS rendition is that of its own playlist.
 *
 * Costs ten state transitions, three for each rendition and for the sound of HLS, one for each segment of each rendition (two with a `largeWorker`), and
 * the time of functions and tasks.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export class SplitTranscode extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** What works on the segments, and the bucket in which they are kept meanwhile. */
  public readonly bulkMap: BulkMap;
  /** What runs on Fargate, where there is a `largeWorker`. */
  public readonly largeTaskDefinition?: ecs.FargateTaskDefinition;

  constructor(scope: Construct, id: string, props: SplitTranscodeProps) {
    super(scope, id);
    const { destinationPrefix = '', resultsPrefix = 'transcode/', audioBitrate = 128, workerMemory = 3008 } = props;
    const {
      segmentDuration = Duration.seconds(20),
      keyFrameInterval = Duration.seconds(2),
      timeout = Duration.days(1),
      largeWorker,
    } = props;
    assertProps(this, { ...props, destinationPrefix, audioBitrate, workerMemory });
    const resultsExpireAfter = props.resultsExpireAfter ?? (props.resultsBucket ? undefined : Duration.days(7));
    this.bulkMap = new BulkMap(this, 'BulkMap', { ...props, resultsPrefix, resultsExpireAfter });
    const scratch = this.bulkMap.resultsBucket;
    const functions = new TranscodeFunctions(this, 'Functions', {
      ...props,
      scratch,
      workerMemory,
      settings: {
        source: { bucket: props.source.bucketName },
        destination: { bucket: props.destination.bucketName, prefix: destinationPrefix },
        scratch: { bucket: scratch.bucketName, prefix: `${resultsPrefix}work/` },
        renditions: props.renditions.map(({ _settings }) => _settings),
        segmentSeconds: segmentDuration.toSeconds(),
        keyFrameSeconds: keyFrameInterval.toSeconds(),
        audioKbps: audioBitrate,
        ...(largeWorker && {
          smallWorker: { memoryMiB: workerMemory, diskMiB: SEGMENT_DISK, seconds: largeWorker._props.lambdaUpTo.toSeconds() },
        }),
      },
    });
    this.largeTaskDefinition = functions.large?.taskDefinition;
    const { steps } = new TranscodeWorkflow(this, 'Steps', {
      functions,
      bulkMap: this.bulkMap,
      destinationName: props.destination.bucketName,
      concurrency: props.concurrency,
      redos: REDOS,
    });
    const fields = {
      key: InputField.ofString({ maxLength: 900 }),
      versionId: InputField.ofString({ optional: true, maxLength: 1024 }),
    };
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      timeout,
      definition: new InputValidation(this, 'Input', { fields }).next(steps),
      comment: 'Transcodes a video in segments',
    });
    this.stateMachine = this.observed.stateMachine;
    this.bulkMap.grantRun(this.stateMachine);
    const ownPolicy = largeWorker && this.observed.role.node.tryFindChild('DefaultPolicy');
    if (ownPolicy)
      acknowledgeWildcards(
        ownPolicy as iam.Policy,
        'Revisions of one task definition and tasks of one cluster, whose names are made when they start.',
      );
  }
}

interface Given extends SplitTranscodeProps {
  readonly destinationPrefix: string;
  readonly audioBitrate: number;
  readonly workerMemory: number;
}

function assertProps(scope: Construct, { renditions, segmentDuration, keyFrameInterval, ...props }: Given): void {
  const { destinationPrefix, audioBitrate, workerMemory } = props;
  const names = renditions.map(({ _settings }) => _settings.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const problems = [
    ...(names.length === 0 ? ['renditions is empty: say what is to be made'] : []),
    ...(twice === undefined ? [] : [`two renditions are named '${twice}': give each a name`]),
    ...checkDuration('segmentDuration', segmentDuration, 1, 600),
    ...checkDuration('keyFrameInterval', keyFrameInterval, 1, 60),
    ...(audioBitrate >= 16 && audioBitrate <= 512 ? [] : [`audioBitrate is ${audioBitrate}: give a number from 16 to 512`]),
    ...(workerMemory >= 512 && workerMemory <= 10_240 ? [] : [`workerMemory is ${workerMemory}: give a number from 512 to 10240`]),
    ...(destinationPrefix === '' || /^[^*?$]+\/$/.test(destinationPrefix)
      ? []
      : [`destinationPrefix '${destinationPrefix}' is no folder: end it with a slash, and leave * ? $ out`]),
  ];
  if (problems.length > 0) throw new Error(`${scope.node.path} can't be made: ${problems.join('; ')}`);
}
