/** A customer's stack, with a bit of everything that a test may want to look at. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  Duration,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_lambda as lambda,
  Stack,
  type StackProps,
  aws_s3 as s3,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_sqs as sqs,
  aws_sns_subscriptions as subscriptions,
  aws_events_targets as targets,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const HANDLER = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient();
exports.handler = async ({ order, amount }) => {
  console.log('storing ' + order);
  if (amount > 1000) throw Object.assign(new Error(amount + ' is too much'), { name: 'TooMuch' });
  await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { order: { S: order }, amount: { N: String(amount) } } }));
  return { stored: order };
};`;

export interface ShopProps extends StackProps {
  /** Whether the function may write to the table. @default true */
  readonly mayStore?: boolean;
}

export class ShopStack extends Stack {
  constructor(scope: Construct, id: string, { mayStore = true, ...props }: ShopProps = {}) {
    super(scope, id, props);
    const table = new dynamodb.TableV2(this, 'Orders', { partitionKey: { name: 'order', type: dynamodb.AttributeType.STRING } });
    const code = mkdtempSync(join(tmpdir(), 'stepworks-shop-'));
    writeFileSync(join(code, 'index.js'), HANDLER);
    const store = new lambda.Function(this, 'Store', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(code),
      environment: { TABLE: table.tableName },
    });
    rmSync(code, { recursive: true }); // it is staged
    if (mayStore) table.grantWriteData(store);

    const topic = new sns.Topic(this, 'Shipped');
    topic.addSubscription(new subscriptions.EmailSubscription('warehouse@example.com'));
    const publish = new sfn.StateMachine(this, 'Publish', {
      queryLanguage: sfn.QueryLanguage.JSONATA,
      definitionBody: sfn.DefinitionBody.fromChainable(
        tasks.LambdaInvoke.jsonata(this, 'StoreOrder', {
          lambdaFunction: store,
          payload: sfn.TaskInput.fromText('{% $states.input %}'),
          outputs: '{% $states.result.Payload %}',
          retryOnServiceExceptions: false,
        })
          .next(sfn.Wait.jsonata(this, 'Rest', { time: sfn.WaitTime.duration(Duration.days(2)) }))
          .next(
            tasks.SnsPublish.jsonata(this, 'Tell', {
              topic,
              message: sfn.TaskInput.fromText("{% $states.input.stored & ' is on its way' %}"),
              outputs: '{% $states.input %}',
            }),
          ),
      ),
    });

    new s3.Bucket(this, 'Site');
    const failed = new sqs.Queue(this, 'Failed');
    const jobs = new sqs.Queue(this, 'Jobs', { deadLetterQueue: { queue: failed, maxReceiveCount: 1 } });
    const bus = new events.EventBus(this, 'Bus');
    const pattern = { source: ['shop'] };
    new events.Rule(this, 'ToJobs', { eventBus: bus, eventPattern: pattern, targets: [new targets.SqsQueue(jobs)] });
    new events.Rule(this, 'ToMachine', {
      eventPattern: pattern,
      targets: [new targets.SfnStateMachine(publish, { input: events.RuleTargetInput.fromEventPath('$.detail') })],
    });
  }
}

/** The stack in an app of its own. */
export function shop(props: ShopProps = {}): ShopStack {
  return new ShopStack(new App(), 'Shop', props);
}
