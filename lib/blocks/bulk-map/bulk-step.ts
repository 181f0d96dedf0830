import {
  Duration,
  type aws_lambda as lambda,
  type aws_s3 as s3,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Quota } from '../../asl/quotas';
import { TransientRetry } from '../../core/transient-retry';
import { BulkConcurrency } from './bulk-concurrency';
import type { BulkStepProps } from './bulk-step-props';
import { assertChildren } from './child-limits';
import { ResultsWriter } from './results-writer';

/** Where the results go. */
export interface BulkResults {
  readonly bucket: s3.IBucket;
  /** What all keys begin with. */
  readonly prefix: string;
  /** Reads what was written and counts. */
  readonly summarize: lambda.IFunction;
}

/** Thrown by a Distributed Map when more items have failed than it tolerates. */
const STOPPED = 'States.ExceedToleratedFailureThreshold';

/** An object of zero bytes that stands for a folder, as an item of `BulkSource.objects`. */
const isFolder = (item: string): string => `($substring(${item}.Key, -1) = "/" and ${item}.Size = 0)`;

/** The states of `BulkMap.step`, which states their contract. */
export class BulkStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];
  private readonly field: string;
  private readonly batches: boolean;

  constructor(
    scope: Construct,
    id: string,
    private readonly name: string,
    private readonly props: BulkStepProps,
    private readonly results: BulkResults,
  ) {
    super(scope, id);
    this.batches = props.batchMaxItems !== undefined || props.batchMaxBytes !== undefined;
    this.field = props.outcomeField ?? 'bulk';
    assertStep(name, props, this.batches);
    const map = this.map();
    const summary = this.summary();
    const done = sfn.Pass.jsonata(this, `${name}Done`);
    const tolerated = sfn.Choice.jsonata(this, `${name}Tolerated`, { comment: 'Items that were not worked on are never a success.' })
      .when(sfn.Condition.jsonata(`{% ${this.tooMany()} %}`), this.tooManyFailures())
      .otherwise(done);
    map.addCatch(summary, {
      errors: [STOPPED],
      outputs: `{% $merge([$states.input, { "${this.field}": { "folder": ${this.folder()} } }]) %}`,
    });
    map.next(summary);
    summary.next(tolerated);
    this.startState = map;
    this.endStates = done.endStates;
  }

  private map(): sfn.DistributedMap {
    const { props, name } = this;
    const { source } = props;
    const item = source._item ?? '$states.context.Map.Item.Value';
    const selected = props.ordered ? `{ "index": $states.context.Map.Item.Index, "item": ${item} }` : source._item;
    const concurrency = props.concurrency ?? BulkConcurrency.of(10);
    const map = sfn.DistributedMap.jsonata(this, name, {
      // Part of the ARNs of its children, which redriving is allowed by.
      label: name,
      itemReader: source._reader,
      items: source._items === undefined ? undefined : sfn.ProvideItems.jsonata(source._items),
      jsonataItemSelector: selected && `{% ${selected} %}`,
      itemBatcher: this.batches
        ? new sfn.ItemBatcher({
            maxItemsPerBatch: props.batchMaxItems,
            maxInputBytesPerBatch: props.batchMaxBytes,
            batchInput: props.batchInput?.value,
          })
        : undefined,
      maxConcurrency: props.ordered ? 1 : concurrency._children,
      mapExecutionType: this.childType(),
      toleratedFailureCount: props.toleratedFailureCount,
      toleratedFailurePercentage: props.toleratedFailurePercentage,
      resultWriterV2: new ResultsWriter(this.results.bucket, `{% ${this.folder()} %}`),
      outputs: `{% $merge([$states.input, { "${this.field}": { "manifest": $states.result.ResultWriterDetails.Key } }]) %}`,
    });
    map.itemProcessor(this.child());
    assertChildren(name, map, this.childType());
    return map;
  }

  private childType(): sfn.StateMachineType {
    const { childType, ordered, work } = this.props;
    const quick = work._seconds !== undefined && work._seconds <= Quota.EXPRESS_SECONDS;
    return childType ?? (quick && !ordered ? sfn.StateMachineType.EXPRESS : sfn.StateMachineType.STANDARD);
  }

  /** What one child does: with an item, or with a batch. */
  private child(): sfn.IChainable {
    const { props, name } = this;
    const { work, source } = props;
    const items = source._folders
      ? `[$states.context.Execution.Input.Items[$not(${isFolder('$')})]]`
      : '$states.context.Execution.Input.Items';
    const states = work._states(this, `${name}Work`, {
      payload: this.batches
        ? source._folders
          ? `$merge([$states.input, { "Items": ${items} }])`
          : undefined
        : props.ordered
          ? '$states.input.item'
          : undefined,
      output: this.batches ? (answer) => batchOutput(answer, items) : undefined,
    });
    if (!source._folders) return states;
    const nothing = this.batches ? `$count(${items}) = 0` : isFolder('$states.input');
    return sfn.Choice.jsonata(this, `${name}IsFolder`, { comment: 'Objects of zero bytes that stand for folders are skipped.' })
      .when(sfn.Condition.jsonata(`{% ${nothing} %}`), sfn.Pass.jsonata(this, `${name}SkipFolder`, { outputs: {} }))
      .otherwise(states);
  }

  /** Its own for each visit of the state, whatever Map, Parallel or loop it stands in. */
  private folder(): string {
    return (
      `$join([${JSON.stringify(`${this.results.prefix}${this.name}`)}, $states.context.Execution.Name, ` +
      '$replace($states.context.State.EnteredTime, ":", "-"), ' +
      '$exists($states.context.Map.Item.Index) ? $string($states.context.Map.Item.Index)], "/")'
    );
  }

  private summary(): sfn.TaskStateBase {
    const { props } = this;
    const options = {
      batches: this.batches,
      ordered: props.ordered ?? false,
      folders: props.source._folders,
      businessErrors: props.businessErrors ?? [],
    };
    const summary = tasks.LambdaInvoke.jsonata(this, `${this.name}Summary`, {
      comment: 'Counts the items and writes down those that failed, with the reasons.',
      lambdaFunction: this.results.summarize,
      payload: sfn.TaskInput.fromText(`{% $merge([$states.input.${this.field}, ${JSON.stringify(options)}]) %}`),
      // Longer than the function's own, after which it is called again.
      taskTimeout: sfn.Timeout.duration(Duration.minutes(16)),
      retryOnServiceExceptions: false,
      outputs: `{% $merge([$states.input, { "${this.field}": $states.result.Payload }]) %}`,
    });
    summary.addRetry(TransientRetry.forLambda());
    return summary.addRetry({ errors: ['ResultsNotWritten'], interval: Duration.seconds(5), backoffRate: 2, maxAttempts: 5 });
  }

  private tooMany(): string {
    const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = this.props;
    const counts = `$states.input.${this.field}.counts`;
    const failed = `(${counts}.rejected + ${counts}.crashed)`;
    const most = count ?? (percentage === undefined ? 0 : undefined);
    return [
      `${counts}.unfinished > 0`,
      ...(most === undefined ? [] : [`${failed} > ${most}`]),
      ...(percentage === undefined ? [] : [`${failed} * 100 > ${percentage} * ${counts}.total`]),
    ].join(' or ');
  }

  private tooManyFailures(): sfn.Fail {
    const outcome = `$states.input.${this.field}`;
    return sfn.Fail.jsonata(this, `${this.name}TooManyFailures`, {
      error: 'TooManyFailures',
      cause:
        `{% ( $c := ${outcome}.counts; $string($c.rejected + $c.crashed) & " of " & $string($c.total) & " items failed: " & ` +
        '$string($c.rejected) & " rejected, " & $string($c.crashed) & " crashed; " & $string($c.unfinished) & " were not worked on. ' +
        `The items and the reasons are in s3://" & ${outcome}.results.bucket & "/" & ${outcome}.results.failures ) %}`,
    });
  }
}

/** `{ result, failures: [{ item, error, cause }] }`: the items themselves in the place of their indices, so that they can be run again. */
function batchOutput(answer: string, items: string): string {
  return (
    `( $answer := ${answer}; $items := ${items}; { "result": $answer.result, "failures": [$map([$answer.failures], function($f) { ` +
    '$type($f.index) = "number" and $f.index = $floor($f.index) and $f.index >= 0 and $f.index < $count($items) and $type($f.error) = "string" ' +
    '? { "item": $items[$f.index], "error": $f.error, "cause": $f.cause } ' +
    ': $error("the batch was answered with a failure that is not { index, error, cause? }, index counting from 0 in Items") })] } )'
  );
}

function assertStep(name: string, props: BulkStepProps, batches: boolean): void {
  const problems: string[] = [];
  if (!/^[A-Za-z][A-Za-z0-9]{0,39}$/.test(name)) {
    problems.push(`its name becomes a Distributed Map's label and a folder: a letter, then up to 39 letters or digits`);
  }
  const { outcomeField, ordered, concurrency, toleratedFailureCount: count, toleratedFailurePercentage: percentage } = props;
  if (outcomeField !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(outcomeField)) {
    problems.push(`outcomeField '${outcomeField}' is no field name: a letter, then letters, digits or underscores`);
  }
  if (ordered && batches) problems.push('ordered is one item at a time: leave batchMaxItems and batchMaxBytes out');
  if (ordered && concurrency) problems.push('ordered is one item at a time: leave concurrency out');
  if (ordered && props.childType === sfn.StateMachineType.EXPRESS) {
    problems.push('ordered takes Standard children: an Express child may run twice, and the second run would come too late');
  }
  if (props.batchInput && !batches) problems.push('batchInput goes with a batch: give batchMaxItems or batchMaxBytes');
  check(problems, 'batchMaxItems', props.batchMaxItems, 1, Quota.DISTRIBUTED_MAP_ITEMS, true);
  check(problems, 'batchMaxBytes', props.batchMaxBytes, 1, Quota.PAYLOAD_BYTES, true);
  check(problems, 'toleratedFailureCount', count, 0, Quota.DISTRIBUTED_MAP_ITEMS, true);
  check(problems, 'toleratedFailurePercentage', percentage, 0, 100, false);
  if (problems.length > 0) throw new Error(`the bulk step '${name}' can't be made: ${problems.join('; ')}`);
}

function check(problems: string[], name: string, value: number | undefined, least: number, most: number, whole: boolean): void {
  if (value === undefined || (value >= least && value <= most && (!whole || Number.isInteger(value)))) return;
  problems.push(`${name} is ${value}: give a ${whole ? 'whole ' : ''}number from ${least} to ${most}`);
}
