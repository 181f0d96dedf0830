import { App, Duration, Stack } from 'aws-cdk-lib';
import { type Json, LocalCloud, type LocalRun } from 'stepworks/local';
import 'stepworks/local/jest';

export async function use(): Promise<Json | undefined> {
  const cloud = await LocalCloud.fromStack(new Stack(new App(), 'Stack'));
  const run: LocalRun = await cloud.stateMachine('Publish').start({ dryRun: true });
  await cloud.clock.advance(Duration.days(2));
  expect(run).toHaveSucceeded();
  expect(run).toHaveFailedWith('Error', expect.stringContaining('cause'));
  expect(cloud.bucket('Site').keys()).toEqual(['index.html']);
  cloud.fail('dynamodb:PutItem', { times: 2, error: 'ThrottlingException' });
  // @ts-expect-error: it takes a list
  expect(run).toHaveVisited('Publish');
  // @ts-expect-error: there is no such status
  return run.status === 'DONE' ? undefined : run.output;
}
