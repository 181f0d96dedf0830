/** Every emulated service of one cloud. A further one is a further folder and a further line here. */
import type { Access } from '../access/types';
import type { Cloud, CloudEvent, Service } from '../cloud-types';
import type { Engine } from '../engine/types';
import type { FunctionRuntime } from '../functions/types';
import { createHttpApis } from './apigatewayv2';
import type { AccessLogLine } from './apigatewayv2/access-log';
import { createBatch } from './batch';
import { createCloudWatch } from './cloudwatch';
import { Metrics } from './cloudwatch/metrics';
import { QueueMetrics } from './cloudwatch/queue-metrics';
import { createCodeBuild } from './codebuild';
import { createDynamoDb } from './dynamodb';
import { createEcs } from './ecs';
import { createEvents } from './events';
import { createGlue } from './glue';
import { createIam } from './iam';
import { arn } from './identifiers';
import { createInert } from './inert';
import { Jobs } from './jobs';
import { createKms } from './kms';
import { createLambda } from './lambda';
import { createEventSourceMappings } from './lambda/event-sources';
import { type BucketContents, createS3 } from './s3';
import { createScheduler } from './scheduler';
import { createSecretsManager } from './secretsmanager';
import { createSns, type Mail } from './sns';
import { createSqs, type StoredMessage } from './sqs';
import { createSsm } from './ssm';
import { createStepFunctions } from './stepfunctions';

export interface ServicesOptions {
  readonly cloud: Cloud;
  readonly engine: Engine;
  readonly access: Access;
  readonly runtime: FunctionRuntime;
  /** Queue URLs begin with it. */
  readonly gatewayUrl: string;
}

export interface Services {
  readonly all: readonly Service[];
  /** Every mail that topics sent, in order. */
  readonly outbox: readonly Mail[];
  /** Every line of an HTTP API's access log, in order. */
  readonly accessLogs: readonly AccessLogLine[];
  /** Puts an AWS service's event on the default bus. */
  emit(event: CloudEvent): void;
  /** The items of a table as plain values. */
  items(tableName: string): readonly Record<string, unknown>[];
  bucket(name: string): BucketContents;
  /** What runs in the place of Glue, ECS, Batch and CodeBuild jobs. */
  readonly jobs: Jobs;
  /** What is in a queue. */
  messages(queueUrl: string): readonly StoredMessage[];
  /** Ends schedules and closes what listens. */
  dispose(): Promise<void>;
}

export function createServices({ cloud, engine, access, runtime, gatewayUrl }: ServicesOptions): Services {
  const kms = createKms(cloud, access);
  const dynamodb = createDynamoDb(cloud);
  const events = createEvents(cloud);
  const metrics = new Metrics(() => cloud.clock.now());
  const lambda = createLambda(cloud, runtime, metrics);
  const sns = createSns(cloud, kms.keyArn);
  const s3 = createS3(cloud, kms.keyArn);
  const sqs = createSqs(cloud, gatewayUrl, kms.keyArn);
  const iam = createIam(cloud, access);
  const httpApis = createHttpApis(cloud, iam.roleId);
  const jobs = new Jobs(cloud, gatewayUrl);
  const scheduler = createScheduler(cloud, access);
  const queueMetrics = new QueueMetrics(cloud, metrics, (name) => sqs.queue(arn(cloud, 'sqs', name)));
  const cloudWatch = createCloudWatch(cloud, metrics, (metric) => queueMetrics.measure(metric));
  const mappings = createEventSourceMappings(cloud, { function: lambda.mapped, queue: sqs.queue, stream: dynamodb.stream });
  return {
    all: [
      createBatch(cloud, jobs),
      createCodeBuild(cloud, jobs),
      createEcs(cloud, jobs),
      createGlue(cloud, jobs),
      iam,
      createInert(cloud),
      createSecretsManager(cloud, kms.keyArn),
      createSsm(cloud, kms.keyArn),
      cloudWatch,
      createStepFunctions(cloud, engine, metrics),
      dynamodb,
      dynamodb.streams,
      events,
      httpApis,
      kms,
      lambda,
      mappings,
      s3,
      scheduler,
      sns,
      sqs,
    ],
    outbox: sns.outbox,
    accessLogs: httpApis.accessLogs,
    emit: events.emit,
    items: dynamodb.items,
    bucket: s3.bucket,
    jobs,
    messages: sqs.messages,
    async dispose() {
      events.dispose();
      cloudWatch.dispose();
      mappings.dispose();
      queueMetrics.dispose();
      scheduler.dispose();
      await Promise.all([httpApis.dispose(), lambda.dispose()]);
    },
  };
}
