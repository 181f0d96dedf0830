import { Duration, aws_iam as iam, Stack, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { listObjects, readObjects, writeObjects } from '../blocks/bulk-map/s3-statements';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { handlerAsset } from '../core/handler-asset';
import { HandlerFunction } from '../core/handler-function';
import type { ModelSettings } from './handlers/settings';

export interface ModelPlace {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
}

export interface ModelFunctionsProps {
  readonly source: ModelPlace;
  readonly destination: ModelPlace;
  readonly reviews: ModelPlace;
  readonly partBytes: number;
}

const REASON = 'Objects below one prefix; their keys are not known before.';

/** The functions of a `ModelApproval`, each with what it needs of the three buckets. */
export class ModelFunctions extends Construct {
  /** Reads one version of a manifest. */
  public readonly readManifest: HandlerFunction;
  /** Writes down which versions are reviewed. */
  public readonly pin: HandlerFunction;
  /** Holds a model against the one in force. */
  public readonly compare: HandlerFunction;
  /** Copies what was reviewed. */
  public readonly copy: HandlerFunction;
  /** Verifies the copies, and puts the model in force. */
  public readonly publish: HandlerFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ModelFunctionsProps,
  ) {
    super(scope, id);
    const { source, destination, reviews } = props;
    const listVersions = new iam.PolicyStatement({
      actions: ['s3:ListBucketVersions'],
      resources: [source.bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': below(source) } },
    });
    const readVersions = (suffix = '') => [
      allow(source.bucket.arnForObjects(`${below(source)}${suffix}`), 's3:GetObjectVersion'),
      ...(source.bucket.encryptionKey ? [allow(source.bucket.encryptionKey.keyArn, 'kms:Decrypt')] : []),
    ];
    const readReviews = [...listObjects(reviews.bucket, reviews.prefix), ...readObjects(reviews.bucket, below(reviews))];
    const listDestination = listObjects(destination.bucket, destination.prefix);
    const readDestination = readObjects(destination.bucket, below(destination));
    const short = Duration.minutes(1);
    this.readManifest = this.make('read-manifest', 'Reads the manifest of a trained model', short, [
      listVersions,
      ...readVersions('/manifest.json'),
    ]);
    this.pin = this.make('pin', 'Writes down which versions of which objects are reviewed', Duration.minutes(5), [
      listVersions,
      ...readVersions(),
      ...writeObjects(reviews.bucket, below(reviews)),
    ]);
    this.compare = this.make('compare', 'Holds a model against the one that is in force', short, [
      ...readReviews,
      ...listDestination,
      ...readObjects(destination.bucket, `${below(destination)}/current.json`),
    ]);
    this.copy = this.make('copy', 'Copies the versions that were reviewed, within S3', Duration.minutes(15), [
      ...readReviews,
      listVersions,
      ...readVersions(),
      ...listDestination,
      ...writeObjects(destination.bucket, below(destination)),
      // Which uploads are open can be asked of a whole bucket only.
      allow(destination.bucket.bucketArn, 's3:ListBucketMultipartUploads'),
      allow(destination.bucket.arnForObjects(below(destination)), 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'),
    ]);
    this.publish = this.make('publish', 'Verifies the copies, and puts the model in force', Duration.minutes(5), [
      ...readReviews,
      ...listDestination,
      ...readDestination,
      ...writeObjects(destination.bucket, ...['manifest.json', 'current.json'].map((name) => `${below(destination)}/${name}`)),
    ]);
  }

  private make(name: string, description: string, timeout: Duration, statements: iam.PolicyStatement[]): HandlerFunction {
    const id = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const made = new HandlerFunction(this, id, {
      code: handlerAsset(`lib/model-approval/${name}`),
      description,
      timeout,
      memorySize: 512,
      environment: { MODEL_APPROVAL: Stack.of(this).toJsonString(this.settings()) },
    });
    const policy = new iam.Policy(this, `${id}Policy`, { roles: [made.role], statements });
    acknowledgeWildcards(policy, REASON);
    return made;
  }

  private settings(): ModelSettings {
    const place = ({ bucket, prefix }: ModelPlace) => ({ bucket: bucket.bucketName, prefix });
    const { source, destination, reviews, partBytes } = this.props;
    return { source: place(source), destination: place(destination), reviews: place(reviews), partBytes };
  }
}

const below = ({ prefix }: ModelPlace): string => `${prefix}*`;

function allow(resource: string, ...actions: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource] });
}
