import { type Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { BulkMap, type BulkMapProps } from '../blocks/bulk-map/bulk-map';
import type { BulkSource } from '../blocks/bulk-map/bulk-source';
import type { BulkWorkProps } from '../blocks/bulk-map/bulk-step-props';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';

/** Properties of `BulkProcess`. */
export interface BulkProcessProps extends WorkflowProps, BulkMapProps, BulkWorkProps {
  /** Where the items come from. */
  readonly source: BulkSource;
  /** The fields of the input that are required and checked first, by name; a rerun needs none of them. @default - any object */
  readonly input?: { [name: string]: InputField };
  /** What to do once the items are done. It gets the outcome. @default - the run succeeds with the outcome */
  readonly onDone?: sfn.IChainable;
  /** How long a run may take. @default Duration.days(90) */
  readonly timeout?: Duration;
}

const RERUN_OF = 'rerunOf';

/**
 * Works on many items: the objects of a bucket, the rows of a file, a list. Each goes to a function or to steps of your own, as many at
 * once as what is downstream takes, or one at a time in order.
 *
 * - Input: an object with the fields of `input`; others are let through. Or `{ rerunOf: "<results.failures of an earlier run>" }`: then
 *   the items that failed in that run are worked on, and no others.
 * - Output: what `onDone` gives; without it the outcome
 *   `{ counts: { total, succeeded, rejected, crashed, unfinished, skipped }, results: { bucket, manifest, failures? } }`, as
 *   `BulkMap.step` states it: numbers and keys, never items.
 * - Errors: `InvalidInput` (the cause names every problem; nothing was touched), `TooManyFailures` (the cause has the counts and where
 *   the failures are; they can be run again), `States.ItemReaderFailed` or S3's error (the source can't be read), `States.ResultWriterFailed`, and what
 *   `onDone` ends in.
 *
 * A run that was stopped or timed out can be redriven, which goes on where it stopped. What failed is run again with `rerunOf`, not by
 * redriving: that works after runs that tolerated failures too, with the definition of today, and for as long as the results are kept.
 *
 * Costs seven state transitions, and those of Standard children and of `onDone`.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export class BulkProcess extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** What works on the items, and its results bucket. */
  public readonly bulkMap: BulkMap;

  constructor(scope: Construct, id: string, props: BulkProcessProps) {
    super(scope, id);
    if (props.input && RERUN_OF in props.input) {
      throw new Error(`the input field '${RERUN_OF}' is taken: it names the failures of an earlier run`);
    }
    this.bulkMap = new BulkMap(this, 'BulkMap', props);
    const folder = (props.resultsPrefix ?? 'bulk/').replaceAll(/[.()]/g, '\\$&');
    const failures = InputField.ofString({
      maxLength: 1024,
      pattern: `${folder}.+/failures[.]jsonl`,
      format: 'the results.failures of an earlier run',
    });
    const outcome = sfn.Pass.jsonata(this, 'Outcome', { outputs: '{% $states.input.bulk %}' });
    const again = this.bulkMap.step('RerunItems', { ...props, source: this.bulkMap.failures(`{% $states.input.${RERUN_OF} %}`) });
    const rerun = new InputValidation(this, 'RerunInput', { fields: { [RERUN_OF]: failures } }).prefixStates('Rerun').next(again);
    const items = this.bulkMap.step('ProcessItems', { ...props, source: props.source });
    const run = new InputValidation(this, 'Input', { fields: props.input ?? {} }).next(items);
    const isRerun = '$type($states.input) = "object" and $exists($states.input.rerunOf)';
    const end = props.onDone ? outcome.next(props.onDone) : outcome;
    const definition = sfn.Choice.jsonata(this, 'IsRerun', { comment: 'Of the items that failed in an earlier run, or a run of all.' })
      .when(sfn.Condition.jsonata(`{% ${isRerun} %}`), rerun.next(end))
      .otherwise(run.next(end));
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      definition,
      stateMachineType: sfn.StateMachineType.STANDARD,
      comment: 'Works on many items',
    });
    this.stateMachine = this.observed.stateMachine;
    this.bulkMap.grantRun(this.stateMachine);
  }
}
