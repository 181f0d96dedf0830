import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { Approver } from '../blocks/approval-gate/approver';
import type { OnExpired } from '../blocks/approval-gate/on-expired';
import type { Lease } from '../blocks/lease/lease';
import type { ObjectGate } from '../blocks/object-gate/object-gate';
import { DropComplete, ObjectMatch } from '../blocks/object-gate/object-match';
import { OnMissing } from '../blocks/object-gate/on-missing';
import type { WorkflowNotification } from '../blocks/workflow-notification/workflow-notification';
import type { HandlerFunction } from '../core/handler-function';
import { type HandlerCall, invokeHandler } from '../core/invoke-handler';
import { TransientRetry } from '../core/transient-retry';
import { MANIFEST_NAME } from './handlers/settings';
import type { ModelFunctions, ModelPlace } from './model-functions';

export interface ModelWorkflowProps {
  readonly functions: ModelFunctions;
  readonly reports: WorkflowNotification;
  readonly source: ModelPlace;
  readonly destination: ModelPlace;
  readonly reviews: ModelPlace;
  readonly gate: ApprovalGate;
  readonly objectGate: ObjectGate;
  readonly lease: Lease;
  readonly approver: Approver;
  readonly expiresIn: Duration;
  readonly reminders: Duration[];
  readonly onExpired: OnExpired;
  /** How long what a manifest names may take to come. */
  readonly artifactsWithin: Duration;
  /** How long a question waits for another one about the same model. */
  readonly turn: Duration;
  /** How long it may take from the question to the publication. */
  readonly timeout: Duration;
}

/** What S3 answers when it is busy, after the SDK's own retries; and of an upload that a lifecycle rule has ended: another one is begun. */
const BUSY = [
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'TimeoutError',
  'ConditionalRequestConflict',
  'NoSuchUpload',
];

/** Longer than any of the functions may take: so Lambda says that it was too long, and it is tried again. */
const TIMEOUT = Duration.minutes(16);

const MANIFEST = '$states.input.manifest';
const NAME = `${MANIFEST}.model & " " & ${MANIFEST}.version`;

/** What a function has said when it failed: a Lambda error's cause is JSON, a time-out's is not. */
const FAILURE =
  '( $cause := $exists($states.input.failure.Cause) ? $states.input.failure.Cause : $states.input.failure.Error; ' +
  '$said := $substring($cause, 0, 1) = "{" ? $parse($cause) : {}; $exists($said.errorMessage) ? $said.errorMessage : $cause )';

/** The states of a run. */
export class ModelWorkflow extends Construct {
  /** The first of them. */
  public readonly steps: sfn.IChainable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ModelWorkflowProps,
  ) {
    super(scope, id);
    const all = sfn.Parallel.jsonata(this, 'ReviewAndPublish', {
      comment: 'One branch, so that somebody is told whatever it ends in.',
      outputs: '{% $states.result[0] %}',
    });
    all.branch(this.gather());
    all.addCatch(this.failed(), { errors: ['States.ALL'], outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}' });
    this.steps = all;
  }

  /** Everything that is reviewed is there, and is written down. */
  private gather(): sfn.IChainable {
    const { functions, objectGate, source, artifactsWithin, lease, timeout, turn } = this.props;
    const read = this.invoke('ReadManifest', functions.readManifest, {
      payload: '{ "key": $states.input.key, "versionId": $states.input.versionId }',
      outputs: '{ "manifest": $states.result.Payload }',
      comment: 'Exactly the version that was written: what comes later is another model to review.',
    });
    const pin = this.invoke('PinArtifacts', functions.pin, {
      payload: `{ "key": ${MANIFEST}.key, "versionId": ${MANIFEST}.versionId, "execution": $states.context.Execution.Name }`,
      outputs: `{ "manifest": ${MANIFEST}, "pinned": $states.result.Payload }`,
      comment: 'Which version of each object is reviewed, and copied, whatever is written meanwhile.',
    });
    const wait = objectGate.step('AwaitArtifacts', {
      bucket: source.bucket,
      match: ObjectMatch.drop(`{% ${MANIFEST}.folder %}`, DropComplete.manifest(MANIFEST_NAME), { within: source.prefix }),
      timeout: artifactsWithin,
      // It says what is missing.
      onMissing: OnMissing.continueWith(pin),
    });
    const turns = lease.hold('OneAtATime', {
      key: `{% ${JSON.stringify(this.destinationOf(''))} & ${MANIFEST}.model %}`,
      steps: this.review(),
      leaseFor: timeout,
      waitAtMost: turn,
    });
    wait.next(pin);
    pin.next(turns);
    return read.next(wait);
  }

  /** What is done while no other version of the model is asked about. */
  private review(): sfn.IChainable {
    const { functions, gate, approver, expiresIn, reminders, onExpired } = this.props;
    const compare = this.invoke('CompareWithCurrent', functions.compare, {
      payload: '{ "review": $states.input.pinned.review }',
      outputs: '$merge([$states.input, { "compared": $states.result.Payload }])',
      comment: 'What an approval would replace.',
    });
    const review = gate.step('ReviewModel', {
      approver,
      expiresIn,
      reminders,
      onExpired,
      requester: `{% ${MANIFEST}.trainedBy %}`,
      title: 'Publish this model?',
      summary: {
        Model: `{% ${MANIFEST}.model %}`,
        Version: `{% ${MANIFEST}.version %}`,
        'Trained by': `{% ${MANIFEST}.trainedBy %}`,
        Replaces: '{% $exists($states.input.compared.replaces) ? "version " & $states.input.compared.replaces.version : "nothing" %}',
        Metrics: '{% [$states.input.compared.metrics] %}',
        Artifacts: '{% [$states.input.pinned.artifacts] %}',
        Review: `{% ${JSON.stringify(`s3://${this.props.reviews.bucket.bucketName}/`)} & $states.input.pinned.review.key %}`,
        'SHA-256 of the review': '{% $states.input.pinned.review.sha256 %}',
      },
      onRejected: this.report('TellNotApproved', 'Not approved: ', '$states.input.approval.decision'),
    });
    return compare.next(
      sfn.Choice.jsonata(this, 'IsInForce')
        .when(sfn.Condition.jsonata('{% $states.input.compared.same %}'), this.end('AlreadyInForce', '"PRESENT"'), {
          comment: 'the same content, of the same version',
        })
        .otherwise(review.next(this.publish())),
    );
  }

  private publish(): sfn.IChainable {
    const { functions } = this.props;
    const copy = this.invoke('CopyArtifacts', functions.copy, {
      payload: '{ "review": $states.input.pinned.review }',
      outputs: '$merge([$states.input, { "copied": $states.result.Payload }])',
      comment: 'The versions that were reviewed, into a folder of their own.',
    });
    const publish = this.invoke('PublishModel', functions.publish, {
      payload:
        '{ "review": $states.input.pinned.review, "approval": $states.input.approval, "replaces": $states.input.compared.replaces.etag, ' +
        '"execution": $states.context.Execution.Name }',
      outputs: '$merge([$states.input, { "published": $states.result.Payload }])',
      comment: 'Every copy is read back; then one write puts all of it in force.',
    });
    publish.next(this.report('TellPublished', 'Published: ', '"PUBLISHED"'));
    return copy.next(
      sfn.Choice.jsonata(this, 'IsCopied', { comment: "A function's quarter of an hour may not be enough." })
        .when(sfn.Condition.jsonata('{% $states.input.copied.left = 0 %}'), publish)
        .otherwise(copy),
    );
  }

  private failed(): sfn.IChainable {
    const message = this.props.reports.publish('TellFailed', {
      subject: '{% "Failed: " & $states.input.key %}',
      fields: { Manifest: '{% $states.input.key %}', Error: '{% $states.input.failure.Error %}', Because: `{% ${FAILURE} %}` },
    });
    const failed = sfn.Fail.jsonata(this, 'ReviewFailed', { error: '{% $states.input.failure.Error %}', cause: `{% ${FAILURE} %}` });
    return sfn.Chain.start(message).next(failed);
  }

  /** @param status JSONata */
  private report(name: string, subject: string, status: string): sfn.Chain {
    const approval = '$states.input.approval';
    const decision =
      `${approval}.decision & ($exists(${approval}.by) ? " by " & ${approval}.by : "") & ` +
      `($exists(${approval}.reason) ? ": " & ${approval}.reason : "")`;
    const message = this.props.reports.publish(name, {
      subject: `{% ${JSON.stringify(subject)} & ${NAME} %}`,
      fields: {
        Model: `{% ${MANIFEST}.model %}`,
        Version: `{% ${MANIFEST}.version %}`,
        'Trained by': `{% ${MANIFEST}.trainedBy %}`,
        Decision: `{% ${decision} %}`,
        Review: '{% $states.input.pinned.review.key %}',
        Folder: '{% $exists($states.input.published) ? $states.input.published.folder : "-" %}',
      },
    });
    return sfn.Chain.start(message).next(this.end(`${name}Done`, status));
  }

  private end(name: string, status: string): sfn.Pass {
    return sfn.Pass.jsonata(this, name, {
      outputs:
        `{% $merge([{ "status": ${status}, "model": ${MANIFEST}.model, "version": ${MANIFEST}.version, "files": ${MANIFEST}.files, ` +
        '"bytes": $states.input.pinned.bytes, "review": $states.input.pinned.review }, ' +
        `$sift($states.input, function($v, $k) { $k = "approval" }), $states.input.published]) %}`,
    });
  }

  private destinationOf(key: string): string {
    const { bucket, prefix } = this.props.destination;
    return `s3://${bucket.bucketName}/${prefix}${key}`;
  }

  private invoke(id: string, { alias }: HandlerFunction, call: Omit<HandlerCall, 'timeout'>): sfn.TaskStateBase {
    return invokeHandler(this, id, alias, { ...call, timeout: TIMEOUT }).addRetry(TransientRetry.forLambda(BUSY));
  }
}
