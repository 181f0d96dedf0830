import {
  Annotations,
  type aws_cloudwatch as cloudwatch,
  Duration,
  type aws_events as events,
  aws_iam as iam,
  Lazy,
  type RemovalPolicy,
  Stack,
  type aws_s3 as s3,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
  Token,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import { Lease } from '../blocks/lease/lease';
import { Trigger } from '../blocks/trigger/trigger';
import { TriggerSource } from '../blocks/trigger/trigger-source';
import { WorkflowNotification } from '../blocks/workflow-notification/workflow-notification';
import { InputField } from '../core/input-validation/input-field';
import { InputValidation } from '../core/input-validation/input-validation';
import { ObservedStateMachine, type WorkflowProps } from '../core/observed-state-machine';
import { recordBucket } from '../core/record-bucket';
import { ExceptionAlarm } from './exception-alarm';
import { GuardFunctions } from './guard-functions';
import { GuardWorkflow } from './guard-workflow';
import { policyWrites, regionProblem } from './iam-events';
import { OnViolation } from './on-violation';
import { quarantinePolicy } from './quarantine-policy';
import type { RestrictedAction } from './restricted-action';

/** Properties of `PolicyGuard`. */
export interface PolicyGuardProps extends WorkflowProps {
  /** What no policy may grant before a person has approved it: at least one. */
  readonly restrictedActions: RestrictedAction[];
  /** What is done about a policy that grants it. @default OnViolation.observe() */
  readonly onViolation?: OnViolation;
  /** Told of every violation and what became of it: people who look at once. */
  readonly reportTopic: sns.ITopic;
  /**
   * Who may write what is restricted, such as a deployment role: ARNs of roles, users or sessions, with wildcards, or services such as `cloudformation.amazonaws.com`
   * for what they do on anybody's behalf. What they write is kept as evidence and reported, with an alarm of its own, and not contained. @default - nobody
   */
  readonly exemptPrincipals?: string[];
  /**
   * ARNs of roles and users for emergencies, with wildcards. What they write is reported to `breakGlassTopic`, with an alarm of its own, and not contained, and no quarantine is ever attached to
   * them. @default - nobody
   */
  readonly breakGlassPrincipals?: string[];
  /** Told when a break-glass principal writes what is restricted. @default - `reportTopic` */
  readonly breakGlassTopic?: sns.ITopic;
  /** Where evidence is kept: a bucket with versions. @default - a new bucket */
  readonly evidenceBucket?: s3.IBucket;
  /** What becomes of a new bucket when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Has the question about one policy asked one at a time. @default - a new lease, with `OnViolation.contain` */
  readonly lease?: Lease;
  /** The bus that gets the events of IAM through `IamEventForwarding`, in a region that has none itself. @default - the default bus */
  readonly eventBus?: events.IEventBus;
  /** How long a run may take, the waits for people in it. @default Duration.days(30) */
  readonly timeout?: Duration;
}

/**
 * Watches who writes policies of IAM. A policy that grants what is restricted is reported or, with `OnViolation.contain`, loses its force at once until an administrator
 * has approved it: a managed policy goes back to its newest compliant version; whoever has one without such a version, or an inline policy, is quarantined by an
 * explicit deny. Nothing is deleted or rewritten, so that an approval restores exactly what was there.
 *
 * - Input: `{ event }`, the record of CloudTrail of a call that writes a policy. The guard's own trigger gives it.
 * - Output: `{ id, status, policy, call, actor, at, reason, contained, documentHash?, evidence?, approval?, restoration? }`. `status` is `COMPLIANT`, `IGNORED` (a
 *   failed call, one of the guard itself, one that writes no policy), `OBSERVED`, `EXEMPT`, `BREAK_GLASS`, `TAMPERED` (a policy of the guard was written by others),
 *   `RESTORED`, `KEPT` (denied, or nobody decided), `HELD` (approved, but another case holds the same principal), `NOT_ASKED` (contained; other questions about the
 *   policy took too long) or `UNCONTAINED` (there was nothing to contain; the message says why). Each but the first two is told to a topic.
 * - Errors: `InvalidInput`; `NotContained` when IAM would not have it, with a page; `NotRestored` when what was approved has changed or can't be put back, with a page; IAM's and S3's own
 *   when nothing can be read or kept, after retries.
 *
 * Kept below `cases/<execution>/` of the evidence bucket before anything is changed: the record, the live document, all versions, whom it is attached to.
 *
 * Costs five state transitions for a policy that is compliant, some 20 for one that is contained and decided.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
export class PolicyGuard extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** The state machine with its role and logs. */
  public readonly observed: ObservedStateMachine;
  /** Starts a run for each call. */
  public readonly trigger: Trigger;
  /** Where evidence is kept. */
  public readonly evidenceBucket: s3.IBucket;
  /** What contained principals get: it denies, and grants nothing. */
  public readonly quarantinePolicy: iam.ManagedPolicy;
  /** What asks the administrator; none when only observing. */
  public readonly gate?: ApprovalGate;
  /** Has questions about one policy asked one at a time; none when only observing. */
  public readonly lease?: Lease;
  /** On while exempt principals write what is restricted; none when nobody is exempt. */
  public readonly exemptAlarm?: cloudwatch.Alarm;
  /** On while break-glass principals write what is restricted; none when there are none. */
  public readonly breakGlassAlarm?: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: PolicyGuardProps) {
    super(scope, id);
    assertProps(this, props);
    const { timeout = Duration.days(30), exemptPrincipals = [], breakGlassPrincipals = [] } = props;
    const restrictedActions = props.restrictedActions.map(({ _rule }) => _rule);
    const { _containment: containment } = props.onViolation ?? OnViolation.observe();
    this.evidenceBucket = props.evidenceBucket ?? recordBucket(this, 'Evidence', props.removalPolicy);
    this.quarantinePolicy = quarantinePolicy(this, 'Quarantine', restrictedActions);
    this.gate = containment && (containment.gate ?? new ApprovalGate(this, 'Gate'));
    this.lease = containment && (props.lease ?? new Lease(this, 'Lease'));
    const functions = new GuardFunctions(this, 'Functions', {
      rules: { restrictedActions, exemptPrincipals, breakGlassPrincipals },
      evidence: this.evidenceBucket,
      quarantine: this.quarantinePolicy,
      contains: containment !== undefined,
      ownRoles: Lazy.string({ produce: () => this.ownRoles() }),
    });
    const reports = new WorkflowNotification(this, 'Reports', { topic: props.reportTopic });
    const breakGlassReports = props.breakGlassTopic
      ? new WorkflowNotification(this, 'BreakGlass', { topic: props.breakGlassTopic })
      : reports;
    const { gate, lease } = this;
    const alarms = {
      exempt: this.exceptionAlarm('ExemptAlarm', 'Exempt', exemptPrincipals, props.reportTopic),
      breakGlass: this.exceptionAlarm('BreakGlassAlarm', 'BreakGlass', breakGlassPrincipals, props.breakGlassTopic ?? props.reportTopic),
    };
    const { steps } = new GuardWorkflow(this, 'Steps', {
      functions,
      reports,
      breakGlassReports,
      alarms,
      containment,
      gate,
      lease,
      timeout,
    });
    const text = InputField.ofString({ maxLength: 128 });
    const input = new InputValidation(this, 'Input', {
      fields: { event: InputField.ofObject({ eventID: text, eventName: text, eventTime: text }) },
    });
    this.observed = new ObservedStateMachine(this, 'Workflow', {
      ...props,
      stateMachineType: sfn.StateMachineType.STANDARD,
      // Beside the lease, whose turn may take two weeks to come.
      timeout: containment ? timeout.plus(Duration.days(15)) : Duration.hours(2),
      definition: input.next(steps),
      comment: 'Judges policies of IAM when they are written',
    });
    this.stateMachine = this.observed.stateMachine;
    for (const alarm of [alarms.exempt, alarms.breakGlass]) {
      if (alarm) (this.stateMachine.node.defaultChild as sfn.CfnStateMachine).node.addDependency(alarm.grantCount(this.observed.role));
    }
    this.exemptAlarm = alarms.exempt?.alarm;
    this.breakGlassAlarm = alarms.breakGlass?.alarm;
    this.gate?.grantTaskResponse(this.stateMachine);
    this.lease?.grantHold(this.stateMachine);
    this.trigger = new Trigger(this, 'OnPolicyWritten', {
      stateMachine: this.stateMachine,
      source: TriggerSource.eventPattern(policyWrites(), { eventBus: props.eventBus }),
      businessKey: ['$.detail.eventID'],
      input: { event: '$.detail' },
      namePrefix: 'case',
    });
  }

  private exceptionAlarm(id: string, metricName: string, principals: string[], topic: sns.ITopic): ExceptionAlarm | undefined {
    if (principals.length === 0) return undefined;
    const description = `${metricName === 'Exempt' ? 'An exempt' : 'A break-glass'} principal wrote a policy that grants what ${this.node.path} restricts`;
    return new ExceptionAlarm(this, id, { metricName, description, topic });
  }

  /** Every role below this construct, by name. */
  private ownRoles(): string {
    const roles = this.node.findAll().filter((construct): construct is iam.Role => construct instanceof iam.Role);
    return Stack.of(this).toJsonString(roles.map(({ roleName }) => roleName));
  }
}

function assertProps(scope: Construct, props: PolicyGuardProps): void {
  const problems: string[] = [];
  const stack = Stack.of(scope);
  const region = props.eventBus ? undefined : regionProblem(stack);
  if (region) problems.push(`${region}: put the guard there, or an IamEventForwarding there and its bus here as eventBus`);
  if (!props.eventBus && Token.isUnresolved(stack.region)) {
    Annotations.of(scope).addWarningV2(
      'stepworks:iamEventRegion',
      "the stack's region is not known, and IAM puts its events on the bus of us-east-1 only: give the stack an env with that region",
    );
  }
  if (props.restrictedActions.length === 0)
    problems.push('restrictedActions is empty, so that nothing would be a violation: name at least one');
  const principals = [...(props.exemptPrincipals ?? []), ...(props.breakGlassPrincipals ?? [])];
  for (const principal of principals.filter((one) => !Token.isUnresolved(one))) {
    if (/^[*?:]*$/.test(principal)) problems.push(`'${principal}' among the principals is everybody: name whom you mean`);
    else if (!/^arn:[^:]*:(iam|sts)::[^:]*:.+$|^[\w.-]+[.]amazonaws[.]com$/.test(principal))
      problems.push(
        `'${principal}' is no principal: give an ARN such as 'arn:aws:iam::*:role/Deploy*', or a service such as 'cloudformation.amazonaws.com'`,
      );
  }
  const { timeout = Duration.days(30) } = props;
  const expiresIn = props.onViolation?._containment?.expiresIn;
  if (expiresIn && !expiresIn.isUnresolved() && expiresIn.toSeconds() > timeout.toSeconds())
    problems.push(`expiresIn is ${expiresIn.toHumanString()}, and timeout only ${timeout.toHumanString()}: give the run more time`);
  if (props.evidenceBucket && props.removalPolicy) problems.push('removalPolicy would change nothing: the evidence bucket is supplied');
  if (problems.length > 0) throw new Error(`the policy guard can't be made: ${problems.join('; ')}`);
}
