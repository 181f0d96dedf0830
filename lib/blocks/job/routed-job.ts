import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expressionText, isJsonata } from '../../asl/jsonata';
import type { IJob } from './job';
import { JobError } from './job-error';
import type { JobStepProps } from './job-step-props';

/** Two places for the same work. */
export interface RoutedJobProps {
  /** Where what fits is done: cheap and soon begun, with limits. */
  readonly small: IJob;
  /** Where everything else is done. It writes where `small` writes: it may come after it. */
  readonly large: IJob;
  /** Whether `small` can do it, as far as is known: JSONata, for example `{% $states.input.bytes <= 1000000 %}`. What is not `true`, such as a comparison with what is missing, is none. */
  readonly fits: string;
  /**
   * Names of errors of `small` by which it says itself that it is too small.
   * @default - none: that it ran out of time or memory, or died, counts in any case
   */
  readonly spillsOn?: string[];
}

/**
 * What Lambda says when a function was killed or died: out of memory, above all.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
 */
const DIED = ['Runtime.OutOfMemory', 'Runtime.ExitError', 'Runtime.NodejsExit', 'Lambda.Unknown'];

/**
 * A job that is done in one of two places: in the small one when it is expected to fit, otherwise in the large one. An expectation can be
 * wrong, so a job for which the small one runs out of time or memory, or dies, goes over to the large one: once. Any other failure is the job's own.
 *
 * The outcome under `outcomeField` is that of the job that ran last. After it has gone over, the field `<outcomeField>Spilled` says why.
 *
 * States: `<id>Route`, `<id>` for the small job, `<id>SpillsOver`, `<id>Large`; and `<id>Failed` where `onFailed` is left out.
 */
export class RoutedJob implements IJob {
  constructor(private readonly props: RoutedJobProps) {
    if (!isJsonata(props.fits)) {
      throw new Error(`fits ${JSON.stringify(props.fits)} is no JSONata expression: write it as '{% $states.input.<field> <= 10 %}'`);
    }
  }

  /**
   * Fresh steps that run the job where it belongs.
   *
   * - Input: an object.
   * - Output: the input with the outcome under `outcomeField`, as of `IJob.step`, and under `<outcomeField>Spilled` the reason why it went over, if it did.
   * - Errors, without `onFailed`: those of `JobError`; the cause has the reasons of both places.
   */
  public step(scope: Construct, id: string, props: JobStepProps = {}): sfn.StateMachineFragment {
    return new RoutedJobStep(scope, id, this.props, props);
  }
}

class RoutedJobStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];

  constructor(
    scope: Construct,
    id: string,
    { small, large, fits, spillsOn = [] }: RoutedJobProps,
    { outcomeField: field = 'job', onFailed }: JobStepProps,
  ) {
    super(scope, `${id}Routed`);
    const outcome = `$states.input.${field}`;
    const spilled = `$states.input.${field}Spilled`;
    const failed =
      onFailed ??
      sfn.Fail.jsonata(this, `${id}Failed`, {
        error: `{% ${outcome}.error %}`,
        cause: `{% ${outcome}.reason & ( $exists(${spilled}) ? "; it had gone over after " & ${spilled} ) %}`,
      });
    const inLarge = large.step(this, `${id}Large`, { outcomeField: field, onFailed: failed });
    const names = [...DIED, ...spillsOn].map((name) => name.replaceAll('.', '\\.')).join('|');
    const spillsOver = sfn.Choice.jsonata(this, `${id}SpillsOver`, {
      comment: 'Too little time or memory is the place’s fault; all else is the job’s.',
    })
      .when(
        sfn.Condition.jsonata(`{% ${outcome}.error = "${JobError.TIMED_OUT}" or $contains(${outcome}.reason, /^(${names}):/) %}`),
        inLarge,
        { outputs: `{% $merge([$states.input, { "${field}Spilled": ${outcome}.reason }]) %}` },
      )
      .otherwise(failed);
    const inSmall = small.step(this, id, { outcomeField: field, onFailed: spillsOver });
    this.startState = sfn.Choice.jsonata(this, `${id}Route`, { comment: 'By what is expected of it; what is not known is large.' })
      .when(sfn.Condition.jsonata(`{% (${expressionText(fits)}) = true %}`), inSmall)
      .otherwise(inLarge);
    this.endStates = [...inSmall.endStates, ...inLarge.endStates];
  }
}
