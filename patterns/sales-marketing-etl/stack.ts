import { join } from 'node:path';
import {
  ArnFormat,
  Duration,
  aws_glue as glue,
  aws_iam as iam,
  Stack,
  type StackProps,
  aws_s3_assets as s3Assets,
  aws_scheduler as scheduler,
  TimeZone,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DropComplete, FanInEtl, Job, ObjectMatch, OnSourceMissing } from '../../lib';
import { acknowledgeWildcards } from '../../lib/core/acknowledge-wildcards';
import { operatorTopic } from '../operator-topic';
import { incomingBucket } from '../sample-bucket';

export interface SalesMarketingEtlProps extends StackProps {
  /** What happens when a dataset is missing at the deadline. @default OnSourceMissing.joinPartial() */
  readonly onMissing?: OnSourceMissing;
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
  /** Whether a run starts each Monday for the week before. @default false */
  readonly weekly?: boolean;
}

/** A week's sales, one file that is overwritten each week, and its marketing, a folder for each week, joined by campaign. */
export class SalesMarketingEtlStack extends Stack {
  constructor(scope: Construct, id: string, props: SalesMarketingEtlProps = {}) {
    super(scope, id, props);
    const incoming = incomingBucket(this);

    const cleanSales = pythonJob(this, 'CleanSales', 'clean_sales.py');
    const cleanMarketing = pythonJob(this, 'CleanMarketing', 'clean_marketing.py');
    const joinCampaigns = pythonJob(this, 'JoinCampaigns', 'join_campaigns.py');
    const timeout = Duration.hours(2);
    const etl = new FanInEtl(this, 'Etl', {
      notificationTopic: operatorTopic(this, props.operator),
      sources: [
        {
          name: 'sales',
          bucket: incoming,
          match: ObjectMatch.key('sales/sales.csv'),
          job: Job.glue(cleanSales.job, {
            timeout,
            arguments: {
              '--input_bucket': '{% $states.input.object.bucket %}',
              '--input_key': '{% $states.input.object.key %}',
              '--output_url': FanInEtl.location('sales'),
            },
          }),
        },
        {
          name: 'marketing',
          bucket: incoming,
          match: ObjectMatch.drop('{% "marketing/week=" & $states.input.period & "/" %}', DropComplete.marker(), {
            within: 'marketing/week=',
          }),
          job: Job.glue(cleanMarketing.job, {
            timeout,
            arguments: {
              '--input_bucket': '{% $states.input.object.bucket %}',
              '--input_prefix': '{% $states.input.object.prefix %}',
              '--output_url': FanInEtl.location('marketing'),
            },
          }),
        },
      ],
      join: Job.glue(joinCampaigns.job, {
        timeout,
        arguments: {
          '--input_url': FanInEtl.location(''),
          '--missing': '{% $count($states.input.missing) = 0 ? "none" : $join($states.input.missing, ",") %}',
          '--output_url': FanInEtl.location('campaigns.csv'),
        },
      }),
      // Sales that are older than the weekend are last week's.
      window: Duration.days(3),
      deadline: Duration.days(7),
      onMissing: props.onMissing ?? OnSourceMissing.joinPartial(),
      // A week to wait: nobody minds hours, should an event get lost.
      sweepInterval: Duration.hours(6),
      ...(props.weekly && {
        schedule: scheduler.ScheduleExpression.cron({ weekDay: 'MON', hour: '6', minute: '0', timeZone: TimeZone.ETC_UTC }),
        scheduledPeriodBack: Duration.days(7),
      }),
    });
    const output = (part: string) => etl.outputBucket.arnForObjects(`etl/*/${part}`);
    allow(
      cleanSales,
      { actions: ['s3:GetObject'], resources: [incoming.arnForObjects('sales/sales.csv')] },
      { actions: ['s3:PutObject'], resources: [output('sales/*.csv')] },
    );
    allow(
      cleanMarketing,
      { actions: ['s3:ListBucket'], resources: [incoming.bucketArn], conditions: { StringLike: { 's3:prefix': 'marketing/week=*' } } },
      { actions: ['s3:GetObject'], resources: [incoming.arnForObjects('marketing/week=*.csv')] },
      { actions: ['s3:PutObject'], resources: [output('marketing/clean.csv')] },
    );
    allow(
      joinCampaigns,
      { actions: ['s3:GetObject'], resources: [output('sales/clean.csv'), output('marketing/clean.csv')] },
      { actions: ['s3:PutObject'], resources: [output('campaigns.csv')] },
    );
  }
}

interface PythonJob {
  readonly job: glue.CfnJob;
  readonly role: iam.Role;
}

function pythonJob(stack: Stack, id: string, script: string): PythonJob {
  const asset = new s3Assets.Asset(stack, `${id}Script`, { path: join(__dirname, 'glue', script) });
  const role = new iam.Role(stack, `${id}Role`, { assumedBy: new iam.ServicePrincipal('glue.amazonaws.com') });
  const service = new iam.Policy(role, 'Service', {
    roles: [role],
    // What Glue itself does under the job's role, and no more of it than a Python shell job takes.
    statements: [
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [asset.bucket.arnForObjects(asset.s3ObjectKey)] }),
      new iam.PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [
          stack.formatArn({
            service: 'logs',
            resource: 'log-group',
            resourceName: '/aws-glue/python-jobs/*',
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ],
      }),
    ],
  });
  acknowledgeWildcards(service, 'Glue makes the log groups of Python shell jobs, and their streams.');
  const job = new glue.CfnJob(stack, id, {
    role: role.roleArn,
    command: { name: 'pythonshell', pythonVersion: '3.9', scriptLocation: asset.s3ObjectUrl },
    maxCapacity: 0.0625,
    maxRetries: 0,
    executionProperty: { maxConcurrentRuns: 3 },
  });
  job.node.addDependency(service);
  for (const id of ['AwsSolutions-GL1', 'AwsSolutions-GL3']) {
    Validations.of(job).acknowledge({
      id,
      reason: 'A sample: the job logs no data and has no bookmarks, and a security configuration takes a key.',
    });
  }
  return { job, role };
}

function allow({ role }: PythonJob, ...statements: iam.PolicyStatementProps[]): void {
  const policy = new iam.Policy(role, 'Data', { roles: [role], statements: statements.map((props) => new iam.PolicyStatement(props)) });
  acknowledgeWildcards(policy, 'Weeks and runs are part of the keys, and their names are made when they start.');
}
