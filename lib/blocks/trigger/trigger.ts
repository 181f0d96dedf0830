import {
  ArnFormat,
  type aws_cloudwatch as cloudwatch,
  Duration,
  aws_iam as iam,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
  aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isReferencePath, parseJsonPath } from '../../asl/jsonpath';
import { acknowledge } from '../../core/acknowledge';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { WorkflowRelease } from '../../core/release/workflow-release';
import { thresholdAlarm } from '../../core/threshold-alarm';
import { writesInto } from './self-trigger';
import type { TriggerAlarmProps } from './trigger-alarm-props';
import type { TriggerSource } from './trigger-source';

/** Properties of `Trigger`. */
export interface TriggerProps {
  /** What is started: a Standard workflow, through its alias when it has a `release`, or an alias or version of one. */
  readonly stateMachine: sfn.IStateMachine;
  /** What starts it. */
  readonly source: TriggerSource;
  /**
   * Where the event has what tells it from others: paths such as `$.detail.orderId` to texts, numbers or booleans. Events that agree in all
   * of them start one run. An event that lacks one goes to the dead-letter queue.
   * @default - as the source says: the object's write, the scheduled time
   */
  readonly businessKey?: string[];
  /**
   * The run's input, by field: a path such as `$.detail.total`, or any other text, which is meant as it stands. A field whose path leads
   * nowhere is left out. @default - as the source says
   */
  readonly input?: { [field: string]: string };
  /** What the names of the runs begin with: letters, digits, dashes and underscores, at most 39. Two triggers with the same prefix and key start one run together. @default - the construct's id */
  readonly namePrefix?: string;
  /** How old an event may be. An older one goes to the dead-letter queue. @default - any age */
  readonly maxAge?: Duration;
  /** How many batches of ten events are worked on at once, from 2 to 1,000. It limits starting, not how many runs go on side by side. @default 5 */
  readonly maxConcurrency?: number;
  /** How often starting is tried, each three minutes, before an event goes to the dead-letter queue: from 1 to 1,000. @default 10 */
  readonly maxAttempts?: number;
  /** Where events wait, a queue that is not FIFO; its visibility time-out has to be three minutes and its dead letters are its own affair. @default - a new queue */
  readonly queue?: sqs.IQueue;
  /** Where events go that can't start anything. @default - a new queue, which keeps them for 14 days */
  readonly deadLetterQueue?: sqs.IQueue;
  /** Alarms by threshold, with an action. @default - no alarms */
  readonly alarms?: TriggerAlarmProps;
  /** Whether runs may write the objects that start runs. Without it the app does not synthesize when the roles of the state machine or of its functions allow that. @default false */
  readonly mayTriggerItself?: boolean;
}

/** Enough for ten calls of StartExecution that are throttled and tried again. */
const START_TIMEOUT = Duration.seconds(30);
/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html "at least six times the function timeout" */
const VISIBILITY = Duration.minutes(3);

/**
 * Starts a workflow once for each thing that happens, however often that is told.
 *
 * A rule or a schedule can't name the runs that it starts, and delivers at least once. So what happens goes to a queue, and a function starts
 * the run under a name that is made of a business key; that there is a run of that name already is a success. Step Functions keeps names for 90 days
 * after the end of a run.
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export class Trigger extends Construct {
  /** Where events wait. */
  public readonly queue: sqs.IQueue;
  /** Where events go that can't start anything. Their attribute `reason` says why, unless they were tried too often. */
  public readonly deadLetterQueue: sqs.IQueue;
  /** Starts the runs. */
  public readonly startFunction: HandlerFunction;
  /** How events get from the queue to the function. */
  public readonly eventSourceMapping: lambda.EventSourceMapping;

  constructor(scope: Construct, id: string, props: TriggerProps) {
    super(scope, id);
    const { businessKey = props.source._config.businessKey ?? [], namePrefix = id.replace(/[^\w-]/g, '-').slice(0, 39) } = props;
    assertProps(props, businessKey, namePrefix);
    const source = props.source._config;
    const release = WorkflowRelease.of(props.stateMachine);
    this.deadLetterQueue = props.deadLetterQueue ?? this.makeDeadLetterQueue();
    this.queue = props.queue ?? this.makeQueue(props.maxAttempts ?? 10);
    this.startFunction = new HandlerFunction(this, 'Start', {
      code: handlerAsset('lib/blocks/trigger/start'),
      description: 'Starts one run for each business key',
      timeout: START_TIMEOUT,
      environment: {
        STATE_MACHINE_ARN: release?.alias.attrArn ?? props.stateMachine.stateMachineArn,
        DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
        SETTINGS: JSON.stringify({
          namePrefix,
          businessKey,
          input: props.input ?? source.input,
          time: source.time,
          maxAgeSeconds: props.maxAge?.toSeconds(),
        }),
      },
    });
    this.startFunction.role.addToPrincipalPolicy(release?.startStatement() ?? startOf(this, props.stateMachine));
    this.grantQueues();
    this.eventSourceMapping = this.map(props.maxConcurrency ?? 5);
    source.bind(this, this.queue, this.deadLetterQueue);
    if (props.alarms) this.watch(props.alarms);
    const { objects } = source;
    if (objects && !props.mayTriggerItself) this.node.addValidation({ validate: () => writesInto(props.stateMachine, objects) });
  }

  private grantQueues(): void {
    const { role } = this.startFunction;
    const allow = (resource: string, ...actions: string[]) =>
      role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
    // What a poller calls, and not `grantConsumeMessages`, which gives more.
    allow(this.queue.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');
    allow(this.deadLetterQueue.queueArn, 'sqs:SendMessage');
    this.queue.encryptionMasterKey?.grant(role, 'kms:Decrypt');
    this.deadLetterQueue.encryptionMasterKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  private map(maxConcurrency: number): lambda.EventSourceMapping {
    const mapping = new lambda.EventSourceMapping(this, 'Mapping', {
      target: this.startFunction.alias,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    acknowledge(mapping, 'Serverless-LambdaEventSourceMappingDestination', 'For SQS that is the dead-letter queue of the queue.');
    return mapping;
  }

  private makeQueue(maxReceiveCount: number): sqs.Queue {
    return new sqs.Queue(this, 'Queue', {
      enforceSSL: true,
      visibilityTimeout: VISIBILITY,
      // As long as can be: a queue drops what has become too old, without a word.
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount },
    });
  }

  private makeDeadLetterQueue(): sqs.Queue {
    const queue = new sqs.Queue(this, 'DeadLetters', { enforceSSL: true, retentionPeriod: Duration.days(14) });
    acknowledge(queue, 'AwsSolutions-SQS3', 'It is the dead-letter queue.');
    acknowledge(queue, 'Serverless-SQSRedrivePolicy', 'It is the dead-letter queue.');
    return queue;
  }

  private watch({ action, deadLetterThreshold, oldestEventThreshold }: TriggerAlarmProps): void {
    const options = { statistic: 'Maximum', period: Duration.minutes(1) };
    const alarms: [string, cloudwatch.Metric, number | undefined][] = [
      ['DeadLettersAlarm', this.deadLetterQueue.metricApproximateNumberOfMessagesVisible(options), deadLetterThreshold],
      ['OldestEventAlarm', this.queue.metricApproximateAgeOfOldestMessage(options), oldestEventThreshold?.toSeconds()],
    ];
    for (const [name, metric, threshold] of alarms) {
      if (threshold !== undefined) thresholdAlarm(this, name, { metric, threshold, action });
    }
  }
}

/** An alias or a version is authorized by its state machine's ARN: https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html */
function startOf(scope: Construct, stateMachine: sfn.IStateMachine): iam.PolicyStatement {
  const { stateMachineArn } = stateMachine;
  const resource = stateMachine instanceof sfn.StateMachine ? stateMachineArn : unqualified(Stack.of(scope), stateMachineArn);
  return new iam.PolicyStatement({ actions: ['states:StartExecution'], resources: [resource] });
}

function unqualified(stack: Stack, arn: string): string {
  const { resourceName = '', ...parts } = stack.splitArn(arn, ArnFormat.COLON_RESOURCE_NAME);
  return stack.formatArn({ ...parts, resourceName: resourceName.split(':')[0] });
}

function assertProps(props: TriggerProps, businessKey: string[], namePrefix: string): void {
  const problems: string[] = [];
  const { stateMachine, input = {}, maxAge, maxConcurrency = 5, maxAttempts = 10 } = props;
  if (stateMachine instanceof sfn.StateMachine && stateMachine.stateMachineType === sfn.StateMachineType.EXPRESS) {
    problems.push(
      `${stateMachine.node.path} is an Express workflow, which takes the same name again and may run more than once by itself: set its stateMachineType to STANDARD`,
    );
  }
  if (businessKey.length === 0)
    problems.push("an event needs a businessKey, such as ['$.detail.orderId']: without, a repeated event starts a second run");
  for (const path of businessKey) if (!isPath(path)) problems.push(`'${path}' in businessKey is no path such as '$.detail.orderId'`);
  for (const [field, value] of Object.entries(input)) {
    if (value.startsWith('$') && !isPath(value))
      problems.push(`'${value}' of the input field '${field}' is no path such as '$.detail.total'`);
  }
  if (!/^[A-Za-z0-9_-]{1,39}$/.test(namePrefix)) {
    problems.push(`namePrefix '${namePrefix}' has to be 1 to 39 letters, digits, dashes and underscores`);
  }
  if (maxAge && !(maxAge.toSeconds() >= 60)) problems.push(`maxAge is ${maxAge.toHumanString()}: give a minute or more`);
  check(problems, 'maxConcurrency', maxConcurrency, 2);
  check(problems, 'maxAttempts', maxAttempts, 1);
  if (props.queue?.fifo) problems.push('the queue is FIFO, which EventBridge does not feed by business key: supply one that is not');
  if (props.queue && props.maxAttempts !== undefined) problems.push('maxAttempts would change nothing: the queue is supplied');
  if (problems.length > 0) throw new Error(`the trigger can't be made: ${problems.join('; ')}`);
}

function isPath(text: string): boolean {
  try {
    const path = parseJsonPath(text);
    return isReferencePath(path) && path.segments.length > 0;
  } catch {
    return false;
  }
}

function check(problems: string[], name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > 1000)
    problems.push(`${name} is ${value}: give a whole number from ${least} to 1000`);
}
