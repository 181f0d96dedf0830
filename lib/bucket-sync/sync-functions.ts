import { Duration, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { listObjects, readObjects, writeObjects } from '../blocks/bulk-map/s3-statements';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { handlerAsset } from '../core/handler-asset';
import { HandlerFunction } from '../core/handler-function';
import type { SyncSettings } from './handlers/settings';
import { SyncComparison } from './sync-comparison';
import { objectsOf, type SyncPlace } from './sync-place';

export interface SyncFunctionsProps {
  readonly source: SyncPlace;
  readonly destination: SyncPlace;
  /** Below it each run has a folder. */
  readonly results: SyncPlace;
  readonly comparison: SyncComparison;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly deletion?: { readonly maxCount: number; readonly maxPercent: number; readonly allowUnversioned: boolean };
}

/** What each may take. */
const TIMEOUT = Duration.minutes(15);

const REASON = 'Objects below one prefix; their keys are not known before.';

/** The functions of a `BucketSync`, each with what it needs of the three buckets. */
export class SyncFunctions extends Construct {
  public readonly prepare: HandlerFunction;
  public readonly planShard: HandlerFunction;
  public readonly summarizePlan: HandlerFunction;
  public readonly copy: HandlerFunction;
  /** None when nothing may be deleted. */
  public readonly remove?: HandlerFunction;
  public readonly report: HandlerFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SyncFunctionsProps,
  ) {
    super(scope, id);
    const { source, destination, results, comparison, deletion } = props;
    const listBoth = [...list(source), ...list(destination)];
    const listRuns = listObjects(results.bucket, results.prefix);
    this.prepare = this.make('prepare', 'Refuses what cannot be synchronized, and parts the keys into ranges', [
      ...listBoth,
      ...(deletion && !deletion.allowUnversioned ? [allow(destination.bucket.bucketArn, 's3:GetBucketVersioning')] : []),
      ...listRuns,
      ...this.readRuns('/plan.json'),
      ...this.writeRuns('/shards.jsonl'),
    ]);
    this.planShard = this.make('plan-shard', 'Plans a range of keys', [
      ...listBoth,
      ...(comparison === SyncComparison.CHECKSUM ? read(source) : []),
      ...(comparison === SyncComparison.SIZE_AND_TIME ? [] : read(destination)),
      ...this.writeRuns('/plan/*', '/shards/*'),
      allow(this.runs('/plan/*'), 's3:DeleteObject'),
    ]);
    this.summarizePlan = this.make('summarize-plan', 'Adds up a plan', [
      ...listRuns,
      ...this.readRuns('/shards/*'),
      ...this.writeRuns('/plan.json'),
    ]);
    this.copy = this.make('copy', 'Copies a batch of objects within S3, and verifies each', [
      ...listBoth,
      ...read(source),
      allow(source.bucket.arnForObjects(objectsOf(source)), 's3:GetObjectTagging'),
      ...read(destination),
      ...writeObjects(destination.bucket, objectsOf(destination)),
      allow(
        destination.bucket.arnForObjects(objectsOf(destination)),
        's3:PutObjectTagging',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ),
      ...this.writeRuns('/report/*'),
    ]);
    if (deletion) {
      this.remove = this.make('delete', 'Deletes a batch of objects that are still what they were', [
        ...listBoth,
        // A deletion on condition of an ETag reads as well.
        allow(destination.bucket.arnForObjects(objectsOf(destination)), 's3:DeleteObject', 's3:GetObject'),
        ...this.writeRuns('/report/*'),
      ]);
    }
    this.report = this.make('report', 'Puts the report of a run together', [
      ...listRuns,
      ...this.readRuns('/report/*'),
      ...this.writeRuns('/report.json', '/report.jsonl'),
    ]);
  }

  private make(name: string, description: string, statements: iam.PolicyStatement[]): HandlerFunction {
    const id = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const made = new HandlerFunction(this, id, {
      code: handlerAsset(`lib/bucket-sync/${name}`),
      description,
      environment: { SYNC: Stack.of(this).toJsonString(this.settings()) },
      timeout: TIMEOUT,
      memorySize: 512,
    });
    const policy = new iam.Policy(this, `${id}Policy`, { roles: [made.role], statements });
    acknowledgeWildcards(policy, REASON);
    return made;
  }

  private settings(): SyncSettings {
    const place = ({ bucket, prefix }: SyncPlace) => ({ bucket: bucket.bucketName, prefix });
    const { source, destination, results, comparison, include, exclude, deletion } = this.props;
    return {
      source: place(source),
      destination: place(destination),
      results: place(results),
      comparison,
      include,
      exclude,
      deletion,
      destinationKms: destination.bucket.encryptionKey !== undefined,
    };
  }

  private runs(suffix: string): string {
    return this.props.results.bucket.arnForObjects(this.keys(suffix));
  }

  private keys(suffix: string): string {
    return `${this.props.results.prefix}*${suffix}`;
  }

  private readRuns(...suffixes: string[]): iam.PolicyStatement[] {
    return readObjects(this.props.results.bucket, ...suffixes.map((suffix) => this.keys(suffix)));
  }

  private writeRuns(...suffixes: string[]): iam.PolicyStatement[] {
    return writeObjects(this.props.results.bucket, ...suffixes.map((suffix) => this.keys(suffix)));
  }
}

function list({ bucket, prefix }: SyncPlace): iam.PolicyStatement[] {
  return listObjects(bucket, prefix);
}

function read(place: SyncPlace): iam.PolicyStatement[] {
  return readObjects(place.bucket, objectsOf(place));
}

function allow(resource: string, ...actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource] });
}
