import {
  type aws_apigatewayv2 as apigateway,
  Duration,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_iam as iam,
  aws_kms as kms,
  Stack,
  type aws_stepfunctions as sfn,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import { dataRemovalPolicy } from '../../core/data-removal';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { thresholdAlarm } from '../../core/threshold-alarm';
import { workflowTable } from '../../core/workflow-table';
import type { ApprovalAlarmProps } from './approval-alarm-props';
import { makeApi, routePage, routeSignedIn } from './approval-api';
import type { ApprovalGateProps } from './approval-gate-props';
import { ApprovalStep } from './approval-step';
import type { ApprovalStepProps } from './approval-step-props';
import { ChannelTargets } from './channel-targets';
import { assertPortalProps } from './portal-props';
import { makeReminders, type Reminders } from './reminders';

const DECIDED_NOT_ANSWERED = 'unanswered';

/** Of the table's actions, those that need no more of its key than `kms:Decrypt`. */
const READING: readonly string[] = ['dynamodb:GetItem', 'dynamodb:Query'];

/**
 * Asks people, inside anybody's workflow: `gate.step(…)` gives steps that wait for one decision.
 *
 * An approver gets a message with a link and a short code. The link shows a page and changes nothing, so a mail scanner that follows
 * it does no harm; to decide takes the page's form and the code, which is not in the link. The link holds an opaque id, an expiry and a
 * signature, never the task token. One transaction decides, once, and writes the audit; the answer to Step Functions follows, and is
 * repeated by a later click or a sweeper if it got lost.
 */
export class ApprovalGate extends Construct {
  /** The requests: one row for each approver asked. */
  public readonly table: dynamodb.Table;
  /** Every decision of a person, each record with the hash of the one before it: only appended to. `stepworks audit verify` checks an export. */
  public readonly auditTable: dynamodb.Table;
  /** What links, codes and nonces are derived with. */
  public readonly signingKey: kms.IKey;
  /** The endpoint of the approver's page. */
  public readonly api: apigateway.HttpApi;
  /** Tells approvers. */
  public readonly notifyFunction: HandlerFunction;
  /** Shows the page, and may change nothing. */
  public readonly showFunction: HandlerFunction;
  /** Takes the decisions of the page's form. */
  public readonly respondFunction: HandlerFunction;
  /** Repeats answers that got lost. */
  public readonly sweepFunction: HandlerFunction;
  /** Takes decisions of who is signed in, by a token or by AWS credentials. */
  public readonly portalFunction?: HandlerFunction;
  private iamRoute?: apigateway.HttpRoute;
  private readonly channels: ChannelTargets;
  private readonly steps: string[] = [];
  private reminders?: Reminders;
  private tied = false;

  constructor(scope: Construct, id: string, props: ApprovalGateProps = {}) {
    super(scope, id);
    assertPortalProps(this, props);
    const removalPolicy = dataRemovalPolicy(this, props.removalPolicy);
    this.table = workflowTable(this, 'Requests', props.encryptionKey, {
      partitionKey: { name: 'requestId', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      removalPolicy,
    });
    // Sparse: only rows that are decided and not answered have the attribute.
    this.table.addGlobalSecondaryIndex({
      indexName: DECIDED_NOT_ANSWERED,
      partitionKey: { name: DECIDED_NOT_ANSWERED, type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'decidedAt', type: dynamodb.AttributeType.STRING },
    });
    this.auditTable = workflowTable(this, 'Audit', props.encryptionKey, {
      partitionKey: { name: 'chain', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sequence', type: dynamodb.AttributeType.NUMBER },
      removalPolicy,
    });
    this.signingKey =
      props.signingKey ??
      new kms.Key(this, 'SigningKey', {
        description: `Derives the links, codes and nonces of the approvals of ${this.node.path}`,
        keySpec: kms.KeySpec.HMAC_256,
        keyUsage: kms.KeyUsage.GENERATE_VERIFY_MAC,
      });
    this.api = makeApi(this, props);
    const key = { KEY_ID: this.signingKey.keyRef.keyArn };
    this.notifyFunction = this.handler('notify', 'Tells an approver of a request', { ...key, API_URL: this.api.apiEndpoint });
    this.showFunction = this.handler('show', 'Shows the page of a request', key);
    this.respondFunction = this.handler('respond', 'Takes the decision of the page of a request', {
      ...key,
      AUDIT_TABLE_NAME: this.auditTable.tableName,
    });
    this.sweepFunction = this.handler('sweep', 'Repeats answers to Step Functions that got lost', {}, Duration.minutes(1));
    this.grantHandlers();
    this.channels = new ChannelTargets(this, this.notifyFunction.role, props.mailTopic);
    routePage(this.api, this.showFunction, this.respondFunction);
    this.portalFunction = this.makePortal(props);
    this.schedule(props.sweepInterval ?? Duration.minutes(30));
    if (props.alarms) this.watch(props.alarms);
    this.node.addValidation({
      validate: () =>
        this.steps.length > 0 && !this.tied
          ? [
              `the approval gate has the steps ${this.steps.map((step) => `'${step}'`).join(', ')} but may not answer any state machine: call grantTaskResponse(stateMachine) with the one that runs them`,
            ]
          : [],
    });
  }

  /**
   * Fresh steps that ask an approver and wait for the decision. What follows them (`.next`) is reached by approval only.
   *
   * - Input: an object.
   * - Output: the input with the outcome under `outcomeField`:
   *   `{ decision: "APPROVED" | "REJECTED" | "EXPIRED", by, at, reason, summaryHash }`. `by` is whose link decided, the escalated
   *   approver's if it came to that; an expired outcome has none. `reason` is there when one was given, and when it expired.
   *   A quorum's has `votes` as well, a list of `{ by, decision, at, reason }`.
   * - Errors: `ApprovalRejected`, without `onRejected`; `InvalidApprovalRequest`, for a summary that is too long to show, or a requester
   *   that is no text; `ApproverIsRequester`, when nobody else is left to ask; what Lambda throws if the approver can't be told, after
   *   retries.
   *
   * @param id name of the waiting state, unique in the state machine
   */
  public step(id: string, props: ApprovalStepProps): sfn.StateMachineFragment {
    this.steps.push(id);
    // The state's name may come again in another state machine; the construct's id may not.
    return new ApprovalStep(this, `Step${this.steps.length}`, id, props, this.notifyFunction.alias, this.channels, () =>
      this.remindersOf(),
    );
  }

  /** Lets the gate answer the tasks of this state machine, and no other's. Without it the app does not synthesize. */
  public grantTaskResponse(stateMachine: sfn.IStateMachine): void {
    this.tied = true;
    const portal = this.portalFunction ? [this.portalFunction] : [];
    for (const { role } of [this.respondFunction, this.sweepFunction, ...portal]) {
      iam.Grant.addToPrincipal({ grantee: role, actions: ['states:SendTaskSuccess'], resourceArns: [stateMachine.stateMachineArn] });
    }
  }

  /**
   * Lets a role send decisions to the route of `iamApprovers`, and call nothing else of the gate. Whose requests it may decide about is
   * said by `iamApprovers`. The permission is for all requests, whose ids are made at run time.
   * @throws without `iamApprovers`
   */
  public grantDecide(grantee: iam.IGrantable): iam.Grant {
    if (!this.iamRoute)
      throw new Error(`${this.node.path} has no route for signed requests: give it iamApprovers, which say whose role is whose`);
    return this.iamRoute.grantInvoke(grantee, { httpMethods: [HttpMethod.POST] });
  }

  private handler(name: string, description: string, environment: { [name: string]: string }, timeout?: Duration): HandlerFunction {
    return new HandlerFunction(this, name[0].toUpperCase() + name.slice(1), {
      code: handlerAsset(`lib/blocks/approval-gate/${name}`),
      description,
      timeout,
      environment: { TABLE_NAME: this.table.tableName, ...environment },
    });
  }

  private grantHandlers(): void {
    const [notify, respond, sweep] = [this.notifyFunction.role, this.respondFunction.role, this.sweepFunction.role];
    const show = this.showFunction.role;
    this.grantTable(notify, this.table.tableArn, 'dynamodb:UpdateItem');
    this.grantTable(show, this.table.tableArn, 'dynamodb:GetItem');
    this.grantTable(respond, this.table.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.grantTable(respond, this.auditTable.tableArn, 'dynamodb:PutItem', 'dynamodb:Query');
    this.grantTable(sweep, this.table.tableArn, 'dynamodb:UpdateItem');
    this.grantTable(sweep, `${this.table.tableArn}/index/${DECIDED_NOT_ANSWERED}`, 'dynamodb:Query');
    for (const role of [notify, show, respond]) {
      iam.Grant.addToPrincipalOrResource({
        grantee: role,
        actions: ['kms:GenerateMac'],
        resourceArns: [this.signingKey.keyRef.keyArn],
        resource: this.signingKey,
        resourceSelfArns: ['*'],
      });
    }
  }

  /** Not `table.grant`, which would add every index. */
  private grantTable(grantee: iam.IRole, resourceArn: string, ...actions: string[]): void {
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [resourceArn] });
    const { encryptionKey } = this.table;
    if (actions.every((action) => READING.includes(action))) encryptionKey?.grantDecrypt(grantee);
    else encryptionKey?.grantEncryptDecrypt(grantee);
  }

  private makePortal(props: ApprovalGateProps): HandlerFunction | undefined {
    const { portalIssuer, portalIdentityClaim = 'email', iamApprovers } = props;
    if (portalIssuer === undefined && iamApprovers === undefined) return undefined;
    const iamRoles = iamApprovers?.map(({ _role, _identity }) => ({ roleArn: _role.roleArn, approver: _identity }));
    const portal = this.handler('portal', 'Takes decisions of approvers who are signed in', {
      AUDIT_TABLE_NAME: this.auditTable.tableName,
      ...(portalIssuer !== undefined && { IDENTITY_CLAIM: portalIdentityClaim }),
      ...(iamRoles && { IAM_APPROVERS: Stack.of(this).toJsonString(iamRoles) }),
    });
    this.grantTable(portal.role, this.table.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.grantTable(portal.role, this.auditTable.tableArn, 'dynamodb:PutItem', 'dynamodb:Query');
    this.iamRoute = routeSignedIn(this.api, portal, props);
    return portal;
  }

  private schedule(interval: Duration): void {
    const rule = new events.Rule(this, 'SweepSchedule', {
      description: 'Repeats answers to Step Functions that got lost',
      schedule: events.Schedule.rate(interval),
      targets: [new targets.LambdaFunction(this.sweepFunction.alias, { retryAttempts: 2 })],
    });
    acknowledge(rule, 'Serverless-EventBusDLQ', 'The event says nothing but the time: the next sweep does the same work.');
  }

  private watch({ action, sweepFailedThreshold }: ApprovalAlarmProps): void {
    if (sweepFailedThreshold === undefined) return;
    const metric = this.sweepFunction.function.metricErrors({ statistic: 'Sum', period: Duration.hours(1) });
    thresholdAlarm(this, 'SweepFailedAlarm', { metric, threshold: sweepFailedThreshold, action });
  }

  /** Made for the first step that reminds. Whom it reminds is then looked up. */
  private remindersOf(): Reminders {
    if (!this.reminders) {
      this.reminders = makeReminders(this, this.notifyFunction);
      this.grantTable(this.notifyFunction.role, this.table.tableArn, 'dynamodb:GetItem');
    }
    return this.reminders;
  }
}
