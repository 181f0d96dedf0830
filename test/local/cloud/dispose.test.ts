import { App, aws_events as events, aws_lambda as lambda, Stack, aws_events_targets as targets } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';

test('what is on its way when a cloud is disposed of ends quietly', async () => {
  const stack = new Stack(new App(), 'S');
  const fn = new lambda.Function(stack, 'F', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => 1'),
  });
  new events.Rule(stack, 'R', { eventPattern: { source: ['shop'] }, targets: [new targets.LambdaFunction(fn)] });
  const cloud = await LocalCloud.fromStack(stack);
  const lost: unknown[] = [];
  const note = (error: unknown) => lost.push(error);
  process.on('unhandledRejection', note);
  try {
    await cloud.dispose();
    cloud.emit({ source: 'shop', 'detail-type': 'Sold', detail: {}, resources: [] }); // as a run does that ends just now
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lost).toEqual([]);
    expect(cloud.invocations).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
