import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import { OnExpired } from '../blocks/approval-gate/on-expired';
import type { BulkConcurrency } from '../blocks/bulk-map/bulk-concurrency';
import type { BulkMap } from '../blocks/bulk-map/bulk-map';
import { BulkFormat, BulkSource } from '../blocks/bulk-map/bulk-source';
import { BulkWork, type IBulkSteps } from '../blocks/bulk-map/bulk-work';
import { type HandlerCall, invokeHandler } from '../core/invoke-handler';
import { TransientRetry } from '../core/transient-retry';
import { BATCH_ITEMS } from './handlers/price';
import type { SyncApprovalProps } from './sync-deletion';
import type { SyncFunctions } from './sync-functions';
import type { SyncPlace } from './sync-place';

export interface SyncWorkflowProps {
  readonly functions: SyncFunctions;
  readonly bulkMap: BulkMap;
  readonly source: SyncPlace;
  readonly destination: SyncPlace;
  readonly results: SyncPlace;
  readonly concurrency?: BulkConcurrency;
  readonly approval?: SyncApprovalProps;
  readonly gate?: ApprovalGate;
}

/** The lines of a plan have keys of a kilobyte at most, or some more as JSON; what failed comes back with its reason beside it. */
const BATCH_BYTES = 100_000;

/** What S3 answers when it is busy, after the SDK's own retries. All of it may be done twice. */
const BUSY = ['SlowDown', 'InternalError', 'ServiceUnavailable', 'RequestTimeout', 'TimeoutError'];

/** Longer than the functions' own, after which they are called again. */
const TIMEOUT = Duration.minutes(16);

/** The states of a run, from the plan to the report: what is done while the lease is held. */
export class SyncWorkflow extends Construct {
  /** The first of them. */
  public readonly steps: sfn.IChainable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SyncWorkflowProps,
  ) {
    super(scope, id);
    const work = sfn.Parallel.jsonata(this, 'PlanAndApply', {
      comment: 'One branch, so that there is a report whatever it ends in.',
      outputs: '{% $states.result[0] %}',
    });
    work.branch(this.planAndApply());
    work.addCatch(this.failed(), { errors: ['States.ALL'], outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}' });
    this.steps = work;
  }

  private planAndApply(): sfn.IChainable {
    const { functions, source, destination } = this.props;
    const copies = this.apply('CopyObjects', 'copy', BulkWork.chain(new LoopingWork(functions.copy.alias, 'Batch', 'progress')));
    const deletions =
      functions.remove &&
      this.apply('DeleteObjects', 'delete', BulkWork.invoke(functions.remove.alias, { timeout: TIMEOUT, idempotent: true }));
    const report = this.report('Report', '{ "folder": $states.input.folder, "plan": $states.input.plan }', '$states.result.Payload');
    const delivered = sfn.Pass.jsonata(this, 'Synced', {
      outputs: `{% $merge([$states.input, { "bucket": ${JSON.stringify(this.props.results.bucket.bucketName)} }]) %}`,
    });
    const end = sfn.Chain.start(report).next(delivered);
    const toDelete = deletions ? this.only('HasDeletions', '$states.input.plan.counts.delete > 0', deletions.next(end), end) : end;
    const toCopy = this.only(
      'HasCopies',
      '$states.input.plan.counts.copy + $states.input.plan.counts.replace > 0',
      copies.next(toDelete),
      toDelete,
    );
    const guard = this.guard(toCopy);
    const planned = this.invoke('SummarizePlan', functions.summarizePlan.alias, {
      payload:
        '{ "folder": $states.input.folder, "execution": $states.context.Execution.Name, "plannedAt": $states.context.Execution.StartTime }',
      outputs: '$merge([$sift($states.input, function($v, $k) { $k != "bulk" }), { "plan": $states.result.Payload }])',
    });
    const shards = this.props.bulkMap.step('PlanShards', {
      source: BulkSource.jsonLines(this.props.bulkMap.resultsBucket, '{% $states.input.shards.key %}'),
      work: BulkWork.chain(new LoopingWork(functions.planShard.alias, 'Range', 'more')),
      concurrency: this.props.concurrency,
    });
    const isPlanned = sfn.Choice.jsonata(this, 'IsPlanned', { comment: 'A plan to be applied as it is, or ranges to be planned.' })
      .when(sfn.Condition.jsonata('{% $exists($states.input.plan) %}'), guard)
      .otherwise(shards.next(planned).next(guard));
    const prepare = this.invoke('Prepare', functions.prepare.alias, {
      payload: '{ "execution": $states.context.Execution.Name, "applyPlan": $states.input.applyPlan }',
      outputs: '$merge([$states.result.Payload, { "dryRun": $states.input.dryRun = true }])',
      comment: `From s3://${source.bucket.bucketName}/${source.prefix} to s3://${destination.bucket.bucketName}/${destination.prefix}`,
    });
    return prepare.next(isPlanned);
  }

  /** Ends a dry run, and refuses what would delete too much. */
  private guard(next: sfn.IChainable): sfn.Choice {
    const { approval, gate, source, destination, results } = this.props;
    const dryRun = sfn.Pass.jsonata(this, 'PlannedOnly', {
      comment: 'A dry run: what would be done, and what would be refused.',
      outputs: `{% { "status": "PLANNED", "bucket": ${JSON.stringify(results.bucket.bucketName)}, "plan": $states.input.plan } %}`,
    });
    const refused = sfn.Fail.jsonata(this, 'Refused', {
      error: '{% $states.input.plan.refusal.error %}',
      cause: '{% $states.input.plan.refusal.cause %}',
    });
    const guard = sfn.Choice.jsonata(this, 'Guard').when(sfn.Condition.jsonata('{% $states.input.dryRun %}'), dryRun, {
      comment: 'dry run',
    });
    if (approval && gate) {
      const place = ({ bucket, prefix }: SyncPlace) => `s3://${bucket.bucketName}/${prefix}`;
      const asked = gate.step('ApproveDeletions', {
        approver: approval.approver,
        expiresIn: approval.expiresIn,
        onExpired: approval.onExpired ?? OnExpired.reject(),
        title: 'A bucket sync would delete more than it may',
        summary: {
          Source: place(source),
          Destination: place(destination),
          'Would be deleted': `{% $string($states.input.plan.counts.delete) & " of " & $string($states.input.plan.counts.destination) & " objects (" & $string($states.input.plan.deletePercent) & " %)" %}`,
          'Would be copied':
            '{% $string($states.input.plan.counts.copy + $states.input.plan.counts.replace) & " objects, " & $string($states.input.plan.counts.copyBytes) & " bytes" %}',
          Plan: `{% "s3://" & ${JSON.stringify(results.bucket.bucketName)} & "/" & $states.input.plan.key %}`,
        },
      });
      guard.when(sfn.Condition.jsonata('{% $states.input.plan.refusal.error = "TooManyDeletions" %}'), asked.next(next), {
        comment: 'too many deletions',
      });
    }
    return guard.when(sfn.Condition.jsonata('{% $exists($states.input.plan.refusal) %}'), refused, { comment: 'refused' }).otherwise(next);
  }

  /** Every line of a folder of the plan, in batches. */
  private apply(name: string, action: string, work: BulkWork): sfn.StateMachineFragment {
    return this.props.bulkMap.step(name, {
      source: BulkSource.objectContents(this.props.bulkMap.resultsBucket, {
        prefix: `{% $states.input.plan.folder & "plan/${action}/" %}`,
        format: BulkFormat.JSON_LINES,
      }),
      work,
      batchMaxItems: BATCH_ITEMS,
      batchMaxBytes: BATCH_BYTES,
      batchInput: sfn.TaskInput.fromObject({ folder: '{% $states.input.folder %}' }),
      concurrency: this.props.concurrency,
    });
  }

  private only(id: string, condition: string, then: sfn.IChainable, otherwise: sfn.IChainable): sfn.Choice {
    return sfn.Choice.jsonata(this, id)
      .when(sfn.Condition.jsonata(`{% ${condition} %}`), then)
      .otherwise(otherwise);
  }

  /** Writes the report, and fails with what the work failed with. */
  private failed(): sfn.State {
    const { results } = this.props;
    const folder = `${JSON.stringify(results.prefix)} & $states.context.Execution.Name & "/"`;
    const failed = sfn.Fail.jsonata(this, 'SyncFailed', {
      error: '{% $states.input.failure.Error %}',
      cause:
        '{% ( $cause := $exists($states.input.failure.Cause) ? $states.input.failure.Cause : ""; ' +
        '$said := $substring($cause, 0, 1) = "{" ? $parse($cause) : {}; ($exists($said.errorMessage) ? $said.errorMessage : $cause) & ' +
        `($exists($states.input.report) ? ". The report is s3://" & ${JSON.stringify(results.bucket.bucketName)} & "/" & $states.input.report : "") ) %}`,
    });
    return this.report(
      'ReportFailure',
      `{ "folder": ${folder}, "failure": $states.input.failure }`,
      '$merge([$states.input, { "report": $states.result.Payload.report }])',
    )
      .addCatch(failed, { errors: ['States.ALL'], outputs: '{% $states.input %}' })
      .next(failed).startState;
  }

  private report(id: string, payload: string, outputs: string): sfn.TaskStateBase {
    return this.invoke(id, this.props.functions.report.alias, { payload, outputs });
  }

  private invoke(id: string, handler: lambda.IFunction, call: Invocation): sfn.TaskStateBase {
    return invoke(this, id, handler, call);
  }
}

type Invocation = Omit<HandlerCall, 'timeout'>;

function invoke(scope: Construct, id: string, handler: lambda.IFunction, call: Invocation): sfn.TaskStateBase {
  return invokeHandler(scope, id, handler, { ...call, timeout: TIMEOUT }).addRetry(TransientRetry.forLambda(BUSY));
}

/** Calls a function until it answers without saying what is left. */
class LoopingWork implements IBulkSteps {
  constructor(
    private readonly handler: lambda.IFunction,
    private readonly name: string,
    /** The field of the answer that says what is left; it is merged into what the function gets next. */
    private readonly left: 'more' | 'progress',
  ) {}

  public steps(scope: Construct): sfn.IChainable {
    const again = this.left === 'more' ? '$states.result.Payload.more, { "more": true }' : '$states.result.Payload';
    const call = invoke(scope, this.name, this.handler, {
      payload: '$merge([$states.input, { "attempt": $states.context.State.RetryCount }])',
      outputs: `$exists($states.result.Payload.${this.left}) ? $merge([$states.input, ${again}]) : $states.result.Payload`,
    });
    const done = sfn.Pass.jsonata(scope, `${this.name}Done`);
    const isDone = sfn.Choice.jsonata(scope, `${this.name}IsDone`, { comment: "A function's quarter of an hour may not be enough." })
      .when(sfn.Condition.jsonata(`{% $exists($states.input.${this.left}) %}`), call)
      .otherwise(done);
    return sfn.Chain.custom(call, [done], call.next(isDone));
  }
}
