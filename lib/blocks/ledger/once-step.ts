import { Duration, type aws_dynamodb as dynamodb, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { isJsonata } from '../../asl/jsonata';
import { checkDuration } from '../../core/check-duration';
import { SdkTask } from '../../core/sdk-task';
import { assertKey, CONDITION_FAILED, keyExpression, ROW, ROW_RETRY, ROW_TIMEOUT, rowKey } from './item-row';
import type { LedgerOnceProps } from './ledger-once-props';

const { fromString: text, numberFromString: number } = tasks.DynamoAttributeValue;

const ALL = 'States.ALL';

/** The states of `Ledger.once`, which states their contract. */
export class OnceStep extends sfn.StateMachineFragment {
  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];
  /** The name of the variable that holds what is known of the item. */
  private readonly variable: string;
  /** It, as an expression. */
  private readonly item: string;
  private readonly step: string;
  private readonly keepSeconds: number;

  constructor(
    scope: Construct,
    id: string,
    private readonly name: string,
    private readonly props: LedgerOnceProps,
    private readonly table: dynamodb.ITable,
  ) {
    super(scope, id);
    assertOnce(name, props);
    this.variable = `ledger_${name}`;
    this.item = `$${this.variable}`;
    this.step = props.step ?? name;
    this.keepSeconds = (props.keepFor ?? Duration.days(90)).toSeconds();
    const work = this.work();
    const record = this.record();
    work.next(record);
    const stored = sfn.Pass.jsonata(this, `${name}Stored`, {
      comment: 'Done before: what it gave then.',
      outputs: `{% ${this.item}.found.result %}`,
    });
    const claim = this.claim();
    const read = this.read();
    claim.addCatch(read, { errors: [CONDITION_FAILED], outputs: '{% $states.input %}' });
    claim.next(work);
    read.next(this.known(claim, read, stored));
    this.startState = this.ticket().next(claim).startState;
    this.endStates = [record, stored];
  }

  /** Once, so that every retry claims for the same attempt. */
  private ticket(): sfn.Pass {
    const wait = this.props.waitAtMost?.toMilliseconds() ?? 0;
    return sfn.Pass.jsonata(this, `${this.name}Ticket`, {
      assign: {
        [this.variable]:
          `{% { "key": ${keyExpression(this.props.key)}, "attempt": $states.context.Execution.Id & "#" & $uuid(), ` +
          `"instead": "", "waitUntil": $millis() + ${wait} } %}`,
      },
    });
  }

  /** Who may do the steps: the first one, and whoever comes after an attempt that failed, was given up, or whose run has ended. */
  private claim(): sfn.TaskStateBase {
    const seconds = this.props.leaseFor.toSeconds();
    return this.update('Claim', {
      condition:
        'attribute_not_exists(#status) OR #status = :failed OR #ttl <= :seconds OR ' +
        '(#status = :inProgress AND (#attempt IN (:attempt, :instead) OR #expiresAt <= :now))',
      update:
        'SET #status = :inProgress, #attempt = :attempt, #execution = :execution, #startedAt = :startedAt, #expiresAt = :expiresAt, ' +
        '#ttl = :ttl, #attempts = if_not_exists(#attempts, :zero) + :one REMOVE #result, #error, #cause, #finishedAt',
      values: {
        failed: text('FAILED'),
        inProgress: text('IN_PROGRESS'),
        instead: text(`{% ${this.item}.instead = "" ? ${this.item}.attempt : ${this.item}.instead %}`),
        execution: text('{% $states.context.Execution.Id %}'),
        startedAt: text('{% $now() %}'),
        now: number('{% $string($millis()) %}'),
        seconds: number('{% $string($floor($millis() / 1000)) %}'),
        expiresAt: number(`{% $string($millis() + ${seconds * 1000}) %}`),
        ttl: number(this.ttl(seconds)),
        zero: number('0'),
        one: number('1'),
      },
      returnValues: tasks.DynamoReturnValues.UPDATED_NEW,
      assign: { attempts: '$number($states.result.Attributes.attempts.N)' },
    });
  }

  private work(): sfn.Parallel {
    const { name, props } = this;
    const steps = sfn.Chain.start(props.steps);
    const branch = props.result === undefined ? steps : steps.next(sfn.Pass.jsonata(this, `${name}Result`, { outputs: props.result }));
    return sfn.Parallel.jsonata(this, name, { comment: 'Your steps, once.', outputs: '{% $states.result[0] %}' })
      .branch(branch)
      .addCatch(this.failure(), {
        errors: [ALL],
        assign: this.assigned({ error: '$states.errorOutput' }),
        outputs: '{% $states.input %}',
      });
  }

  private record(): sfn.TaskStateBase {
    const record = this.update('Record', {
      condition: '#attempt = :attempt',
      update: 'SET #status = :done, #result = :result, #finishedAt = :finishedAt, #ttl = :ttl REMOVE #expiresAt',
      values: {
        done: text('DONE'),
        // In an object: `$string` leaves a text without quotes.
        result: text('{% $string({ "value": $states.input }) %}'),
        finishedAt: text('{% $now() %}'),
        ttl: number(this.ttl()),
      },
    });
    const superseded = sfn.Fail.jsonata(this, `${this.name}Superseded`, {
      error: 'ItemSuperseded',
      cause: `{% "the steps are done, but took longer than ${this.props.leaseFor.toSeconds()} seconds, and another run does them again for " & ${this.item}.key %}`,
    });
    return record.addCatch(superseded, { errors: [CONDITION_FAILED], outputs: '{% $states.input %}' });
  }

  /** Notes why, and fails with what the steps failed with. */
  private failure(): sfn.State {
    const error = `${this.item}.error`;
    const failed = sfn.Fail.jsonata(this, `${this.name}Failed`, {
      error: `{% ${error}.Error %}`,
      cause: `{% $exists(${error}.Cause) ? ${error}.Cause : "" %}`,
    });
    const business = JSON.stringify(this.props.businessErrors ?? []);
    const note = this.update('RecordFailure', {
      condition: '#attempt = :attempt',
      update: 'SET #status = :status, #error = :error, #cause = :cause, #finishedAt = :finishedAt, #ttl = :ttl REMOVE #expiresAt',
      values: {
        status: text(`{% ${error}.Error in ${business} ? "REJECTED" : "FAILED" %}`),
        error: text(`{% ${error}.Error %}`),
        cause: text(`{% $exists(${error}.Cause) ? $substring(${error}.Cause, 0, 4096) : "" %}`),
        finishedAt: text('{% $now() %}'),
        ttl: number(this.ttl()),
      },
    });
    return note.addCatch(failed, { errors: [ALL], outputs: '{% $states.input %}' }).next(failed).startState;
  }

  private read(): sfn.TaskStateBase {
    return tasks.DynamoGetItem.jsonata(this, `${this.name}Read`, {
      table: this.table,
      key: rowKey(`${this.item}.key`, this.step),
      consistentRead: true,
      taskTimeout: ROW_TIMEOUT,
      assign: this.assigned({ found: ROW }),
      outputs: '{% $states.input %}',
    }).addRetry(ROW_RETRY);
  }

  /** What to do with an item that is known already. */
  private known(claim: sfn.State, read: sfn.State, stored: sfn.State): sfn.Choice {
    const { name, item } = this;
    const found = `${item}.found`;
    const is = (status: string) => sfn.Condition.jsonata(`{% ${found}.status = "${status}" %}`);
    const rejected = sfn.Fail.jsonata(this, `${name}Rejected`, { error: `{% ${found}.error %}`, cause: `{% ${found}.cause %}` });
    const inProgress = this.inProgress(read);
    // Express runs can't be asked about: their attempts expire.
    const standard = sfn.Condition.jsonata(`{% ${found}.status = "IN_PROGRESS" and $contains(${found}.execution, ":execution:") %}`);
    return sfn.Choice.jsonata(this, `${name}Known`)
      .when(is('DONE'), stored, { comment: 'done' })
      .when(is('REJECTED'), rejected, { comment: 'rejected' })
      .when(standard, this.ask(claim, inProgress), { comment: 'in progress' })
      .when(is('IN_PROGRESS'), inProgress)
      .otherwise(claim);
  }

  /** An attempt whose run has ended, or is not known any more, is taken over. */
  private ask(claim: sfn.State, inProgress: sfn.State): sfn.State {
    const { name, item } = this;
    const instead = `${item}.found.attempt`;
    const ask = new SdkTask(this, `${name}Ask`, {
      call: 'sfn:describeExecution',
      parameters: { ExecutionArn: `{% ${item}.found.execution %}` },
      assign: this.assigned({ instead: `$states.result.Status in ["RUNNING", "PENDING_REDRIVE"] ? "" : ${instead}` }),
      outputs: '{% $states.input %}',
    });
    ask.addCatch(claim, {
      errors: ['Sfn.ExecutionDoesNotExistException'],
      assign: this.assigned({ instead }),
      outputs: '{% $states.input %}',
    });
    // Who can't be asked about is taken to be at work.
    ask.addCatch(inProgress, { errors: [ALL], outputs: '{% $states.input %}' });
    const ended = sfn.Choice.jsonata(this, `${name}Ended`)
      .when(sfn.Condition.jsonata(`{% ${item}.instead = "" %}`), inProgress, { comment: 'at work' })
      .otherwise(claim);
    return ask.next(ended).startState;
  }

  private inProgress(read: sfn.State): sfn.State {
    const { name, item } = this;
    const { waitAtMost, onInProgress } = this.props;
    const busy =
      onInProgress?.startState ??
      sfn.Fail.jsonata(this, `${name}InProgress`, {
        error: 'ItemInProgress',
        cause: `{% ${item}.key & " is being worked on by " & ${item}.found.execution & " since " & ${item}.found.startedAt %}`,
      });
    if (!waitAtMost) return busy;
    const seconds = waitAtMost.toSeconds();
    const wait = sfn.Wait.jsonata(this, `${name}Wait`, {
      // From half of it to one and a half, so that those who wait don't come all at once; some 50 times at most.
      time: sfn.WaitTime.timestamp(`{% $fromMillis($millis() + $floor(${Math.max(2, seconds / 50)} * (0.5 + $random()) * 1000)) %}`),
    });
    wait.next(read);
    return sfn.Choice.jsonata(this, `${name}Patience`)
      .when(sfn.Condition.jsonata(`{% $millis() < ${item}.waitUntil %}`), wait, { comment: 'still' })
      .otherwise(busy);
  }

  /** A write to the item's row, with `:attempt` known. */
  private update(suffix: string, props: RowUpdate): sfn.TaskStateBase {
    const placeholders = [...`${props.condition} ${props.update}`.matchAll(/#(\w+)/g)];
    const values = { attempt: text(`{% ${this.item}.attempt %}`), ...props.values };
    return tasks.DynamoUpdateItem.jsonata(this, `${this.name}${suffix}`, {
      table: this.table,
      key: rowKey(`${this.item}.key`, this.step),
      conditionExpression: props.condition,
      updateExpression: props.update,
      expressionAttributeNames: Object.fromEntries(placeholders.map(([placeholder, name]) => [placeholder, name])),
      expressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
      returnValues: props.returnValues,
      taskTimeout: ROW_TIMEOUT,
      assign: props.assign && this.assigned(props.assign),
      outputs: '{% $states.input %}',
    }).addRetry(ROW_RETRY);
  }

  /** Epoch seconds. */
  private ttl(more = 0): string {
    return `{% $string($floor($millis() / 1000) + ${this.keepSeconds + more}) %}`;
  }

  /** Members added to the variable. */
  private assigned(members: { [name: string]: string }): { [name: string]: string } {
    const object = Object.entries(members).map(([name, expression]) => `"${name}": ${expression}`);
    return { [this.variable]: `{% $merge([${this.item}, { ${object.join(', ')} }]) %}` };
  }
}

interface RowUpdate {
  readonly condition: string;
  readonly update: string;
  readonly values: { [name: string]: tasks.DynamoAttributeValue };
  readonly returnValues?: tasks.DynamoReturnValues;
  /** Expressions. */
  readonly assign?: { [name: string]: string };
}

const DAY = 24 * 3600;

function assertOnce(name: string, props: LedgerOnceProps): void {
  const problems: string[] = [];
  if (!/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(name)) {
    problems.push("its name becomes part of a variable's: a letter, then up to 59 letters, digits or underscores");
  }
  try {
    assertKey(props.key);
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (props.result !== undefined && !isJsonata(props.result)) {
    problems.push(`result ${JSON.stringify(props.result)} is no JSONata expression such as '{% $states.input.receipt %}'`);
  }
  if (props.step === '') problems.push('step is empty: name what is recorded');
  problems.push(...checkDuration('leaseFor', props.leaseFor, 60, 365 * DAY));
  problems.push(...checkDuration('keepFor', props.keepFor, DAY, 3650 * DAY));
  problems.push(...checkDuration('waitAtMost', props.waitAtMost, 1, 30 * DAY));
  if (problems.length > 0) throw new Error(`'${name}' can't be done once: ${problems.join('; ')}`);
}
