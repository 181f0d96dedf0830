import {
  aws_apigatewayv2 as apigateway,
  aws_apigatewayv2_authorizers as authorizers,
  Duration,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_iam as iam,
  aws_apigatewayv2_integrations as integrations,
  aws_kms as kms,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  aws_scheduler as scheduler,
  type aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import { dataRemovalPolicy } from '../../core/data-removal';
import { handlerAsset } from '../../core/handler-asset';
import { HandlerFunction } from '../../core/handler-function';
import { thresholdAlarm } from '../../core/threshold-alarm';
import { workflowTable } from '../../core/workflow-table';
import type { ApprovalAlarmProps } from './approval-alarm-props';
import type { ApprovalChannelConfig, IApprovalChannel } from './approval-channel';
import { ApprovalStep, type ChannelTarget, type Reminders } from './approval-step';
import type { ApprovalStepProps } from './approval-step-props';
import type { Approver } from './approver';
import type { IamApprover } from './iam-approver';
import { assertPortalProps } from './portal-props';

/** Properties of `ApprovalGate`. */
export interface ApprovalGateProps {
  /** The topic that mail goes through. Its subscribers get every approver's links, so subscribe nobody to it yourself. @default - a new topic, when somebody is asked by mail */
  readonly mailTopic?: sns.ITopic;
  /** The key that links, codes and nonces are derived with: KMS, key spec HMAC_256. @default - a new key */
  readonly signingKey?: kms.IKey;
  /** Encrypts the table of requests, which holds task tokens, and the audit. @default - the AWS managed key of DynamoDB */
  readonly encryptionKey?: kms.IKey;
  /** What becomes of the requests and the audit, the record of who decided what, when the stack is deleted. DESTROY takes the context `stepworks:removeData` as well. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Lets approvers decide who are signed in to a portal of your own: the issuer of its tokens, any OpenID Connect provider, as its
   * `iss` claim says. They send their decisions as JSON to `POST /decisions/{requestId}`, beside the links of mail and channels.
   * @default - decisions come by link only
   */
  readonly portalIssuer?: string;
  /** Whom the tokens have to be meant for: client ids, one of which is the `aud` or `client_id` of a token. @default - needed with portalIssuer */
  readonly portalAudience?: string[];
  /** The claim whose value is the approver's identity. With `email`, an address that the issuer says is not verified is refused. @default "email" */
  readonly portalIdentityClaim?: string;
  /** Scopes one of which a token has to have: with them, ID tokens don't pass for access tokens. @default - none */
  readonly portalScopes?: string[];
  /**
   * Lets approvers decide with their AWS credentials: requests to `POST /iam-decisions/{requestId}` that are signed with Signature Version 4.
   * Says which role is whose, 20 at most; `grantDecide` lets a role call. @default - no such route
   */
  readonly iamApprovers?: IamApprover[];
  /**
   * Origins of portals whose pages call the decide routes from the browser, such as `https://desk.example.com`: scheme, host and port.
   * The API then answers requests of these origins with CORS headers, without credentials (cookies). `http` is for this machine only.
   * @default - none: portals call from their servers
   */
  readonly portalOrigins?: string[];
  /** How often decisions are looked for that did not reach Step Functions. @default Duration.minutes(30) */
  readonly sweepInterval?: Duration;
  /** Alarms by threshold, with an action. @default - no alarms */
  readonly alarms?: ApprovalAlarmProps;
}

const DECIDED_NOT_ANSWERED = 'unanswered';

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
  /** Shows the page and takes decisions. */
  public readonly respondFunction: HandlerFunction;
  /** Repeats answers that got lost. */
  public readonly sweepFunction: HandlerFunction;
  /** Takes decisions of who is signed in, by a token or by AWS credentials. */
  public readonly portalFunction?: HandlerFunction;
  private iamRoute?: apigateway.HttpRoute;
  private topic?: sns.ITopic;
  private readonly subscribed = new Map<string, sns.Subscription>();
  private readonly channels = new Map<IApprovalChannel, ChannelTarget>();
  private readonly steps: string[] = [];
  private reminders?: Reminders;
  private tied = false;

  constructor(scope: Construct, id: string, props: ApprovalGateProps = {}) {
    super(scope, id);
    assertPortalProps(this, props);
    this.topic = props.mailTopic;
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
    this.api = new apigateway.HttpApi(this, 'Api', {
      description: 'The page of approvers',
      createDefaultStage: false,
      corsPreflight: corsFor(props),
    });
    const key = { KEY_ID: this.signingKey.keyRef.keyArn };
    this.notifyFunction = this.handler('notify', 'Tells an approver of a request', { ...key, API_URL: this.api.apiEndpoint });
    this.respondFunction = this.handler('respond', 'Shows the page of a request and takes the decision', {
      ...key,
      AUDIT_TABLE_NAME: this.auditTable.tableName,
    });
    this.sweepFunction = this.handler('sweep', 'Repeats answers to Step Functions that got lost', {}, Duration.minutes(1));
    this.grantHandlers();
    this.serve();
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
    return new ApprovalStep(
      this,
      `Step${this.steps.length}`,
      id,
      props,
      this.notifyFunction.alias,
      (approver) => this.channelOf(approver),
      () => this.makeReminders(),
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
    return this.iamRoute.grantInvoke(grantee, { httpMethods: [apigateway.HttpMethod.POST] });
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
    this.grantTable(notify, this.table.tableArn, 'dynamodb:UpdateItem');
    this.grantTable(respond, this.table.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.grantTable(respond, this.auditTable.tableArn, 'dynamodb:PutItem', 'dynamodb:Query');
    this.grantTable(sweep, this.table.tableArn, 'dynamodb:UpdateItem');
    this.grantTable(sweep, `${this.table.tableArn}/index/${DECIDED_NOT_ANSWERED}`, 'dynamodb:Query');
    for (const role of [notify, respond]) {
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
    this.table.encryptionKey?.grantEncryptDecrypt(grantee);
  }

  /** Three routes on one path; throttled, because anybody may knock. */
  private serve(): void {
    const accessLogs = new logs.LogGroup(this, 'AccessLogs', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 10, burstLimit: 20 },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(accessLogs),
        // Without the path: it holds the link's signature.
        format: AccessLogFormat.custom(
          JSON.stringify({
            requestId: '$context.requestId',
            requestTime: '$context.requestTime',
            ip: '$context.identity.sourceIp',
            userAgent: '$context.identity.userAgent',
            route: '$context.routeKey',
            status: '$context.status',
          }),
        ),
      },
    });
    const routes = this.api.addRoutes({
      path: '/{link}',
      methods: [apigateway.HttpMethod.GET, apigateway.HttpMethod.HEAD, apigateway.HttpMethod.POST],
      integration: new integrations.HttpLambdaIntegration('Respond', this.respondFunction.alias),
    });
    for (const route of routes) {
      acknowledge(route, 'AwsSolutions-APIG4', "The link's signature is the authorization; deciding takes the code from the mail as well.");
    }
  }

  /** Routes for who is signed in: API Gateway checks token or signature, the function whose request it is. */
  private makePortal({
    portalIssuer,
    portalAudience = [],
    portalIdentityClaim = 'email',
    portalScopes,
    iamApprovers,
  }: ApprovalGateProps): HandlerFunction | undefined {
    if (portalIssuer === undefined && iamApprovers === undefined) return undefined;
    const iamRoles = iamApprovers?.map(({ _role, _identity }) => ({ roleArn: _role.roleArn, approver: _identity }));
    const portal = this.handler('portal', 'Takes decisions of approvers who are signed in', {
      AUDIT_TABLE_NAME: this.auditTable.tableName,
      ...(portalIssuer !== undefined && { IDENTITY_CLAIM: portalIdentityClaim }),
      ...(iamRoles && { IAM_APPROVERS: Stack.of(this).toJsonString(iamRoles) }),
    });
    this.grantTable(portal.role, this.table.tableArn, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.grantTable(portal.role, this.auditTable.tableArn, 'dynamodb:PutItem', 'dynamodb:Query');
    const decide = { methods: [apigateway.HttpMethod.POST], integration: new integrations.HttpLambdaIntegration('Portal', portal.alias) };
    if (portalIssuer !== undefined) {
      this.api.addRoutes({
        ...decide,
        path: '/decisions/{requestId}',
        authorizer: new authorizers.HttpJwtAuthorizer('PortalSignIn', portalIssuer, { jwtAudience: portalAudience }),
        authorizationScopes: portalScopes,
      });
    }
    if (iamApprovers) {
      const path = '/iam-decisions/{requestId}';
      [this.iamRoute] = this.api.addRoutes({ ...decide, path, authorizer: new authorizers.HttpIamAuthorizer() });
    }
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

  /** What the function that tells approvers makes a schedule with for each reminder, and is called by when its time has come. */
  private makeReminders(): Reminders {
    if (this.reminders) return this.reminders;
    const group = new scheduler.CfnScheduleGroup(this, 'Reminders');
    const role = new iam.Role(this, 'ReminderRole', {
      description: 'Lets reminders of approvals call the function that tells approvers',
      // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceArn': group.attrArn } } }),
    });
    const { alias, function: notify, role: grantee } = this.notifyFunction;
    iam.Grant.addToPrincipal({ grantee: role, actions: ['lambda:InvokeFunction'], resourceArns: [alias.functionArn] });
    const policy = new iam.Policy(this, 'ReminderPolicy', {
      roles: [grantee],
      statements: [
        new iam.PolicyStatement({
          actions: ['scheduler:CreateSchedule'],
          resources: [Stack.of(this).formatArn({ service: 'scheduler', resource: 'schedule', resourceName: `${group.ref}/*` })],
        }),
        new iam.PolicyStatement({
          actions: ['iam:PassRole'],
          resources: [role.roleArn],
          conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
        }),
      ],
    });
    notify.node.addDependency(policy);
    acknowledgeWildcards(policy, "The schedules of the gate's own group: made at run time, one for each reminder.");
    this.grantTable(grantee, this.table.tableArn, 'dynamodb:GetItem');
    this.reminders = { groupName: group.ref, roleArn: role.roleArn };
    return this.reminders;
  }

  private channelOf(approver: Approver): ChannelTarget {
    return approver.channel ? this.targetOf(approver.channel) : { type: 'email', target: this.mailTo(approver.identity) };
  }

  /** One subscription for each approver, which lets through what is meant for them. */
  private mailTo(address: string): string {
    if (!this.topic) {
      this.topic = new sns.Topic(this, 'Mail', { displayName: 'Approvals', enforceSSL: true });
    }
    if (this.subscribed.size === 0) this.grantPublish(this.topic);
    if (!this.subscribed.has(address)) {
      const subscription = new sns.Subscription(this, `MailTo${this.subscribed.size + 1}`, {
        topic: this.topic,
        protocol: sns.SubscriptionProtocol.EMAIL,
        endpoint: address,
        filterPolicy: { approver: sns.SubscriptionFilter.stringFilter({ allowlist: [address] }) },
      });
      acknowledge(
        subscription,
        'Serverless-SNSRedrivePolicy',
        'SNS does not move failed mail to a dead-letter queue; a request that reaches nobody expires and goes its way.',
      );
      this.subscribed.set(address, subscription);
    }
    return this.topic.topicArn;
  }

  private targetOf(channel: IApprovalChannel): ChannelTarget {
    const known = this.channels.get(channel);
    if (known) return known;
    const config = channel.bind(new Construct(this, `Channel${this.channels.size + 1}`));
    const given = Object.entries(config).filter(([, value]) => value !== undefined);
    const target = given.length === 1 ? this.grantChannel(config) : undefined;
    if (!target) {
      throw new Error(
        `an approval channel has to give exactly one of topic, queue and function, but gave ${given.map(([name]) => name).join(' and ') || 'none'}`,
      );
    }
    this.channels.set(channel, target);
    return target;
  }

  private grantChannel({ topic, queue, function: handler }: ApprovalChannelConfig): ChannelTarget | undefined {
    const grantee = this.notifyFunction.role;
    if (topic) {
      this.grantPublish(topic);
      return { type: 'sns', target: topic.topicArn };
    }
    if (queue) {
      iam.Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
      queue.encryptionMasterKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
      return { type: 'sqs', target: queue.queueUrl };
    }
    if (!handler) return undefined;
    iam.Grant.addToPrincipal({ grantee, actions: ['lambda:InvokeFunction'], resourceArns: [handler.functionArn] });
    return { type: 'lambda', target: handler.functionArn };
  }

  private grantPublish(topic: sns.ITopic): void {
    const grantee = this.notifyFunction.role;
    iam.Grant.addToPrincipal({ grantee, actions: ['sns:Publish'], resourceArns: [topic.topicArn] });
    topic.masterKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
  }
}

/** A token or a signature is in a header that the page's script sets itself: no cookies, no credentials. */
function corsFor({ portalOrigins, iamApprovers }: ApprovalGateProps): apigateway.CorsPreflightOptions | undefined {
  if (!portalOrigins) return undefined;
  const signing = iamApprovers ? ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'] : [];
  return {
    allowOrigins: portalOrigins,
    allowMethods: [apigateway.CorsHttpMethod.POST],
    allowHeaders: ['authorization', 'content-type', ...signing],
    maxAge: Duration.hours(1),
  };
}
