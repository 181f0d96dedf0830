import { join } from 'node:path';
import {
  aws_apigatewayv2 as apigateway,
  Duration,
  aws_dynamodb as dynamodb,
  aws_iam as iam,
  aws_apigatewayv2_integrations as integrations,
  aws_kms as kms,
  aws_lambda as lambda,
  aws_logs as logs,
  RemovalPolicy,
  Stack,
  type StackProps,
  aws_scheduler as scheduler,
  aws_sns as sns,
  TimeZone,
  Validations,
} from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { EtlPeriod, FanInEtl, HandlerFunction, Job, ObjectMatch, OnSourceMissing } from '../../lib';
import { acknowledgeWildcards } from '../../lib/core/acknowledge-wildcards';
import { operatorTopic } from '../operator-topic';
import { incomingBucket } from '../sample-bucket';

export interface MonthlyReportProps extends StackProps {
  /** Who gets the report. @default - nobody at example.com */
  readonly recipients?: string[];
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
  /** Whether a run starts on the 2nd of each month for the month before. @default false */
  readonly monthly?: boolean;
}

/** A month's trips, a CSV, beside the invoice for them, a JSON document: one report a month, by mail, behind a link that expires. */
export class MonthlyReportStack extends Stack {
  constructor(scope: Construct, id: string, props: MonthlyReportProps = {}) {
    super(scope, id, props);
    const incoming = incomingBucket(this);
    const deliveries = new dynamodb.Table(this, 'Deliveries', {
      partitionKey: { name: 'report', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const linkKey = new kms.Key(this, 'LinkKey', {
      description: 'Signs the links of monthly reports',
      keySpec: kms.KeySpec.HMAC_256,
      keyUsage: kms.KeyUsage.GENERATE_VERIFY_MAC,
    });
    const topic = this.mailTopic(props.recipients ?? ['board@example.com', 'finance@example.com']);
    const api = new apigateway.HttpApi(this, 'Api', { description: 'Shows reports', createDefaultStage: false });

    const readBookings = this.handler('ReadBookings', 'read-bookings');
    const readInvoice = this.handler('ReadInvoice', 'read-invoice');
    const renderReport = this.handler('RenderReport', 'render-report');
    const deliverReport = this.handler('DeliverReport', 'deliver-report', {
      TABLE_NAME: deliveries.tableName,
      KEY_ID: linkKey.keyArn,
      TOPIC_ARN: topic.topicArn,
      API_URL: api.apiEndpoint,
    });
    const timeout = Duration.minutes(1);
    const dataset = (name: string, extension: string, handler: HandlerFunction) => ({
      name,
      bucket: incoming,
      match: ObjectMatch.key(`{% "${name}/" & $states.input.period & ".${extension}" %}`, { within: `${name}/` }),
      job: Job.invoke(handler.alias, { timeout }),
    });
    const etl = new FanInEtl(this, 'Report', {
      notificationTopic: operatorTopic(this, props.operator),
      period: EtlPeriod.MONTH,
      sources: [dataset('bookings', 'csv', readBookings), dataset('invoice', 'json', readInvoice)],
      join: Job.invoke(renderReport.alias, { timeout }),
      onJoined: Job.invoke(deliverReport.alias, { timeout }).step(this, 'SendReport', { outcomeField: 'delivery' }),
      deadline: Duration.days(10),
      onMissing: OnSourceMissing.fail(),
      outputPrefix: 'reports/',
      sweepInterval: Duration.hours(6),
      ...(props.monthly && {
        schedule: scheduler.ScheduleExpression.cron({ day: '2', hour: '6', minute: '0', timeZone: TimeZone.of('Europe/Amsterdam') }),
        // The 2nd less half a month is in the month before, whatever the clocks.
        scheduledPeriodBack: Duration.days(15),
      }),
    });
    const showReport = this.handler('ShowReport', 'show-report', { BUCKET: etl.outputBucket.bucketName, KEY_ID: linkKey.keyArn });

    const output = (name: string) => etl.outputBucket.arnForObjects(`reports/*/${name}`);
    this.allow(
      readBookings,
      { actions: ['s3:GetObject'], resources: [incoming.arnForObjects('bookings/*')] },
      { actions: ['s3:PutObject'], resources: [output('bookings.json')] },
    );
    this.allow(
      readInvoice,
      { actions: ['s3:GetObject'], resources: [incoming.arnForObjects('invoice/*')] },
      { actions: ['s3:PutObject'], resources: [output('invoice.json')] },
    );
    this.allow(
      renderReport,
      { actions: ['s3:GetObject'], resources: [output('bookings.json'), output('invoice.json')] },
      { actions: ['s3:PutObject'], resources: [output('report.html')] },
    );
    this.allow(
      deliverReport,
      { actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], resources: [deliveries.tableArn] },
      { actions: ['kms:GenerateMac'], resources: [linkKey.keyArn] },
      { actions: ['sns:Publish'], resources: [topic.topicArn] },
    );
    this.allow(
      showReport,
      { actions: ['s3:GetObject'], resources: [output('report.html')] },
      { actions: ['kms:VerifyMac'], resources: [linkKey.keyArn] },
    );
    this.serve(api, showReport);
  }

  private handler(id: string, name: string, environment?: { [name: string]: string }): HandlerFunction {
    const code = lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'patterns', 'monthly-report', name), {
      exclude: ['sources.json'],
    });
    return new HandlerFunction(this, id, { code, environment, timeout: Duration.seconds(50), memorySize: 512 });
  }

  private allow({ role }: HandlerFunction, ...statements: iam.PolicyStatementProps[]): void {
    const policy = new iam.Policy(role, 'Data', { roles: [role], statements: statements.map((props) => new iam.PolicyStatement(props)) });
    acknowledgeWildcards(policy, 'Months and runs are part of the keys, and their names are made when they start.');
  }

  private mailTopic(recipients: string[]): sns.Topic {
    const topic = new sns.Topic(this, 'Mail', { displayName: 'Monthly report', enforceSSL: true });
    for (const [i, endpoint] of recipients.entries()) {
      const subscription = new sns.Subscription(this, `MailTo${i + 1}`, { topic, protocol: sns.SubscriptionProtocol.EMAIL, endpoint });
      acknowledge(subscription, 'Serverless-SNSRedrivePolicy', 'SNS does not move failed mail to a dead-letter queue.');
    }
    return topic;
  }

  /** Throttled, because anybody may knock. */
  private serve(api: apigateway.HttpApi, showReport: HandlerFunction): void {
    const accessLogs = new logs.LogGroup(this, 'AccessLogs', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: 5, burstLimit: 10 },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(accessLogs),
        // Without the path: it is the link.
        format: AccessLogFormat.custom(
          '{"requestId":"$context.requestId","requestTime":"$context.requestTime","ip":"$context.identity.sourceIp","status":"$context.status"}',
        ),
      },
    });
    const routes = api.addRoutes({
      path: '/{link}',
      methods: [apigateway.HttpMethod.GET, apigateway.HttpMethod.HEAD],
      integration: new integrations.HttpLambdaIntegration('Show', showReport.alias),
    });
    for (const route of routes) acknowledge(route, 'AwsSolutions-APIG4', "The link's signature is the authorization.");
  }
}

function acknowledge(construct: Construct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
