import { Duration, aws_iam as iam, type aws_lambda as lambda, Stack, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { listObjects, readObjects, writeObjects } from '../blocks/bulk-map/s3-statements';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { handlerAsset } from '../core/handler-asset';
import { HandlerFunction } from '../core/handler-function';
import type { TranscodeSettings } from './handlers/settings';
import { LargeWorker } from './large-worker';
import type { TranscodeWorker } from './transcode-worker';

export interface TranscodeFunctionsProps {
  readonly source: s3.IBucket;
  readonly destination: s3.IBucket;
  readonly scratch: s3.IBucket;
  readonly settings: TranscodeSettings;
  readonly ffmpegLayer?: lambda.ILayerVersion;
  readonly ffmpegPath?: string;
  readonly workerMemory: number;
  readonly largeWorker?: TranscodeWorker;
}

/** What each may take. */
const TIMEOUT = Duration.minutes(15);

/** MiB of disk: two copies of the largest file there can be, and a segment. */
const WHOLE_DISK = 10_240;
export const SEGMENT_DISK = 2_048;

const REASON = 'Objects whose keys are not known before.';

/** The functions of a `SplitTranscode` and its worker on Fargate, each with what it needs of the buckets. */
export class TranscodeFunctions extends Construct {
  public readonly plan: HandlerFunction;
  public readonly transcode: HandlerFunction;
  public readonly concat: HandlerFunction;
  public readonly verify: HandlerFunction;
  public readonly publish: HandlerFunction;
  public readonly large?: LargeWorker;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TranscodeFunctionsProps,
  ) {
    super(scope, id);
    const { source, destination, scratch, settings, workerMemory } = props;
    const work = `${settings.scratch.prefix}*`;
    const published = `${settings.destination.prefix}*`;
    const readSource = [...readObjects(source, '*'), allow(source.arnForObjects('*'), 's3:GetObjectVersion')];
    // Which of two versions is newer, S3 says in the order of its list.
    const seeVersions = allow(source.bucketArn, 's3:ListBucketVersions');
    const listWork = listObjects(scratch, settings.scratch.prefix);
    const readWork = readObjects(scratch, work);
    const writeWork = writeObjects(scratch, work);
    const seePublished = [...listObjects(destination, settings.destination.prefix), ...readObjects(destination, published)];
    this.plan = this.make('Plan', 'Looks at a video and plans its segments', { memorySize: 1024 }, [
      // So that S3 says of what is not there that it is not there.
      ...listObjects(source),
      ...readSource,
      ...(props.largeWorker ? listWork : []),
      ...writeWork,
      ...seePublished,
      seeVersions,
    ]);
    const encode = [...readSource, ...listWork, ...writeWork];
    this.transcode = this.make(
      'Transcode',
      'Encodes a segment of a video, or its sound',
      { memorySize: workerMemory, disk: SEGMENT_DISK },
      encode,
    );
    if (props.largeWorker) {
      this.large = new LargeWorker(this, 'Large', props.largeWorker, this.environment());
      this.allow('Large', this.large.taskDefinition.taskRole, encode);
    }
    this.concat = this.make('Concat', 'Joins the segments of a rendition', { memorySize: 2048, disk: WHOLE_DISK }, [
      ...listWork,
      ...readWork,
      ...writeWork,
    ]);
    this.verify = this.make('Verify', 'Compares a rendition with what was planned', { memorySize: 2048, disk: WHOLE_DISK }, [
      ...listWork,
      ...readWork,
      allow(scratch.arnForObjects(work), 's3:DeleteObject'),
    ]);
    this.publish = this.make('Publish', 'Copies verified renditions to where they are wanted', { memorySize: 512 }, [
      ...readWork,
      allow(scratch.arnForObjects(work), 's3:DeleteObject'),
      ...seePublished,
      ...writeObjects(destination, published),
      seeVersions,
    ]);
  }

  private make(
    id: string,
    description: string,
    { memorySize, disk }: { readonly memorySize: number; readonly disk?: number },
    statements: iam.PolicyStatement[],
  ): HandlerFunction {
    const { ffmpegLayer } = this.props;
    const made = new HandlerFunction(this, id, {
      code: handlerAsset(`lib/split-transcode/${id.toLowerCase()}`),
      description,
      environment: { ...this.environment(), ...(this.props.ffmpegPath && { FFMPEG_PATH: this.props.ffmpegPath }) },
      timeout: TIMEOUT,
      memorySize,
    });
    if (ffmpegLayer) made.function.addLayers(ffmpegLayer);
    if (disk) (made.function.node.defaultChild as lambda.CfnFunction).ephemeralStorage = { size: disk };
    this.allow(id, made.role, statements);
    return made;
  }

  private environment(): { [name: string]: string } {
    return { TRANSCODE: Stack.of(this).toJsonString(this.props.settings) };
  }

  private allow(id: string, role: iam.IRole, statements: iam.PolicyStatement[]): void {
    acknowledgeWildcards(new iam.Policy(this, `${id}Policy`, { roles: [role], statements }), REASON);
  }
}

function allow(resource: string, ...actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource] });
}
