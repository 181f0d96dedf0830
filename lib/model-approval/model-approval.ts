import {
  Duration,
  type RemovalPolicy,
  Size,
  SizeRoundingBehavior,
  type aws_s3 as s3,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
  Token,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { Approver } from '../blocks/approval-gate/approver';
import { OnExpired } from '../blocks/approval-gate/on-expired';
import { Lease } from '../blocks/lease/lease';
import { ObjectGate } from '../blocks/object-gate/object-gate';
import { Trigger } from '../blocks/trigger/trigger';
import { TriggerSource } from '../blocks/trigger/trigger-source';
import { WorkflowNotification } from '../blocks/workflow-notification/workflow-notification';
import { checkDuration } from '../core/check-duration';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import { recordBucket } from '../core/record-bucket';
import { MANIFEST_NAME } from './handlers/settings';
import { ModelFunctions } from './model-functions';
import { ModelWorkflow } from './model-workflow';

/** Properties of `ModelApproval`. */
export interface ModelApprovalProps extends WorkflowProps {
  /** Where training runs write: a bucket with versioning. EventBridge notifications are switched on. */
  readonly source: s3.IBucket;
  /** The folder of the source in which manifests are looked for, at any depth. @default "models/" */
  readonly sourcePrefix?: string;
  /** Where approved models go. */
  readonly destination: s3.IBucket;
  /** A folder of the destination. @default "models/" */
  readonly destinationPrefix?: string;
  /** Who decides: a person, or a quorum. Whoever trained the model may not. */
  readonly approver: Approver;
  /** How long they have: whole seconds, at least a minute, less than `timeout`. */
  readonly expiresIn: Duration;
  /** What happens when nobody decides in time. @default OnExpired.reject() */
  readonly onExpired?: OnExpired;
  /** How long before the expiry whoever hasn't decided is reminded. @default - no reminder */
  readonly reminders?: Duration[];
  /** Told what became of each model: people who train and who operate. */
  readonly reportTopic: sns.ITopic;
  /** How long after its manifest a file may come: whole seconds, at least a minute. @default Duration.hours(1) */
  readonly artifactsWithin?: Duration;
  /** Objects above it are copied in parts of this size, 16 at once: whole MiB from 5 to 5,120. @default Size.mebibytes(256) */
  readonly partSize?: Size;
  /** Where it is kept what was reviewed. @default - a new bucket */
  readonly reviewBucket?: s3.IBucket;
  /** What becomes of a new review bucket when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** The gate to ask through: several workflows can share one. @default - a new gate */
  readonly gate?: ApprovalGate;
  /** What waits for files that come after their manifest: several workflows can share one. @default - a new gate */
  readonly objectGate?: ObjectGate;
  /** What has one version of a model asked about at a time: workflows that publish to the same place share one. @default - a new lease */
  readonly lease?: Lease;
  /** How long it may take from the question to the publication. @default Duration.days(30) */
  readonly timeout?: Duration;
}

/** How long a question waits for another one about the same model. */
const TURN = Duration.days(14);

/**
 * Has people review a trained model, and publishes exactly what they have approved. A training run writes its files and, last, `manifest.json`:
 * `{ model, version, trainedBy, files, diagnostics }`. The run pins each file by its version, shows what it comes to, asks, copies those very versions, reads them
 * back, and puts all of them in force by one conditional write.
 *
 * - Input: `{ key, versionId? }`, the manifest; the latest without `versionId`. The workflow's own trigger gives it.
 * - Output: `{ status, model, version, files, bytes, review: { key, sha256 }, approval?, folder?, current? }`. `status` is `PUBLISHED`, `REJECTED`, `EXPIRED` (nobody
 *   decided; nothing was published), or `PRESENT` (the same content is in force as this version: nobody was asked). `files` counts; `folder` is where the copies are and
 *   `current` the key of the pointer to it. Each but the last is told to `reportTopic`.
 * - Errors, each told to `reportTopic` as well, but the first: `InvalidInput`, `NoSuchManifest`, `InvalidManifest` (the cause names every problem), `ArtifactMissing` (files had not come in time),
 *   `UnversionedSource`, `InvalidDiagnostics`, `LeaseBusy` (other versions of the model were asked about for two weeks), `ApproverIsRequester`, `InvalidApprovalRequest`; after the approval `ReviewChanged`
 *   (the record of the review is not what was approved), `ArtifactGone` (a version was deleted: nothing is copied), `NotVerified` (a copy is not what was reviewed), `CurrentChanged` (another version was
 *   put in force meanwhile). After none of these anything is in force that wasn't before. And S3's own; `LeaseLost`, after a redrive: all is done, but another run may have worked at the same time.
 *
 * Below `<destinationPrefix><model>/`: `<version>/<hash of the review>/` has the files and, once all are verified, `manifest.json`; `current.json` is a copy of the one that
 * is in force. Files are never overwritten.
 *
 * Costs 20 state transitions, and for each file four requests to S3.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html a version can be deleted, and not be changed
 */
export class ModelApproval extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** Starts a run for each manifest. */
  public readonly trigger: Trigger;
  /** Where it is kept what was reviewed. */
  public readonly reviewBucket: s3.IBucket;
  /** What asks the reviewers. */
  public readonly gate: ApprovalGate;
  /** What waits for files that come after their manifest. */
  public readonly objectGate: ObjectGate;
  /** What has one version of a model asked about at a time. */
  public readonly lease: Lease;

  constructor(scope: Construct, id: string, props: ModelApprovalProps) {
    super(scope, id);
    const { sourcePrefix = 'models/', destinationPrefix = 'models/', timeout = Duration.days(30) } = props;
    const { artifactsWithin = Duration.hours(1), partSize = Size.mebibytes(256) } = props;
    assertProps(this, { ...props, sourcePrefix, destinationPrefix, artifactsWithin, partSize, timeout });
    this.reviewBucket = props.reviewBucket ?? recordBucket(this, 'Reviews', props.removalPolicy);
    this.gate = props.gate ?? new ApprovalGate(this, 'Gate');
    this.objectGate = props.objectGate ?? new ObjectGate(this, 'Arrivals');
    this.lease = props.lease ?? new Lease(this, 'Lease');
    const source = { bucket: props.source, prefix: sourcePrefix };
    const destination = { bucket: props.destination, prefix: destinationPrefix };
    const reviews = { bucket: this.reviewBucket, prefix: 'reviews/' };
    const functions = new ModelFunctions(this, 'Functions', { source, destination, reviews, partBytes: partSize.toBytes() });
    const { steps } = new ModelWorkflow(this, 'Steps', {
      functions,
      reports: new WorkflowNotification(this, 'Reports', { topic: props.reportTopic }),
      source,
      destination,
      reviews,
      gate: this.gate,
      objectGate: this.objectGate,
      lease: this.lease,
      approver: props.approver,
      expiresIn: props.expiresIn,
      reminders: props.reminders ?? [],
      onExpired: props.onExpired ?? OnExpired.reject(),
      artifactsWithin,
      turn: TURN,
      timeout,
    });
    const input = new InputValidation(this, 'Input', {
      fields: {
        key: InputField.ofString({
          maxLength: 700,
          pattern: `${literally(sourcePrefix)}(.+/)${literally(MANIFEST_NAME)}`,
          format: `the key of a ${MANIFEST_NAME} below ${sourcePrefix}`,
        }),
        versionId: InputField.ofString({ optional: true, maxLength: 1024 }),
      },
    });
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      stateMachineType: sfn.StateMachineType.STANDARD,
      // Beside the review itself: its turn, its files, and what failed and was tried again.
      timeout: timeout.plus(TURN).plus(artifactsWithin).plus(Duration.days(1)),
      definition: input.next(steps),
      comment: 'Has people review a model, and publishes what they have approved',
    });
    this.stateMachine = this.observed.stateMachine;
    this.gate.grantTaskResponse(this.stateMachine);
    this.objectGate.grantTaskResponse(this.stateMachine);
    this.lease.grantHold(this.stateMachine);
    this.trigger = new Trigger(this, 'OnManifest', {
      stateMachine: this.stateMachine,
      source: TriggerSource.objectCreated(props.source, { prefix: sourcePrefix, suffix: `/${MANIFEST_NAME}` }),
      input: { key: '$.detail.object.key', versionId: "$.detail.object['version-id']" },
      namePrefix: 'review',
    });
  }
}

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

interface Given extends ModelApprovalProps {
  readonly sourcePrefix: string;
  readonly destinationPrefix: string;
  readonly artifactsWithin: Duration;
  readonly partSize: Size;
  readonly timeout: Duration;
}

function assertProps(scope: Construct, { sourcePrefix, destinationPrefix, artifactsWithin, partSize, timeout, ...props }: Given): void {
  const problems = [
    ...folderProblems('sourcePrefix', sourcePrefix),
    ...folderProblems('destinationPrefix', destinationPrefix),
    ...checkDuration('artifactsWithin', artifactsWithin, 60, 604_800),
    ...checkDuration('timeout', timeout, 60, 300 * 86_400),
  ];
  const mebibytes = partSize.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
  if (!Number.isInteger(mebibytes) || mebibytes < 5 || mebibytes > 5120) {
    problems.push(`partSize is ${mebibytes} MiB: give whole MiB from 5 to 5120`);
  }
  if (!props.expiresIn.isUnresolved() && props.expiresIn.toSeconds() > timeout.toSeconds()) {
    problems.push(
      `expiresIn is ${props.expiresIn.toHumanString()}, and timeout only ${timeout.toHumanString()}: give the review more time`,
    );
  }
  if (props.reviewBucket && props.removalPolicy) problems.push('removalPolicy would change nothing: the review bucket is supplied');
  if (problems.length > 0) throw new Error(`${scope.node.path} can't be made: ${problems.join('; ')}`);
}

function folderProblems(name: string, prefix: string): string[] {
  return !Token.isUnresolved(prefix) && /^[^*?$/][^*?$]*\/$/.test(prefix) && Buffer.byteLength(prefix) <= 256
    ? []
    : [`${name} ${JSON.stringify(prefix)} is no folder: end it with a slash, begin it without, and leave * ? $ out`];
}
