import {
  Duration,
  type aws_events as events,
  type aws_kms as kms,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isJsonata } from '../../asl/jsonata';
import { assertNotIgnored } from '../../core/assert-not-ignored';
import { KeyedPublish } from './keyed-publish';
import { bodyExpression, subjectExpression, valueExpression } from './message-text';
import type { NotificationEventProps } from './notification-event-props';
import type { NotificationMessageProps } from './notification-message-props';
import { NotificationStep } from './notification-step';

/** Properties of `WorkflowNotification`. */
export interface WorkflowNotificationProps {
  /** Who gets messages: a topic that is not FIFO. @default - a new topic, with the first message */
  readonly topic?: sns.ITopic;
  /** Encrypts a new topic. @default - not encrypted at rest with a key; TLS only */
  readonly encryptionKey?: kms.IKey;
  /** The bus that events are put on. @default - the default bus */
  readonly eventBus?: events.IEventBus;
  /** Who speaks: the `source` of events. @default - the construct's path, such as "stepworks.Orders.Notification" */
  readonly eventSource?: string;
  /** Regular expressions of what no message may show, such as `\\d{13,19}`: it becomes `[hidden]`. They have to mean the same in JavaScript and Java. @default - none */
  readonly redact?: string[];
}

const TIMEOUT = sfn.Timeout.duration(Duration.seconds(15));

/**
 * Tells people and programs what a workflow has done, from the middle or the end of anybody's definition: `publish(…)` gives steps that
 * send a message, `putEvent(…)` steps that put an event on a bus.
 *
 * Runs that failed are not its affair: nothing inside a run sees all of them. `notificationTopic` of the workflows tells of those, from outside.
 */
export class WorkflowNotification extends Construct {
  private readonly redact: string[];
  private readonly eventSource: string;
  private made?: sns.ITopic;
  private steps = 0;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkflowNotificationProps = {},
  ) {
    super(scope, id);
    this.redact = props.redact ?? [];
    this.eventSource = props.eventSource ?? `stepworks.${this.node.path.replace(/[^\w.-]+/g, '.')}`.slice(0, 256);
    assertProps(props, this.eventSource);
  }

  /** Who gets messages. */
  public get topic(): sns.ITopic {
    this.made ??= this.props.topic ?? new sns.Topic(this, 'Topic', { enforceSSL: true, masterKey: this.props.encryptionKey });
    return this.made;
  }

  /**
   * Fresh steps that send a message.
   *
   * - Input: any.
   * - Output: the input.
   * - Errors: with `mustArrive` those of SNS, after retries, and `States.QueryEvaluationError`; otherwise none.
   *
   * A message may come twice. Costs one state transition, two when it could not be sent.
   *
   * @param name of the state, unique in the state machine
   */
  public publish(name: string, props: NotificationMessageProps): sfn.StateMachineFragment {
    assertMessage(name, props);
    return this.step(
      name,
      props.mustArrive ?? false,
      (scope) =>
        new KeyedPublish(scope, name, {
          topic: this.topic,
          subject: `{% ${subjectExpression(props, this.redact, name)} %}`,
          message: sfn.TaskInput.fromText(`{% ${bodyExpression(props, this.redact)} %}`),
          taskTimeout: TIMEOUT,
          outputs: '{% $states.input %}',
        }),
    );
  }

  /**
   * Fresh steps that put an event on the bus.
   *
   * - Input: any.
   * - Output: the input.
   * - Errors: those of EventBridge, after retries, `EventBridge.FailedEntry` among them, and `States.QueryEvaluationError`; none with `mustArrive: false`.
   *
   * An event may come twice; `detail.executionArn` tells. Costs one state transition, two when it could not be sent.
   *
   * @param name of the state, unique in the state machine
   */
  public putEvent(name: string, props: NotificationEventProps): sfn.StateMachineFragment {
    assertEvent(name, props);
    const detail = { executionArn: '{% $states.context.Execution.Id %}', ...props.detail };
    const members = Object.entries(detail).map(([field, value]) => `${JSON.stringify(field)}: ${valueExpression(value)}`);
    return this.step(name, props.mustArrive ?? true, (scope) =>
      tasks.EventBridgePutEvents.jsonata(scope, name, {
        entries: [
          {
            eventBus: this.props.eventBus,
            source: this.eventSource,
            detailType: props.detailType,
            detail: sfn.TaskInput.fromText(`{% { ${members.join(', ')} } %}`),
          },
        ],
        taskTimeout: TIMEOUT,
        outputs: '{% $states.input %}',
      }),
    );
  }

  private step(name: string, mustArrive: boolean, make: (scope: Construct) => sfn.TaskStateBase): NotificationStep {
    // The state's name may come again in another state machine; the construct's id may not.
    return new NotificationStep(this, `Step${++this.steps}`, name, mustArrive, make);
  }
}

function assertProps({ topic, encryptionKey, redact = [] }: WorkflowNotificationProps, eventSource: string): void {
  if (topic?.fifo) throw new Error('the topic is FIFO, which sends no mail: supply one that is not');
  if (topic) assertNotIgnored({ encryptionKey }, 'the topic is supplied');
  if (eventSource.startsWith('aws.')) throw new Error(`eventSource '${eventSource}' begins with "aws.", which only AWS may use`);
  for (const pattern of redact) {
    if (new RegExp(pattern).test(''))
      throw new Error(`redact has the pattern '${pattern}', which also means an empty text: let it mean at least one character`);
  }
}

function assertMessage(name: string, { subject, fields }: NotificationMessageProps): void {
  const problems: string[] = [];
  const count = Object.keys(fields).length;
  if (subject === '') problems.push('its subject is empty');
  if (count > 50) problems.push(`it has ${count} fields, at most 50 are allowed`);
  if (Object.keys(fields).some((label) => label.trim() === '')) problems.push('a label is empty');
  for (const [label, value] of [['subject', subject], ...Object.entries(fields)]) problems.push(...leaks(label, value));
  if (problems.length > 0) throw new Error(`the message '${name}' can't be made: ${problems.join('; ')}`);
}

function assertEvent(name: string, { detailType, detail }: NotificationEventProps): void {
  const problems = Object.entries(detail).flatMap(([field, value]) => leaks(field, value));
  if (detailType === '' || detailType.length > 128 || isJsonata(detailType)) {
    problems.push(`detailType ${JSON.stringify(detailType)} has to be a text of 1 to 128 characters`);
  }
  if (problems.length > 0) throw new Error(`the event '${name}' can't be made: ${problems.join('; ')}`);
}

/** What nobody meant to tell: the token that answers a task, or all that there is. */
function leaks(label: string, value: string): string[] {
  if (!isJsonata(value)) return [];
  if (/\$states\.context\.Task\b/.test(value)) return [`'${label}' would tell a task token, with which anybody may answer the task`];
  if (/^\{%\s*\(?\s*\$states(\.input|\.context)?\s*\)?\s*%\}$/.test(value))
    return [`'${label}' would tell everything: name the field that is meant`];
  return [];
}
