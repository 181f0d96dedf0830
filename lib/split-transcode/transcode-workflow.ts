import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { BulkConcurrency } from '../blocks/bulk-map/bulk-concurrency';
import type { BulkMap } from '../blocks/bulk-map/bulk-map';
import { BulkSource } from '../blocks/bulk-map/bulk-source';
import { BulkWork } from '../blocks/bulk-map/bulk-work';
import { type HandlerCall, invokeHandler } from '../core/invoke-handler';
import { TransientRetry } from '../core/transient-retry';
import { EncodeSteps } from './encode-steps';
import type { TranscodeErrorName } from './handlers/transcode-error';
import type { TranscodeFunctions } from './transcode-functions';

export interface TranscodeWorkflowProps {
  readonly functions: TranscodeFunctions;
  readonly bulkMap: BulkMap;
  readonly destinationName: string;
  readonly concurrency?: BulkConcurrency;
  /** How often what is bad may be made again. */
  readonly redos: number;
}

/** Longer than the functions' own, after which they are called again. */
const TIMEOUT = Duration.minutes(16);

/** What S3 answers when it is busy, after the SDK's own retries. All of it may be done twice. */
const BUSY = ['SlowDown', 'InternalError', 'ServiceUnavailable', 'RequestTimeout', 'TimeoutError', 'ConditionalRequestConflict'];

const PLAN_ERRORS: TranscodeErrorName[] = [
  'NoSuchSource',
  'EmptySource',
  'UnreadableSource',
  'NoVideo',
  'NoFrames',
  'SourceChanged',
  'WorkerTooSmall',
  'FfmpegMissing',
];
const JOIN_ERRORS: TranscodeErrorName[] = ['OutputTooLarge', 'WorkerTooSmall', 'FfmpegMissing'];
const PUBLISH_ERRORS: TranscodeErrorName[] = ['OutputChanged', 'NotAligned'];
const SEGMENT_ERRORS: TranscodeErrorName[] = ['SourceChanged', 'EncodingFailed', 'UnreadableSource'];

/** The states of a run, from the plan to the publication. */
export class TranscodeWorkflow extends Construct {
  /** The first of them. */
  public readonly steps: sfn.IChainable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TranscodeWorkflowProps,
  ) {
    super(scope, id);
    const { functions, bulkMap, concurrency } = props;
    const failed = this.failed();
    const plan = this.invoke(this, 'PlanSegments', functions.plan.alias, {
      payload: '{ "key": $states.input.key, "versionId": $states.input.versionId }',
      outputs: '$merge([{ "redone": 0 }, $states.input, { "plan": $states.result.Payload }])',
    });
    const transcode = bulkMap.step('TranscodeSegments', {
      source: BulkSource.jsonLines(bulkMap.resultsBucket, '{% $states.input.plan.items %}'),
      work: functions.large
        ? BulkWork.chain(new EncodeSteps(functions.transcode.alias, TIMEOUT, functions.large))
        : BulkWork.invoke(functions.transcode.alias, { timeout: TIMEOUT, idempotent: true }),
      businessErrors: SEGMENT_ERRORS,
      concurrency,
    });
    const join = this.join();
    caught(plan, PLAN_ERRORS, failed);
    caught(join, JOIN_ERRORS, failed);
    const publish = this.publish();
    caught(publish, PUBLISH_ERRORS, failed);
    const isPublished = sfn.Choice.jsonata(this, 'IsPublished', {
      comment: 'Nothing is made that is there, or is there of a newer version.',
    })
      .when(
        sfn.Condition.jsonata('{% $states.input.plan.published %}'),
        this.end('AlreadyThere', this.output('PRESENT', '$states.input.plan')),
      )
      .when(
        sfn.Condition.jsonata('{% $exists($states.input.plan.newer) %}'),
        this.end('NewerIsThere', this.superseded('$states.input.plan')),
      )
      .otherwise(transcode.next(join).next(this.isVerified(publish, plan)));
    this.steps = plan.next(isPublished);
  }

  /** Renditions one by one are joined and verified. */
  private join(): sfn.Map {
    const { functions } = this.props;
    const map = sfn.Map.jsonata(this, 'JoinRenditions', {
      items: sfn.ProvideItems.jsonata('{% $states.input.plan.joins %}'),
      itemSelector: { plan: '{% $states.input.plan.plan %}', rendition: '{% $states.context.Map.Item.Value %}' },
      outputs: '{% $merge([$states.input, { "joined": $states.result }]) %}',
    });
    const verify = this.invoke(map, 'VerifyRendition', functions.verify.alias, {
      payload: '{ "plan": $states.input.plan, "rendition": $states.input.rendition, "failure": $states.input.failure }',
      outputs: '$merge([{ "rendition": $states.input.rendition }, $states.result.Payload])',
      comment: 'Every frame, the duration and the sound; what is bad is deleted, so that it is made again.',
    });
    const missing = sfn.Pass.jsonata(map, 'SegmentsMissing', {
      outputs: {
        rendition: '{% $states.input.rendition %}',
        problems: ['{% $string($states.input.missing) & " segments are not there" %}'],
        redo: '{% $states.input.missing %}',
      },
    });
    const isJoined = sfn.Choice.jsonata(map, 'IsJoined')
      .when(sfn.Condition.jsonata('{% $states.input.missing = 0 %}'), verify)
      .otherwise(missing);
    const concat = this.invoke(map, 'JoinSegments', functions.concat.alias, {
      payload: '$states.input',
      outputs: '$merge([$states.input, $states.result.Payload])',
    });
    map.itemProcessor(concat.next(isJoined));
    return map;
  }

  private isVerified(publish: sfn.IChainable, plan: sfn.IChainable): sfn.Choice {
    const redo = sfn.Pass.jsonata(this, 'Redo', {
      comment: 'What is there and good is found so.',
      outputs:
        '{% $merge([$sift($states.input, function($v, $k) { $k in ["key", "versionId"] }), { "redone": $states.input.redone + 1 }]) %}',
    });
    const never = sfn.Fail.jsonata(this, 'NotVerified', {
      error: 'NotVerified',
      cause:
        `{% "made ${this.props.redos + 1} times, and still not what a serial encode gives: " & ` +
        '$join($states.input.joined[$not($exists(etag))].(rendition & ": " & $join(problems, ", ")), "; ") %}',
    });
    return sfn.Choice.jsonata(this, 'IsVerified')
      .when(sfn.Condition.jsonata('{% $count($states.input.joined[$not($exists(etag))]) = 0 %}'), publish)
      .when(sfn.Condition.jsonata(`{% $states.input.redone < ${this.props.redos} %}`), redo.next(plan))
      .otherwise(never);
  }

  private publish(): sfn.TaskStateBase {
    return this.invoke(this, 'PublishRenditions', this.props.functions.publish.alias, {
      payload:
        '{ "plan": $states.input.plan.plan, "verified": [$states.input.joined.{ "rendition": rendition, "etag": etag, "playlist": playlist }] }',
      outputs:
        `$exists($states.result.Payload.newer) ? ${this.superseded('$states.result.Payload')} : ` +
        this.output('TRANSCODED', '$states.result.Payload'),
      comment: 'What was made of a newer version of the source stays.',
    });
  }

  private end(id: string, output: string): sfn.Pass {
    return sfn.Pass.jsonata(this, id, { outputs: `{% ${output} %}` });
  }

  /** @param published JSONata for what says where the renditions are */
  private output(status: string, published: string): string {
    return this.outcome(status, `"renditions": ${published}.renditions, "playlist": ${published}.playlist`);
  }

  /** @param found JSONata for what says which version is newer */
  private superseded(found: string): string {
    return this.outcome('SUPERSEDED', `"newer": ${found}.newer`);
  }

  private outcome(status: string, what: string): string {
    return (
      `{ "status": "${status}", "bucket": ${JSON.stringify(this.props.destinationName)}, ${what}, ` +
      '"frames": $states.input.plan.frames, "seconds": $states.input.plan.seconds, "segments": $states.input.plan.segments, "redone": $states.input.redone }'
    );
  }

  private failed(): sfn.Fail {
    return sfn.Fail.jsonata(this, 'TranscodeFailed', {
      error: '{% $states.input.failure.Error %}',
      cause: '{% ( $cause := $states.input.failure.Cause; $substring($cause, 0, 1) = "{" ? $parse($cause).errorMessage : $cause ) %}',
    });
  }

  private invoke(scope: Construct, id: string, handler: lambda.IFunction, call: Omit<HandlerCall, 'timeout'>): sfn.TaskStateBase {
    return invokeHandler(scope, id, handler, { ...call, timeout: TIMEOUT }).addRetry(TransientRetry.forLambda(BUSY));
  }
}

function caught(state: sfn.TaskStateBase | sfn.Map, errors: string[], then: sfn.IChainable): void {
  state.addCatch(then, { errors, outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}' });
}
