import { type Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TransientRetry } from '../../core/transient-retry';
import type { ApprovalStepProps } from './approval-step-props';
import type { Approver } from './approver';
import type { OnExpired } from './on-expired';

/** Where the messages of an approver's channel go. */
export interface ChannelTarget {
  readonly type: 'email' | 'sns' | 'sqs' | 'lambda';
  readonly target: string;
}

/** The second is thrown by the function that tells approvers, when the time was over before it could. */
const EXPIRED = ['States.Timeout', 'ApprovalExpired'];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html `TimeoutSeconds` */
const LONGEST_TASK_SECONDS = 99_999_999;

/** The states of `ApprovalGate.step`, which states their contract. */
export class ApprovalStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];
  private readonly field: string;
  /** The variable that holds what is asked: `key`, `summary` and `hash`. */
  private readonly question: string;
  private readonly decided: sfn.Choice;
  private readonly rejected: sfn.IChainable;

  constructor(
    scope: Construct,
    id: string,
    private readonly name: string,
    private readonly props: ApprovalStepProps,
    private readonly notify: lambda.IFunction,
    private readonly channelOf: (approver: Approver) => ChannelTarget,
  ) {
    super(scope, id);
    assertStep(name, props);
    this.field = props.outcomeField ?? 'approval';
    this.question = `question_${name.replace(/\W/g, '_')}`.slice(0, 80);
    // Once, so that what is shown is what is hashed, and that every retry of the task asks under the same key.
    const question = sfn.Pass.jsonata(this, `${name}Question`, {
      assign: {
        [this.question]:
          `{% ( $summary := ${summaryExpression(props.summary)}; ` +
          '{ "key": $uuid(), "summary": $summary, "hash": $hash($string($summary), "SHA-256") } ) %}',
      },
    });
    this.rejected =
      props.onRejected ??
      sfn.Fail.jsonata(this, `${name}Rejected`, {
        error: 'ApprovalRejected',
        cause: `{% "the decision is " & $states.input.${this.field}.decision & ($exists($states.input.${this.field}.by) ? ", by " & $states.input.${this.field}.by) %}`,
      });
    const approved = sfn.Pass.jsonata(this, `${name}Approved`);
    // Written so that an outcome without a decision counts as rejected.
    this.decided = sfn.Choice.jsonata(this, `${name}Decided`)
      .when(sfn.Condition.jsonata(`{% $states.input.${this.field}.decision = "APPROVED" %}`), approved, { comment: 'approved' })
      .otherwise(this.rejected);
    this.startState = question.next(this.ask(name, props.approver, props.expiresIn, props.onExpired)).startState;
    this.endStates = approved.endStates;
  }

  /** The state that asks one approver, with what follows when it expires. */
  private ask(state: string, approver: Approver, expiresIn: Duration, onExpired: OnExpired, level = 0): sfn.State {
    assertExpiry(state, expiresIn);
    const request = tasks.LambdaInvoke.jsonata(this, state, {
      comment: 'Waits for a person. The token stays between Step Functions and the gate.',
      lambdaFunction: this.notify,
      integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      taskTimeout: sfn.Timeout.duration(expiresIn),
      retryOnServiceExceptions: false,
      payload: sfn.TaskInput.fromObject({
        taskToken: '{% $states.context.Task.Token %}',
        executionArn: '{% $states.context.Execution.Id %}',
        stateMachineArn: '{% $states.context.StateMachine.Id %}',
        step: state,
        requestKey: `{% $${this.question}.key & "|${state}" %}`,
        title: this.props.title ?? this.name,
        summary: `{% $${this.question}.summary %}`,
        summaryHash: `{% $${this.question}.hash %}`,
        approver: { identity: approver.identity, channel: this.channelOf(approver) },
        enteredAt: '{% $states.context.State.EnteredTime %}',
        expiresInSeconds: expiresIn.toSeconds(),
      }),
      outputs: `{% $merge([$states.input, { "${this.field}": $states.result }]) %}`,
    });
    request.addRetry(TransientRetry.forLambda());
    const escalation = onExpired._escalation;
    if (escalation) {
      const next = this.ask(
        `${this.name}Escalation${level + 1}`,
        escalation.approver,
        escalation.expiresIn,
        escalation.onExpired,
        level + 1,
      );
      request.addCatch(next, { errors: EXPIRED, outputs: '{% $states.input %}' });
    } else {
      request.addCatch(onExpired._steps ?? this.rejected, {
        errors: EXPIRED,
        outputs: `{% $merge([$states.input, { "${this.field}": { "decision": "EXPIRED", "at": $now(), "reason": "nobody decided in time", "summaryHash": $${this.question}.hash } }]) %}`,
      });
    }
    return request.next(this.decided).startState;
  }
}

/** A JSONata object. A part that gives nothing is left out. */
function summaryExpression(summary: { [label: string]: string }): string {
  const members = Object.entries(summary).map(([label, value]) => {
    const expression = /^\{%(.*)%\}$/s.exec(value)?.[1].trim();
    return `${JSON.stringify(label)}: ${expression === undefined ? JSON.stringify(value) : `(${expression})`}`;
  });
  return `{ ${members.join(', ')} }`;
}

function assertStep(id: string, props: ApprovalStepProps): void {
  if (Object.keys(props.summary).length === 0) {
    throw new Error(`the summary of the approval step '${id}' is empty: name at least one thing that the approver decides about`);
  }
  if (props.outcomeField !== undefined && !/^[A-Za-z][A-Za-z0-9_]*$/.test(props.outcomeField)) {
    throw new Error(
      `outcomeField '${props.outcomeField}' of the approval step '${id}' is no field name: a letter, then letters, digits or underscores`,
    );
  }
}

function assertExpiry(name: string, expiresIn: Duration): void {
  if (expiresIn.isUnresolved()) throw new Error(`expiresIn of the approval step '${name}' has to be known at synthesis`);
  const seconds = expiresIn.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < 60 || seconds > LONGEST_TASK_SECONDS) {
    throw new Error(
      `expiresIn of the approval step '${name}' is ${expiresIn.toHumanString()}: give whole seconds, from one minute to ${LONGEST_TASK_SECONDS} seconds`,
    );
  }
}
