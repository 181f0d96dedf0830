import { Duration, type aws_s3 as s3, type aws_scheduler as scheduler, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { BulkConcurrency } from '../blocks/bulk-map/bulk-concurrency';
import { BulkMap, type BulkMapProps } from '../blocks/bulk-map/bulk-map';
import { Lease } from '../blocks/lease/lease';
import { Trigger } from '../blocks/trigger/trigger';
import { TriggerSource } from '../blocks/trigger/trigger-source';
import type { HandlerFunction } from '../core/handler-function';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import { SyncComparison } from './sync-comparison';
import { SyncDeletion } from './sync-deletion';
import { SyncFunctions } from './sync-functions';
import { assertApart, assertPrefix, type SyncPlace } from './sync-place';
import { SyncWorkflow } from './sync-workflow';

/** Properties of `BucketSync`. */
export interface BucketSyncProps extends WorkflowProps, BulkMapProps {
  /** Where objects are copied from. May be of another region, or of another account whose bucket policy allows it. */
  readonly source: s3.IBucket;
  /** Where they are copied to. */
  readonly destination: s3.IBucket;
  /** Only objects whose keys begin with it are copied. @default "", all objects */
  readonly sourcePrefix?: string;
  /** What the copies' keys begin with, in the place of `sourcePrefix`. @default - the same as `sourcePrefix` */
  readonly destinationPrefix?: string;
  /** Patterns of keys, below the prefix, that take part: `*` is any text without "/", `**` any text, `?` one character that is no "/". @default - all */
  readonly include?: string[];
  /** Patterns of keys that don't take part: they are neither copied nor deleted. Outweighs `include`. @default - none */
  readonly exclude?: string[];
  /** How it is decided whether the destination has what the source has. @default SyncComparison.ETAG */
  readonly comparison?: SyncComparison;
  /** Whether objects that the source lacks are deleted from the destination. @default SyncDeletion.never() */
  readonly deletion?: SyncDeletion;
  /** How many batches of keys are worked on at once; each copies 16 objects at once. @default BulkConcurrency.of(10) */
  readonly concurrency?: BulkConcurrency;
  /** What sees to it that one run works at a time: several workflows that write to the same destination can share one. @default - a new lease */
  readonly lease?: Lease;
  /** How long a run waits for another one to end. @default - a day with `onChange`; otherwise it doesn't wait, and fails with `LeaseBusy` */
  readonly waitAtMost?: Duration;
  /** When a run starts by itself. @default - on no schedule */
  readonly schedule?: scheduler.ScheduleExpression;
  /**
   * Whether a run starts when an object of the source is written or deleted. EventBridge notifications of the source are switched on. While
   * one run works, another waits and sees all that has changed by then; events beyond these two end at once. Right for some changes an hour; each costs
   * some ten state transitions, and every run lists both buckets. @default false
   */
  readonly onChange?: boolean;
  /** How long a run may take. @default Duration.days(7) */
  readonly timeout?: Duration;
}

/**
 * Makes one bucket, or a prefix of it, hold what another one holds. A run plans first: it lists both, writes down one line for each key,
 * and adds up what that comes to. Then it is checked, copied and verified key by key; only when every copy is good is anything deleted.
 *
 * - Input: `{ dryRun?: boolean, applyPlan?: string }`. With `dryRun` the run ends with the plan. `applyPlan`, the `plan.key` of an earlier run,
 *   has exactly that plan carried out: what has changed since then is left as it is, written down, and fails the run. A plan may be applied again; what is done already
 *   is found to be so.
 * - Output: `{ status: "SYNCED", bucket, counts: { copied, replaced, present, deleted, absent, failed, copiedBytes, deletedBytes, skipped }, plan, report, lines? }`,
 *   the last three being keys in `bucket`; of a dry run `{ status: "PLANNED", bucket, plan: { key, folder, counts, deletePercent, estimatedUsd, refusal? } }`;
 *   of a run that a change started while another one was waiting already `{ status: "COALESCED" }`.
 * - Errors: before anything is touched `InvalidInput` (the cause names every problem), `LeaseBusy` (another run works), `InvalidPlan`,
 *   `OverlappingPrefixes`, `UnversionedDestination`, `EmptySource`, `TooManyDeletions`, `ApprovalRejected`, and S3's own errors when a bucket can't be
 *   listed. `TooManyFailures` when a key could not be planned, copied, verified or deleted: nothing is deleted after a failed copy. The cause names the report,
 *   which says of every key what became of it and why. `LeaseLost` when the work is done but another run may have worked at the same time: after a redrive.
 *
 * Written below `<resultsPrefix>runs/<execution>/` of the results bucket: `plan.json`, `plan/copy|delete|skip/*.jsonl`, `report.json` and `report.jsonl`.
 *
 * Costs some 30 state transitions and 5 for each hundred keys that change; a list request for each thousand keys of each bucket; for each copy one
 * request of the dear kind and two of the cheap one.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html
 */
export class BucketSync extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** What works on many keys, and the bucket for plans and reports. */
  public readonly bulkMap: BulkMap;
  /** Refuses what can't be synchronized, and parts the keys into ranges. */
  public readonly prepareFunction: HandlerFunction;
  /** Plans a range of keys. */
  public readonly planShardFunction: HandlerFunction;
  /** Adds a plan up. */
  public readonly summarizePlanFunction: HandlerFunction;
  /** Copies and verifies a batch of objects. */
  public readonly copyFunction: HandlerFunction;
  /** Deletes a batch of objects; none when nothing may be deleted. */
  public readonly deleteFunction?: HandlerFunction;
  /** Puts the report together. */
  public readonly reportFunction: HandlerFunction;
  /** What sees to it that one run works at a time. */
  public readonly lease: Lease;
  /** What asks before more is deleted than may be; none without `approval`. */
  public readonly gate?: ApprovalGate;
  /** What starts runs on a schedule; none without `schedule`. */
  public readonly scheduleTrigger?: Trigger;
  /** What starts runs when the source changes; none without `onChange`. */
  public readonly changeTrigger?: Trigger;

  constructor(scope: Construct, id: string, props: BucketSyncProps) {
    super(scope, id);
    const { sourcePrefix = '', destinationPrefix = sourcePrefix, resultsPrefix = 'sync/', timeout = Duration.days(7) } = props;
    for (const [name, prefix] of Object.entries({ sourcePrefix, destinationPrefix, resultsPrefix })) assertPrefix(name, prefix);
    this.bulkMap = new BulkMap(this, 'BulkMap', { ...props, resultsPrefix });
    const source: SyncPlace = { bucket: props.source, prefix: sourcePrefix };
    const destination: SyncPlace = { bucket: props.destination, prefix: destinationPrefix };
    const written: SyncPlace = { bucket: this.bulkMap.resultsBucket, prefix: resultsPrefix };
    assertApart(this, 'source and destination', source, destination);
    assertApart(this, 'source and results', source, written);
    assertApart(this, 'results and destination', written, destination);
    const { _limits: deletion, _approval: approval } = props.deletion ?? SyncDeletion.never();
    this.lease = props.lease ?? new Lease(this, 'Lease');
    this.gate = approval && (approval.gate ?? new ApprovalGate(this, 'Gate'));
    const results: SyncPlace = { bucket: written.bucket, prefix: `${resultsPrefix}runs/` };
    const functions = new SyncFunctions(this, 'Functions', {
      source,
      destination,
      results,
      comparison: props.comparison ?? SyncComparison.ETAG,
      include: props.include ?? [],
      exclude: props.exclude ?? [],
      deletion,
    });
    this.prepareFunction = functions.prepare;
    this.planShardFunction = functions.planShard;
    this.summarizePlanFunction = functions.summarizePlan;
    this.copyFunction = functions.copy;
    this.deleteFunction = functions.remove;
    this.reportFunction = functions.report;
    const { steps } = new SyncWorkflow(this, 'Steps', {
      functions,
      bulkMap: this.bulkMap,
      source,
      destination,
      results,
      concurrency: props.concurrency,
      approval,
      gate: this.gate,
    });
    const plan = InputField.ofString({
      optional: true,
      maxLength: 1024,
      pattern: `${results.prefix.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}[^/]+/plan[.]json`,
      format: 'the plan.key of an earlier run',
    });
    const fields = {
      dryRun: InputField.ofBoolean({ optional: true }),
      applyPlan: plan,
      change: InputField.ofString({ optional: true, maxLength: 1024 }),
    };
    const key = `${destination.bucket.bucketName}/${destination.prefix}`;
    const waitAtMost = props.waitAtMost ?? (props.onChange ? Duration.days(1) : undefined);
    const alone = this.lease.hold('OneAtATime', { key, steps, leaseFor: timeout, waitAtMost });
    const input = new InputValidation(this, 'Input', { fields });
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      timeout,
      definition: input.next(props.onChange ? this.inTurn(key, timeout, waitAtMost).next(alone) : alone),
      comment: 'Makes one bucket hold what another one holds',
    });
    this.stateMachine = this.observed.stateMachine;
    this.bulkMap.grantRun(this.stateMachine);
    this.lease.grantHold(this.stateMachine);
    this.gate?.grantTaskResponse(this.stateMachine);
    const { stateMachine } = this;
    if (props.schedule) {
      this.scheduleTrigger = new Trigger(this, 'OnSchedule', { stateMachine, source: TriggerSource.schedule(props.schedule) });
    }
    if (props.onChange) this.changeTrigger = this.startOnChange(source);
  }

  /**
   * Of the runs that changes start, one waits at most: what it lists then has every change of those that it stands for. It waits by taking the
   * lease for a moment, so that it has stopped standing for others before it begins to list.
   */
  private inTurn(key: string, leaseFor: Duration, waitAtMost?: Duration): sfn.Chain {
    const turn = this.lease.hold('Turn', { key, steps: sfn.Pass.jsonata(this, 'IsTurn'), leaseFor, waitAtMost });
    const next = this.lease.hold('Next', {
      key: `${key}#next`,
      steps: turn,
      leaseFor,
      onBusy: sfn.Succeed.jsonata(this, 'Coalesced', {
        comment: 'Another run is waiting, and will see this change too.',
        outputs: { status: 'COALESCED' },
      }),
    });
    const isChange = sfn.Choice.jsonata(this, 'IsChange').when(sfn.Condition.jsonata('{% $exists($states.input.change) %}'), next);
    return isChange.afterwards({ includeOtherwise: true });
  }

  private startOnChange({ bucket, prefix }: SyncPlace): Trigger {
    bucket.enableEventBridgeNotification();
    const pattern = {
      source: ['aws.s3'],
      detailType: ['Object Created', 'Object Deleted'],
      detail: { bucket: { name: [bucket.bucketName] }, ...(prefix !== '' && { object: { key: [{ prefix }] } }) },
    };
    return new Trigger(this, 'OnChange', {
      stateMachine: this.stateMachine,
      source: TriggerSource.eventPattern(pattern),
      businessKey: ['$.detail.bucket.name', '$.detail.object.key', '$.detail.object.sequencer'],
      input: { change: '$.detail.object.key' },
    });
  }
}
