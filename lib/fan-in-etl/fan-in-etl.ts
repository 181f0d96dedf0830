import {
  Duration,
  type aws_kms as kms,
  type RemovalPolicy,
  aws_s3 as s3,
  type aws_scheduler as scheduler,
  aws_stepfunctions as sfn,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { FanIn } from '../blocks/fan-in/fan-in';
import { FanInPolicy } from '../blocks/fan-in/fan-in-policy';
import type { IJob } from '../blocks/job/job';
import { Ledger } from '../blocks/ledger/ledger';
import { ObjectGate } from '../blocks/object-gate/object-gate';
import { OnMissing } from '../blocks/object-gate/on-missing';
import { Trigger } from '../blocks/trigger/trigger';
import { TriggerSource } from '../blocks/trigger/trigger-source';
import { acknowledge } from '../core/acknowledge';
import { dataRemovalPolicy } from '../core/data-removal';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import { EtlPeriod } from './etl-period';
import type { FanInSource } from './fan-in-source';
import type { OnSourceMissing } from './on-source-missing';
import { PERIOD_FORMS } from './period-forms';

/** Properties of `FanInEtl`. */
export interface FanInEtlProps extends WorkflowProps {
  /** The datasets. */
  readonly sources: FanInSource[];
  /** What is done once every source's job is done. It finds `sources` and `missing`; `FanInEtl.location` says where the others wrote. */
  readonly join: IJob;
  /** How long after the run's start a dataset may arrive: whole seconds, less than `timeout`. */
  readonly deadline: Duration;
  /** What happens when a dataset has not arrived then. */
  readonly onMissing: OnSourceMissing;
  /** How periods are named. @default EtlPeriod.DAY */
  readonly period?: EtlPeriod;
  /** How long before the run's start a dataset may have arrived; an older one is an earlier period's. An input's `notBefore` goes before it. @default - at any time: then the key has to tell one period's dataset from another's */
  readonly window?: Duration;
  /** What to do once the join is done. It gets the state with the join's outcome; what it gives is the period's result. @default - the state is */
  readonly onJoined?: sfn.IChainable;
  /** When runs start by themselves. @default - they are started by hand, or by what you make */
  readonly schedule?: scheduler.ScheduleExpression;
  /** How far back from the scheduled time a moment lies that is certainly in the run's period, by UTC: for a month's report on the 2nd, half a month. @default Duration.days(0) */
  readonly scheduledPeriodBack?: Duration;
  /** Other fields of the input that are required and checked first, by name. @default - none */
  readonly input?: { [name: string]: InputField };
  /** Where the jobs write. @default - a new bucket */
  readonly outputBucket?: s3.IBucket;
  /** What the keys of the output begin with. @default "etl/" */
  readonly outputPrefix?: string;
  /** Encrypts the tables and a new bucket. @default - keys that AWS manages */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of the output and of the periods when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** How often it is looked whether an event got lost, a quiet time is over or a run was stopped. @default Duration.minutes(15) */
  readonly sweepInterval?: Duration;
  /** How long a run may take. @default - the deadline, and two days for the jobs */
  readonly timeout?: Duration;
}

/** What the state has besides the input. */
const RESERVED = ['period', 'rerun', 'notBefore', 'scheduledTime', 'output', 'sources', 'missing', 'object', 'job', 'join'];
const INSTANT = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})';

/**
 * Datasets that arrive when they like are each worked on when they are there, and joined when all are: AWS's "ETL fan-in" pattern. A
 * dataset may be there before the run starts, come while it waits, or never; `ObjectGate` loses none of them.
 *
 * - Input: `{ period, rerun?, notBefore? }` and the fields of `input`. `period` names what is joined, one run for each: a second start of
 *   the same period gets the result of the first, or fails with `ItemInProgress` while that is at work. After a failure, a stop or a
 *   timeout it is done again. `rerun`, a name of your choice, does a period again that is done. `notBefore`, ISO 8601, says how old datasets may be.
 * - The jobs find: the input; `output: { bucket, prefix }`, a folder for this run's output, whose `prefix` ends in a slash; that of a
 *   source `object`, as `ObjectGate.step` gives it; the join `sources`: `{ <name>: { status: "DONE" | "MISSING", object, job } }`, and
 *   `missing`, the names of those that did not come.
 * - Output: the state of the join, with its outcome under `join`; or what `onJoined` or the steps of `OnSourceMissing.continueWith` give.
 * - Errors: `InvalidInput` (the cause names every problem; nothing was touched), `ItemInProgress` (the cause says which run), `ObjectMissing`
 *   with `OnSourceMissing.fail()`, `NothingArrived`, `InvalidObjectWait` and `ObjectCheckFailed` as `ObjectGate.step` says; `JobFailed`,
 *   `JobTimedOut` and `JobStopped` of a source, whose name stands in the cause and which ends the others' waits and jobs, or of the join;
 *   and what `onJoined` ends in.
 *
 * Costs nine state transitions, three for each source, and those of `onJoined`.
 */
export class FanInEtl extends Construct {
  /**
   * JSONata for an address in this run's output, as an argument of a job: `s3://<bucket>/<prefix><name>`.
   * @param name what it is called there, such as the name of the source that writes it
   */
  public static location(name: string): string {
    if (/["\\]/.test(name)) throw new Error(`'${name}' is no name of a location: leave quotes and backslashes out`);
    return `{% "s3://" & $states.input.output.bucket & "/" & $states.input.output.prefix & "${name}" %}`;
  }

  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** Where the jobs write. Let their roles do so. */
  public readonly outputBucket: s3.IBucket;
  /** What waits for the datasets. */
  public readonly gate: ObjectGate;
  /** The periods: which are at work, done or failed, with their results. */
  public readonly ledger: Ledger;
  /** What starts runs, where there is a schedule. */
  public readonly trigger?: Trigger;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: FanInEtlProps,
  ) {
    super(scope, id);
    assertProps(props);
    const { encryptionKey, removalPolicy, sweepInterval } = props;
    const timeout = props.timeout ?? props.deadline.plus(Duration.days(2));
    this.outputBucket = props.outputBucket ?? this.makeBucket();
    this.gate = new ObjectGate(this, 'Gate', { encryptionKey, sweepInterval });
    this.ledger = new Ledger(this, 'Periods', { encryptionKey, removalPolicy });
    const once = this.ledger.once('RunPeriod', {
      key: '{% $states.input.period & ($exists($states.input.rerun) ? "#" & $states.input.rerun) %}',
      steps: this.period(),
      leaseFor: timeout,
      keepFor: Duration.days(3650),
    });
    const validated = new InputValidation(this, 'Input', { fields: this.fields() }).next(once);
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      definition: props.schedule ? this.named().next(validated) : validated,
      stateMachineType: sfn.StateMachineType.STANDARD,
      timeout,
      comment: `Joins ${props.sources.map(({ name }) => name).join(', ')}`,
    });
    this.stateMachine = this.observed.stateMachine;
    this.gate.grantTaskResponse(this.stateMachine);
    this.ledger.grantRun(this.stateMachine);
    if (props.schedule) {
      this.trigger = new Trigger(this, 'Trigger', { stateMachine: this.stateMachine, source: TriggerSource.schedule(props.schedule) });
    }
  }

  private fields(): { [name: string]: InputField } {
    const { pattern, format } = PERIOD_FORMS[this.props.period ?? EtlPeriod.DAY];
    return {
      period: InputField.ofString({ pattern, format }),
      rerun: InputField.ofString({
        optional: true,
        maxLength: 64,
        pattern: '[A-Za-z0-9._-]+',
        format: 'letters, digits, dots, dashes and underscores',
      }),
      notBefore: InputField.ofString({ optional: true, pattern: INSTANT, format: 'an instant, such as 2026-01-05T06:00:00Z' }),
      ...this.props.input,
    };
  }

  /** Only where the input says nothing of a period; what is no time is left to the validation. */
  private named(): sfn.Pass {
    const { picture } = PERIOD_FORMS[this.props.period ?? EtlPeriod.DAY];
    const back = this.props.scheduledPeriodBack?.toMilliseconds() ?? 0;
    return sfn.Pass.jsonata(this, 'NamePeriod', {
      outputs:
        '{% ( $in := $states.input; $type($in) = "object" and $not($exists($in.period)) and $type($in.scheduledTime) = "string" and ' +
        `$contains($in.scheduledTime, /^${INSTANT}$/) ? ` +
        `$merge([$in, { "period": $fromMillis($toMillis($in.scheduledTime) - ${back}, "${picture}") }]) : $in ) %}`,
    });
  }

  /** What is done once for each period. */
  private period(): sfn.Chain {
    const sources = new FanIn(this, 'Sources', {
      branches: Object.fromEntries(this.props.sources.map((source) => [source.name, this.source(source)])),
      policy: FanInPolicy.failFast(),
      outcomeField: 'sources',
    });
    return this.located().next(sources).next(this.gathered()).next(this.joined());
  }

  private located(): sfn.Pass {
    const { outputPrefix = 'etl/', window } = this.props;
    const since = window
      ? `$fromMillis($toMillis($states.context.Execution.StartTime) - ${window.toMilliseconds()})`
      : '"1970-01-01T00:00:00.000Z"';
    return sfn.Pass.jsonata(this, 'LocateOutput', {
      outputs:
        '{% $merge([$states.input, { ' +
        `"notBefore": $exists($states.input.notBefore) ? $states.input.notBefore : ${since}, ` +
        `"output": { "bucket": "${this.outputBucket.bucketName}", ` +
        `"prefix": "${outputPrefix}" & $states.input.period & "/" & $states.context.Execution.Name & "/" } }]) %}`,
    });
  }

  private source({ name, bucket, match, job }: FanInSource): sfn.IChainable {
    const title = name[0].toUpperCase() + name.slice(1);
    const fails = this.props.onMissing._what === 'fail';
    const wait = this.gate.step(`Await${title}`, {
      bucket,
      match: match._newerThan('{% $states.input.notBefore %}'),
      timeout: this.props.deadline,
      onMissing: fails ? OnMissing.fail() : OnMissing.continueWith(sfn.Pass.jsonata(this, `${title}Missing`)),
    });
    return wait.next(job.step(this, `Process${title}`));
  }

  /** Of each source what became of it, in the place of its whole state. */
  private gathered(): sfn.Pass {
    const sources = this.props.sources.map(
      ({ name }) =>
        `"${name}": ( $o := $states.input.sources.${name}.output; ` +
        '{ "status": $o.object.status = "FOUND" ? "DONE" : "MISSING", "object": $o.object, "job": $o.job } )',
    );
    const names = this.props.sources.map(({ name }) => `$states.input.sources.${name}.output.object.status != "FOUND" ? "${name}"`);
    return sfn.Pass.jsonata(this, 'Gathered', {
      outputs: `{% $merge([$states.input, { "sources": { ${sources.join(', ')} }, "missing": [${names.join(', ')}] }]) %}`,
    });
  }

  private joined(): sfn.IChainable {
    const { join, onJoined, onMissing, sources } = this.props;
    const joined = join.step(this, 'JoinSources', { outcomeField: 'join' });
    const end = onJoined ? joined.next(onJoined) : joined;
    if (onMissing._what === 'fail') return end;
    const missing = '$count($states.input.missing)';
    const arrived = sfn.Choice.jsonata(this, 'AllArrived');
    if (onMissing._steps) {
      return arrived.when(sfn.Condition.jsonata(`{% ${missing} > 0 %}`), onMissing._steps, { comment: 'some are missing' }).otherwise(end);
    }
    const nothing = sfn.Fail.jsonata(this, 'NothingArrived', {
      error: 'NothingArrived',
      cause: `{% "nothing of the period " & $states.input.period & " had arrived by the deadline: " & $join($states.input.missing, ", ") %}`,
    });
    return arrived.when(sfn.Condition.jsonata(`{% ${missing} = ${sources.length} %}`), nothing, { comment: 'nothing' }).otherwise(end);
  }

  private makeBucket(): s3.Bucket {
    const { encryptionKey, removalPolicy } = this.props;
    const bucket = new s3.Bucket(this, 'Output', {
      encryption: encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey,
      bucketKeyEnabled: encryptionKey ? true : undefined,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: dataRemovalPolicy(this, removalPolicy),
    });
    acknowledge(
      bucket,
      'AwsSolutions-S1',
      'Who may read the output is up to the user of the bucket; pass an outputBucket that logs access.',
    );
    return bucket;
  }
}

function assertProps({ sources, deadline, window, timeout, input, outputPrefix, schedule, scheduledPeriodBack }: FanInEtlProps): void {
  const problems: string[] = [];
  if (sources.length === 0) problems.push('sources is empty: name at least one dataset');
  const names = sources.map(({ name }) => name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) problems.push(`there are two sources called ${twice.join(', ')}: rename one`);
  const taken = Object.keys(input ?? {}).filter((name) => RESERVED.includes(name));
  if (taken.length > 0)
    problems.push(`the input field ${taken.join(', ')} is taken: the workflow keeps something of its own under that name`);
  if (timeout && timeout.toSeconds() <= deadline.toSeconds()) {
    problems.push(`timeout is ${timeout.toHumanString()}, and the deadline ${deadline.toHumanString()}: leave the jobs some time`);
  }
  if (window && window.toSeconds() <= 0) problems.push('window is nothing: leave it out if datasets may be of any age');
  if (outputPrefix !== undefined && !/^([\w.=-]+\/)+$/.test(outputPrefix)) {
    problems.push(`outputPrefix '${outputPrefix}' is none: letters, digits and '_.=-', ending in a slash`);
  }
  if (scheduledPeriodBack && !schedule) problems.push('scheduledPeriodBack would change nothing: there is no schedule');
  if (problems.length > 0) throw new Error(`the fan-in can't be made: ${problems.join('; ')}`);
}
