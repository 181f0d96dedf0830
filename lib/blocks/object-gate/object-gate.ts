import {
  Duration,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_iam as iam,
  type aws_kms as kms,
  RemovalPolicy,
  type aws_s3 as s3,
  type aws_stepfunctions as sfn,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import { assertNotIgnored } from '../../core/assert-not-ignored';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { tableKeyStatement } from '../../core/table-key-statement';
import { workflowTable } from '../../core/workflow-table';
import { ObjectStep } from './object-step';
import type { ObjectStepProps } from './object-step-props';

/** Properties of `ObjectGate`. */
export interface ObjectGateProps {
  /** The table of those who wait: partition key `bucket` (text), sort key `waiterId` (text), and `ttl` as its time-to-live attribute. One for each gate. @default - a new table */
  readonly table?: dynamodb.ITable;
  /** Encrypts a new table, which holds task tokens. @default - the AWS managed key of DynamoDB */
  readonly encryptionKey?: kms.IKey;
  /** How often everybody who waits is looked after: for events that got lost, for quiet times, for runs that were stopped. @default Duration.minutes(15) */
  readonly sweepInterval?: Duration;
}

/**
 * Waits for data in S3, inside anybody's workflow: `gate.step(…)` gives steps that go on when the data is there, whether it came before
 * the run, while it waits, or on the way.
 *
 * No wake-up is lost: whoever waits is recorded first and looks then, and an event makes everybody look again whose objects it may be
 * about. What counts is what S3 lists, never what an event says, so events may come twice, late or never: the sweeper looks for those.
 * Any number of runs may wait for the same object. The record of a run goes when it is answered, when its time is over, and when it was
 * stopped, with the next sweep.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel a list shows every write that has ended
 */
export class ObjectGate extends Construct {
  /** Who waits, with task tokens. */
  public readonly table: dynamodb.ITable;
  /** Records who waits, and looks. */
  public readonly waitFunction: HandlerFunction;
  /** Looks for those whom an event may be about. */
  public readonly arrivedFunction: HandlerFunction;
  /** Looks for everybody, from time to time. */
  public readonly sweepFunction: HandlerFunction;
  private readonly rules = new Map<string, events.Rule>();
  private readonly steps: string[] = [];
  /** Of its own: the functions are made before the state machine that calls one of them. */
  private answerPolicy?: iam.Policy;

  constructor(scope: Construct, id: string, props: ObjectGateProps = {}) {
    super(scope, id);
    if (props.table) assertNotIgnored({ encryptionKey: props.encryptionKey }, 'who waits is in the table that is supplied');
    this.table = props.table ?? this.makeTable(props);
    this.waitFunction = this.handler('wait', 'Records who waits for an object, and looks whether it is there');
    this.arrivedFunction = this.handler('arrived', 'Looks whether an object that has arrived is what somebody waits for');
    this.sweepFunction = this.handler('sweep', 'Looks after everybody who waits for an object');
    this.allow(this.waitFunction.role, 'dynamodb:PutItem', 'dynamodb:DeleteItem');
    this.allow(this.arrivedFunction.role, 'dynamodb:Query', 'dynamodb:DeleteItem');
    this.allow(this.sweepFunction.role, 'dynamodb:Scan', 'dynamodb:DeleteItem');
    this.schedule(props.sweepInterval ?? Duration.minutes(15));
    this.node.addValidation({
      validate: () =>
        this.steps.length > 0 && !this.answerPolicy
          ? [
              `the object gate has the steps ${this.steps.map((step) => `'${step}'`).join(', ')} but may not answer any state machine: call grantTaskResponse(stateMachine) with the one that runs them`,
            ]
          : [],
    });
  }

  /**
   * Fresh steps that wait for data. What follows them (`.next`) is reached when it is there.
   *
   * - Input: an object.
   * - Output: the input with the outcome under `outcomeField`. Of a key or prefix:
   *   `{ status: "FOUND", bucket, key, size, etag, lastModified }`. Of a drop: `{ status: "FOUND", bucket, prefix, objects, bytes,
   *   lastModified, key? }`; `key` is the marker's or manifest's. Sizes in bytes, `lastModified` in ISO 8601.
   * - Errors: `ObjectMissing` with `OnMissing.fail()`; `InvalidObjectWait`, when an expression gave what can't be waited for;
   *   `ObjectCheckFailed`, when S3 or DynamoDB could not be asked, after retries; S3's error where it refuses.
   *
   * @param id name of the waiting state, unique in the state machine
   */
  public step(id: string, props: ObjectStepProps): sfn.StateMachineFragment {
    this.steps.push(id);
    this.watch(props);
    // The state's name may come again in another state machine; the construct's id may not.
    return new ObjectStep(this, `Step${this.steps.length}`, id, props, this.waitFunction.alias);
  }

  /** Lets the gate answer the tasks of this state machine, and no other's. Without it the app does not synthesize. */
  public grantTaskResponse(stateMachine: sfn.IStateMachine): void {
    const resources = [stateMachine.stateMachineArn];
    this.answerPolicy ??= new iam.Policy(this, 'AnswerPolicy', {
      roles: [this.waitFunction, this.arrivedFunction, this.sweepFunction].map(({ role }) => role),
    });
    this.answerPolicy.addStatements(new iam.PolicyStatement({ actions: ['states:SendTaskSuccess'], resources }));
    this.sweepFunction.role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['states:SendTaskHeartbeat'], resources }));
  }

  private makeTable({ encryptionKey }: ObjectGateProps): dynamodb.Table {
    const table = workflowTable(this, 'Waiters', encryptionKey, {
      partitionKey: { name: 'bucket', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'waiterId', type: dynamodb.AttributeType.STRING },
      pointInTimeRecoverySpecification: undefined,
      timeToLiveAttribute: 'ttl',
      // It holds nothing but whose turn it is, and is worth nothing without the runs.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledge(
      table,
      'AwsSolutions-DDB3',
      'A row is there while a task waits, and worth nothing afterwards: there is nothing to go back to.',
    );
    return table;
  }

  private handler(name: string, description: string): HandlerFunction {
    return new HandlerFunction(this, name[0].toUpperCase() + name.slice(1), {
      code: handlerAsset(`lib/blocks/object-gate/${name}`),
      description,
      timeout: Duration.minutes(1),
      environment: { TABLE_NAME: this.table.tableName },
    });
  }

  private allow(grantee: iam.IRole, ...actions: string[]): void {
    grantee.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [this.table.tableArn] }));
    if (this.table.encryptionKey) grantee.addToPrincipalPolicy(tableKeyStatement(this.table.encryptionKey));
  }

  private schedule(interval: Duration): void {
    const rule = new events.Rule(this, 'SweepSchedule', {
      description: 'Looks after everybody who waits for an object',
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(this.sweepFunction.alias, { retryAttempts: 2 })],
    });
    acknowledge(rule, 'Serverless-EventBusDLQ', 'The event says nothing but the time: the next sweep does the same work.');
  }

  /** Reading what a step waits for, and being told of it. */
  private watch({ bucket, match }: ObjectStepProps): void {
    const policy = new iam.Policy(this, `Look${this.steps.length}`, {
      roles: [this.waitFunction.role, this.arrivedFunction.role, this.sweepFunction.role],
      statements: [
        new iam.PolicyStatement({
          actions: ['s3:ListBucket'],
          resources: [bucket.bucketArn],
          conditions: { StringLike: { 's3:prefix': `${match._within}*` } },
        }),
      ],
    });
    if (match._manifest) {
      policy.addStatements(
        new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(`${match._within}*${match._manifest}`)] }),
      );
      if (bucket.encryptionKey) {
        policy.addStatements(new iam.PolicyStatement({ actions: ['kms:Decrypt'], resources: [bucket.encryptionKey.keyArn] }));
      }
      acknowledgeWildcards(policy, 'Manifests are known by their name; where each stands is known when it runs.');
    }
    // Added to the rule when it is there already.
    this.ruleOf(bucket).addEventPattern({ detail: { object: { key: [{ prefix: match._within }] } } });
  }

  private ruleOf(bucket: s3.IBucket): events.Rule {
    const known = this.rules.get(bucket.bucketName);
    if (known) return known;
    const rule = new events.Rule(this, `Arrived${this.rules.size + 1}`, {
      description: 'Objects that somebody may wait for',
      eventPattern: { source: ['aws.s3'], detailType: ['Object Created'], detail: { bucket: { name: [bucket.bucketName] } } },
      targets: [new targets.LambdaFunction(this.arrivedFunction.alias, { retryAttempts: 10, maxEventAge: Duration.hours(2) })],
    });
    acknowledge(rule, 'Serverless-EventBusDLQ', 'An event only says when to look: the next sweep looks as well.');
    this.rules.set(bucket.bucketName, rule);
    return rule;
  }
}
