import { type Duration, type aws_lambda as lambda, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expressionText, isJsonata } from '../../asl/jsonata';
import { TransientRetry } from '../../core/transient-retry';
import type { ApprovalStepProps } from './approval-step-props';
import type { Approver } from './approver';
import type { ChannelTargets } from './channel-targets';
import { outcomeFieldOf } from './outcome-field';
import type { Reminders } from './reminders';

/** One question: to the step's own approver, or to the next. */
type Asked = Pick<ApprovalStepProps, 'approver' | 'expiresIn' | 'reminders' | 'onExpired'>;

const MOST_REMINDERS = 10;

/** The second is thrown by the function that tells approvers, when the time was over before it could. */
const EXPIRED = ['States.Timeout', 'ApprovalExpired'];

/** Thrown by the same function when nobody but the requester would decide. */
const OWN_REQUEST = 'ApproverIsRequester';

/**
 * A longer text is hashed in parts. `States.Hash`, for which `$hash` stands, takes "up to 10,000 characters": whatever a character is there, half of
 * them are no more than that.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html#asl-intrsc-func-hash-calc
 */
const HASHED_AT_ONCE = 5000;

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
    private readonly channels: ChannelTargets,
    private readonly remindersOf: () => Reminders,
  ) {
    super(scope, id);
    assertStep(name, props);
    this.field = outcomeFieldOf(props);
    this.question = `question_${name.replace(/\W/g, '_')}`.slice(0, 80);
    // Once, so that what is shown is what is hashed, and that every retry of the task asks under the same key.
    const question = sfn.Pass.jsonata(this, `${name}Question`, {
      assign: {
        [this.question]:
          `{% ( $summary := ${summaryExpression(props.summary)}; $text := $string($summary); ` +
          `{ "key": $uuid(), "summary": $summary, "hash": ${hashExpression('$text')}${requesterMember(props.requester)} } ) %}`,
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
    this.startState = question.next(this.ask(name, props)).startState;
    this.endStates = approved.endStates;
  }

  private asked(approver: Approver): Record<string, unknown> {
    const person = (one: Approver) => ({ identity: one.identity, channel: this.channels.of(one) });
    const { _quorum: quorum } = approver;
    return quorum ? { quorum: { needed: quorum.needed, approvers: quorum.members.map(person) } } : { approver: person(approver) };
  }

  private reminded(reminders: readonly Duration[]): Record<string, unknown> {
    const beforeSeconds = reminders.map((before) => before.toSeconds());
    return { beforeSeconds, functionArn: this.notify.functionArn, ...this.remindersOf() };
  }

  /** The state that asks one approver, with what follows when it expires. */
  private ask(state: string, { approver, expiresIn, reminders = [], onExpired }: Asked, level = 0): sfn.State {
    assertExpiry(state, expiresIn);
    assertReminders(state, reminders, expiresIn);
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
        ...this.asked(approver),
        ...(this.props.requester !== undefined && { requester: `{% $${this.question}.requester %}` }),
        enteredAt: '{% $states.context.State.EnteredTime %}',
        expiresInSeconds: expiresIn.toSeconds(),
        ...(reminders.length > 0 && { reminders: this.reminded(reminders) }),
      }),
      outputs: `{% $merge([$states.input, { "${this.field}": $states.result }]) %}`,
    });
    request.addRetry(TransientRetry.forLambda());
    const escalation = onExpired._escalation;
    if (escalation) {
      const next = this.ask(`${this.name}Escalation${level + 1}`, escalation, level + 1);
      const errors = this.props.requester === undefined ? EXPIRED : [...EXPIRED, OWN_REQUEST];
      request.addCatch(next, { errors, outputs: '{% $states.input %}' });
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
    return `${JSON.stringify(label)}: ${expressionOf(value)}`;
  });
  return `{ ${members.join(', ')} }`;
}

/** SHA-256 of a text; of a long one, of the hashes of its parts, one after the other. */
function hashExpression(text: string): string {
  const part = `$hash($substring(${text}, $part * ${HASHED_AT_ONCE}, ${HASHED_AT_ONCE}), "SHA-256")`;
  const parts = `$map([0..$floor(($length(${text}) - 1) / ${HASHED_AT_ONCE})], function($part) { ${part} })`;
  return `$length(${text}) <= ${HASHED_AT_ONCE} ? $hash(${text}, "SHA-256") : $hash($join(${parts}), "SHA-256")`;
}

/** A requester that is no text is null, which the gate refuses: nobody slips through by leaving it out. */
function requesterMember(requester: string | undefined): string {
  if (requester === undefined) return '';
  return `, "requester": ( $requester := ${expressionOf(requester)}; $type($requester) = "string" ? $requester : null )`;
}

/** A text or an expression, as part of a JSONata expression. */
function expressionOf(value: string): string {
  return isJsonata(value) ? `(${expressionText(value)})` : JSON.stringify(value);
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

function assertReminders(name: string, reminders: readonly Duration[], expiresIn: Duration): void {
  if (reminders.length > MOST_REMINDERS) {
    throw new Error(`the approval step '${name}' has ${reminders.length} reminders: ${MOST_REMINDERS} are the most`);
  }
  const seconds = reminders.map((before) => (before.isUnresolved() ? Number.NaN : before.toSeconds({ integral: false })));
  for (const [index, before] of reminders.entries()) {
    const given = seconds[index];
    if (!Number.isInteger(given) || given < 60 || given >= expiresIn.toSeconds()) {
      throw new Error(
        `a reminder of the approval step '${name}' comes ${before.toHumanString()} before the expiry: give whole seconds, from one minute to less than the ${expiresIn.toHumanString()} that the approver has`,
      );
    }
    if (seconds.indexOf(given) < index)
      throw new Error(`the approval step '${name}' has the reminder ${before.toHumanString()} before the expiry twice`);
  }
}
