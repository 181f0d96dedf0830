import {
  Duration,
  aws_iam as iam,
  type aws_kms as kms,
  type RemovalPolicy,
  aws_s3 as s3,
  type aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { STEPFUNCTIONS_USE_DISTRIBUTED_MAP_RESULT_WRITER_V2 } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { isJsonata } from '../../asl/jsonata';
import { acknowledge } from '../../core/acknowledge';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import { assertNotIgnored } from '../../core/assert-not-ignored';
import { dataRemovalPolicy } from '../../core/data-removal';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { BulkSource } from './bulk-source';
import { BulkStep } from './bulk-step';
import type { BulkStepProps } from './bulk-step-props';
import { exportResults, listObjects, readObjects, writeObjects } from './s3-statements';

/** Properties of `BulkMap`. */
export interface BulkMapProps {
  /** Where results and failures are written. @default - a new bucket: encrypted, TLS only, objects expire */
  readonly resultsBucket?: s3.IBucket;
  /** What the keys of all results begin with: a folder. @default "bulk/" */
  readonly resultsPrefix?: string;
  /** How long a new results bucket keeps an object. @default Duration.days(90) */
  readonly resultsExpireAfter?: Duration;
  /** Encrypts a new results bucket. @default - Amazon S3 managed keys */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of a new results bucket when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

/** How long the summary of a run may take: as long as Lambda lets it. */
const SUMMARY_TIMEOUT = Duration.minutes(15);

/**
 * Works on many items, inside anybody's workflow: `bulk.step(…)` gives the steps around one Distributed Map, the AWS service that starts
 * a child workflow for each item or batch.
 *
 * What a map's samples leave out is done: results go to S3, so that no run ends at 256 KiB; failed items are written down with their
 * reasons, and can be run again; failures that are not tolerated end the run; so many children run at once as what is downstream takes;
 * the state machine may do what running, redriving and encryption need, and no more.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export class BulkMap extends Construct {
  /** Where results and failures are written. */
  public readonly resultsBucket: s3.IBucket;
  /** Counts the items of a run and writes down those that failed. */
  public readonly summarizeFunction: HandlerFunction;
  private readonly prefix: string;
  private readonly policies: iam.Policy[] = [];
  private readonly statements: iam.PolicyStatement[] = [];
  private readonly steps: string[] = [];
  private readers = 0;

  constructor(scope: Construct, id: string, props: BulkMapProps = {}) {
    super(scope, id);
    // First, before there are children. Without it the CDK leaves the results' location out, and says nothing.
    this.node.setContext(STEPFUNCTIONS_USE_DISTRIBUTED_MAP_RESULT_WRITER_V2, true);
    this.prefix = props.resultsPrefix ?? 'bulk/';
    assertProps(props, this.prefix);
    this.resultsBucket = props.resultsBucket ?? this.makeBucket(props);
    this.summarizeFunction = this.makeSummarize();
    this.node.addValidation({
      validate: () =>
        this.steps.length > 0 && this.policies.length === 0
          ? [
              `the bulk map has the steps ${this.steps.map((step) => `'${step}'`).join(', ')} but no state machine may run them: call grantRun(stateMachine) with the one that does`,
            ]
          : [],
    });
  }

  /**
   * Fresh steps that work on all items of a source.
   *
   * - Input: an object.
   * - Output: the input with the outcome under `outcomeField`:
   *   `{ counts: { total, succeeded, rejected, crashed, unfinished, skipped }, results: { bucket, manifest, failures? } }`. `total` is
   *   the number of items without those skipped; a source without items gives zeros. `failures` is there when an item failed.
   * - Errors: `TooManyFailures` (the cause has the counts and where the failures are), `States.ItemReaderFailed` or
   *   S3's error (the source can't be read), `States.ResultWriterFailed`, `States.Runtime` (the array is none).
   *
   * Written to S3, under `<prefix><name>/<execution>/<time>/`: by Step Functions `<map run>/manifest.json` and the files that it lists,
   * one record a line with `Input`, `Output`, `Error` and `Cause` of each child; and `failures.jsonl`, one line for each failed item:
   * `{ kind: "REJECTED" | "CRASHED" | "UNFINISHED", error?, cause?, item, execution? }`.
   *
   * Costs four state transitions, and those of Standard children.
   *
   * @param name name of the map's state and its label, unique in the state machine: a letter, then up to 39 letters or digits
   */
  public step(name: string, props: BulkStepProps): sfn.StateMachineFragment {
    this.steps.push(name);
    // The state's name may come again in another state machine; the construct's id may not.
    const step = new BulkStep(this, `Step${this.steps.length}`, name, props, {
      bucket: this.resultsBucket,
      prefix: this.prefix,
      summarize: this.summarizeFunction.alias,
    });
    this.allow(props.source._statements());
    return step;
  }

  /**
   * The items that failed in an earlier run of this bulk map's steps, as a source: those that were rejected, crashed or were not worked
   * on.
   * @param key JSONata for the key of its failures, the outcome's `results.failures`
   */
  public failures(key: string): BulkSource {
    if (!isJsonata(key))
      throw new Error(`the key ${JSON.stringify(key)} is no JSONata expression: write it as '{% $states.input.<field> %}'`);
    return BulkSource._failures(this.resultsBucket, this.keys('/failures.jsonl'), key);
  }

  /**
   * Lets a state machine run the steps: read the sources, write the results. Without it the app does not synthesize. Starting, stopping
   * and redriving children is allowed by the CDK.
   */
  public grantRun(stateMachine: sfn.StateMachine): void {
    const policy = new iam.Policy(this, `RunPolicy${this.policies.length + 1}`, { roles: [stateMachine.role] });
    this.policies.push(policy);
    allow(policy, [...exportResults(this.resultsBucket, this.keys()), ...this.statements]);
    stateMachine.node.defaultChild?.node.addDependency(policy);
    const children = stateMachine.node.tryFindChild('DistributedMapPolicy');
    if (children)
      acknowledgeWildcards(children as iam.Policy, 'Executions of this state machine only; their names are made when they start.');
  }

  /** Lets a role read what runs wrote. */
  public grantReadResults(role: iam.IRole): void {
    allow(new iam.Policy(this, `ReadPolicy${++this.readers}`, { roles: [role] }), readObjects(this.resultsBucket, this.keys()));
  }

  private allow(statements: iam.PolicyStatement[]): void {
    this.statements.push(...statements);
    for (const policy of this.policies) allow(policy, statements);
  }

  private keys(suffix = ''): string {
    return `${this.prefix}*${suffix}`;
  }

  private makeBucket(props: BulkMapProps): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Results', {
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: props.resultsExpireAfter ?? Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(7) },
      ],
      removalPolicy: dataRemovalPolicy(this, props.removalPolicy),
    });
    acknowledge(
      bucket,
      'AwsSolutions-S1',
      'Results of runs, which only the workflow writes; supply a bucket of your own to have its access logged.',
    );
    return bucket;
  }

  private makeSummarize(): HandlerFunction {
    const summarize = new HandlerFunction(this, 'Summarize', {
      code: handlerAsset('lib/blocks/bulk-map/summarize'),
      description: 'Counts the items of a bulk run and writes down those that failed',
      environment: { BUCKET_NAME: this.resultsBucket.bucketName },
      timeout: SUMMARY_TIMEOUT,
      memorySize: 1024,
    });
    const statements = [
      ...listObjects(this.resultsBucket, this.prefix),
      ...readObjects(this.resultsBucket, this.keys()),
      ...writeObjects(this.resultsBucket, this.keys('/failures.jsonl')),
    ];
    allow(new iam.Policy(this, 'SummarizePolicy', { roles: [summarize.role] }), statements);
    return summarize;
  }
}

function allow(policy: iam.Policy, statements: iam.PolicyStatement[]): void {
  policy.addStatements(...statements);
  acknowledgeWildcards(policy, 'Objects below one prefix; their keys are made when they are written.');
}

function assertProps(props: BulkMapProps, prefix: string): void {
  if (props.resultsBucket) {
    const { resultsExpireAfter, encryptionKey, removalPolicy } = props;
    assertNotIgnored({ resultsExpireAfter, encryptionKey, removalPolicy }, 'the results go to the bucket that resultsBucket supplies');
  }
  if (!/^[A-Za-z0-9!_.'()/-]+\/$/.test(prefix)) {
    throw new Error(`resultsPrefix ${JSON.stringify(prefix)} is no folder: letters, digits and ! _ . ' ( ) - /, with a slash at its end`);
  }
}
