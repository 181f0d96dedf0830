import {
  Duration,
  type aws_dynamodb as dynamodb,
  type aws_lambda as lambda,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { expressionText, isJsonata } from '../../asl/jsonata';
import { checkDuration } from '../../core/check-duration';
import { TransientRetry } from '../../core/transient-retry';
import type { LeaseHoldProps } from './lease-hold-props';

const { fromString: text, numberFromString: number } = tasks.DynamoAttributeValue;

/** One attempt of a task that reads or writes one row. */
const TASK_TIMEOUT = sfn.Timeout.duration(Duration.seconds(15));

const CONDITION_FAILED = 'DynamoDB.ConditionalCheckFailedException';

/** Rows are forgotten so long after the lease has expired. */
const KEEP_SECONDS = 30 * 24 * 3600;

/** The states of `Lease.hold`, which states their contract. */
export class LeaseStep extends sfn.StateMachineFragment {
  /** @internal */
  public static _variable(name: string): string {
    return `lease_${name}`;
  }

  public readonly startState: sfn.State;
  public readonly endStates: sfn.INextable[];
  /** The variable that holds the lease, as an expression. */
  private readonly lease: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly name: string,
    private readonly props: LeaseHoldProps,
    private readonly table: dynamodb.ITable,
    private readonly contendFunction: lambda.IFunction,
  ) {
    super(scope, id);
    assertHold(name, props);
    this.lease = `$${LeaseStep._variable(name)}`;
    const held = sfn.Parallel.jsonata(this, name, { comment: 'Your steps, while the lease is held.', outputs: '{% $states.result[0] %}' });
    const release = this.release('Release');
    const unconfirmed = sfn.Pass.jsonata(this, `${name}ReleaseUnconfirmed`, { comment: 'What is still held lapses when the run ends.' });
    const failed = this.failed();

    held.branch(props.steps).addCatch(failed, this.remembering());
    release.addCatch(this.stillHeld(unconfirmed), { errors: [CONDITION_FAILED], outputs: '{% $states.input %}' });
    release.addCatch(unconfirmed, { errors: ['States.ALL'], outputs: '{% $states.input %}' });
    held.next(release);
    this.startState = this.ticket().next(this.acquire(held, this.contend(held, failed), failed)).startState;
    this.endStates = [release, unconfirmed];
  }

  /** Once, so that every retry asks for the same, whatever has become of the attempt before. */
  private ticket(): sfn.Pass {
    const { key, limit = 1, waitAtMost = Duration.seconds(0) } = this.props;
    return sfn.Pass.jsonata(this, `${this.name}Ticket`, {
      assign: {
        [LeaseStep._variable(this.name)]:
          `{% { "key": ${isJsonata(key) ? `$string(${expressionText(key)})` : JSON.stringify(key)}, ` +
          '"holder": $states.context.Execution.Id & "#" & $uuid(), ' +
          `"slot": ${limit === 1 ? '0' : `$floor($random() * ${limit})`}, ` +
          `"waitUntil": $millis() + ${waitAtMost.toMilliseconds()} } %}`,
      },
    });
  }

  /** The write that takes a lease that nobody holds. Its own again, when the answer to the first attempt got lost. */
  private acquire(held: sfn.State, contend: sfn.State, failed: sfn.State): sfn.State {
    const { lease } = this;
    const seconds = this.props.leaseFor.toSeconds();
    const acquire = tasks.DynamoUpdateItem.jsonata(this, `${this.name}Acquire`, {
      table: this.table,
      key: this.row(),
      conditionExpression: 'attribute_not_exists(#holder) OR #holder = :holder OR #expiresAt <= :now',
      // A token begins with the time, so that it goes on growing when the row has been forgotten meanwhile.
      updateExpression:
        'SET #holder = :holder, #execution = :execution, #expiresAt = :expiresAt, #fence = if_not_exists(#fence, :now) + :one, #ttl = :ttl',
      expressionAttributeNames: names('holder', 'execution', 'expiresAt', 'fence', 'ttl'),
      expressionAttributeValues: {
        ':holder': text(`{% ${lease}.holder %}`),
        ':execution': text('{% $states.context.Execution.Id %}'),
        ':now': number('{% $string($millis()) %}'),
        ':expiresAt': number(`{% $string($millis() + ${seconds * 1000}) %}`),
        ':ttl': number(`{% $string($floor($millis() / 1000) + ${seconds + KEEP_SECONDS}) %}`),
        ':one': number('1'),
      },
      returnValues: tasks.DynamoReturnValues.UPDATED_NEW,
      taskTimeout: TASK_TIMEOUT,
      assign: {
        [LeaseStep._variable(this.name)]:
          `{% ( $row := $states.result.Attributes; $merge([${lease}, ` +
          '{ "fencingToken": $number($row.fence.N), "expiresAt": $number($row.expiresAt.N) }]) ) %}',
      },
      outputs: '{% $states.input %}',
    });
    acquire.addRetry(repeatable(TransientRetry.forDynamoDb()));
    acquire.addCatch(contend, { errors: [CONDITION_FAILED], outputs: '{% $states.input %}' });
    acquire.addCatch(failed, this.remembering());
    return acquire.next(held).startState;
  }

  /** Looks at all who hold the key. The retry is what waits: no token and no list of waiters is left behind by a run that is stopped. */
  private contend(held: sfn.State, failed: sfn.State): sfn.State {
    const { name, lease } = this;
    const { limit = 1, leaseFor, waitAtMost, onBusy } = this.props;
    const contend = tasks.LambdaInvoke.jsonata(this, `${name}Contend`, {
      comment: 'The lease is held, or was when its holder ended.',
      lambdaFunction: this.contendFunction,
      payload: sfn.TaskInput.fromObject({
        key: `{% ${lease}.key %}`,
        holder: `{% ${lease}.holder %}`,
        execution: '{% $states.context.Execution.Id %}',
        waitUntil: `{% ${lease}.waitUntil %}`,
        limit,
        leaseSeconds: leaseFor.toSeconds(),
        keepSeconds: KEEP_SECONDS,
      }),
      taskTimeout: sfn.Timeout.duration(Duration.seconds(60)),
      retryOnServiceExceptions: false,
      assign: { [LeaseStep._variable(name)]: `{% $merge([${lease}, $states.result.Payload]) %}` },
      outputs: '{% $states.input %}',
    });
    if (waitAtMost) contend.addRetry(waiting(waitAtMost));
    // Done again, it finds what it holds.
    contend.addRetry(repeatable(TransientRetry.forLambda(['LeasesUnavailable'])));
    contend.addCatch(onBusy ?? this.busy(), {
      errors: ['LeaseHeld', 'LeaseBusy'],
      assign: {
        [LeaseStep._variable(name)]: `{% $merge([${lease}, { "busy": $parse($states.errorOutput.Cause).errorMessage }]) %}`,
      },
      outputs: '{% $states.input %}',
    });
    contend.addCatch(failed, this.remembering());
    return contend.next(held).startState;
  }

  private busy(): sfn.Fail {
    return sfn.Fail.jsonata(this, `${this.name}Busy`, { error: 'LeaseBusy', cause: `{% ${this.lease}.busy %}` });
  }

  /** Gives the lease back; what another holds by now stays. */
  private release(suffix: string): sfn.TaskStateBase {
    const release = tasks.DynamoUpdateItem.jsonata(this, `${this.name}${suffix}`, {
      table: this.table,
      key: this.row(),
      conditionExpression: '#holder = :holder',
      updateExpression: 'REMOVE #holder, #execution, #expiresAt',
      expressionAttributeNames: names('holder', 'execution', 'expiresAt'),
      expressionAttributeValues: { ':holder': text(`{% ${this.lease}.holder %}`) },
      taskTimeout: TASK_TIMEOUT,
      outputs: '{% $states.input %}',
    });
    return release.addRetry(repeatable(TransientRetry.forDynamoDb()));
  }

  /**
   * Somebody else has given it back, or taken it. Nobody does that before it expires while its run goes on; so it was this very state,
   * whose answer got lost. After a redrive it may have been the clean-up of the run that had ended.
   */
  private stillHeld(released: sfn.State): sfn.Choice {
    const { name, lease } = this;
    const lost = sfn.Fail.jsonata(this, `${name}Lost`, {
      error: 'LeaseLost',
      cause:
        `{% "the steps are done, but others may have held the key " & ${lease}.key & " at the same time: the lease ended at " & ` +
        `$fromMillis(${lease}.expiresAt) & ", or with a run that was redriven" %}`,
    });
    return sfn.Choice.jsonata(this, `${name}StillHeld`, { comment: 'Given back by the attempt before, or lost to others?' })
      .when(sfn.Condition.jsonata(`{% $millis() >= ${lease}.expiresAt or $states.context.Execution.RedriveCount > 0 %}`), lost, {
        comment: 'lost',
      })
      .otherwise(released);
  }

  /** Gives the lease back and fails with what the steps failed with. */
  private failed(): sfn.State {
    const error = `${this.lease}.error`;
    const failed = sfn.Fail.jsonata(this, `${this.name}Failed`, {
      error: `{% ${error}.Error %}`,
      cause: `{% $exists(${error}.Cause) ? ${error}.Cause : "" %}`,
    });
    return this.release('ReleaseAfterError')
      .addCatch(failed, { errors: ['States.ALL'], outputs: '{% $states.input %}' })
      .next(failed).startState;
  }

  private remembering(): sfn.CatchProps {
    return {
      errors: ['States.ALL'],
      assign: { [LeaseStep._variable(this.name)]: `{% $merge([${this.lease}, { "error": $states.errorOutput }]) %}` },
      outputs: '{% $states.input %}',
    };
  }

  private row(): { [attribute: string]: tasks.DynamoAttributeValue } {
    return { key: text(`{% ${this.lease}.key %}`), slot: number(`{% $string(${this.lease}.slot) %}`) };
  }
}

function names(...attributes: string[]): { [placeholder: string]: string } {
  return Object.fromEntries(attributes.map((attribute) => [`#${attribute}`, attribute]));
}

/** For a task that may be done twice: that nobody knows whether it was done is no reason to stop. */
function repeatable(retry: sfn.RetryProps): sfn.RetryProps {
  return { ...retry, errors: [...(retry.errors ?? []), 'States.Timeout'] };
}

/**
 * Tries again until the function says that the time is over. At least 20 tries, and not more often than each second; a long wait has at
 * most a minute between them, or a 250th of the wait, so that its history stays short. With full jitter a delay is half as long on average.
 */
function waiting(waitAtMost: Duration): sfn.RetryProps {
  const seconds = waitAtMost.toSeconds();
  const longest = Math.ceil(Math.max(Math.min(seconds / 20, 60), seconds / 250, 1));
  return {
    errors: ['LeaseHeld'],
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxDelay: Duration.seconds(longest),
    jitterStrategy: sfn.JitterType.FULL,
    maxAttempts: 20 + Math.ceil((3 * seconds) / longest),
  };
}

const MINUTE = 60;
const DAY = 24 * 3600;

function assertHold(name: string, { key, leaseFor, limit = 1, waitAtMost }: LeaseHoldProps): void {
  const problems: string[] = [];
  if (!/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(name)) {
    problems.push("its name becomes part of a variable's: a letter, then up to 59 letters, digits or underscores");
  }
  if (key === '' || (!isJsonata(key) && Buffer.byteLength(key) > 2048))
    problems.push('key is empty or too long: give a text of 1 to 2,048 bytes, or JSONata');
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) problems.push(`limit is ${limit}: give a whole number from 1 to 1000`);
  problems.push(...checkDuration('leaseFor', leaseFor, MINUTE, 365 * DAY));
  problems.push(...checkDuration('waitAtMost', waitAtMost, 1, 30 * DAY));
  if (problems.length > 0) throw new Error(`the lease '${name}' can't be held: ${problems.join('; ')}`);
}
