import { App, aws_lambda as lambda, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { BulkMap, BulkSource, BulkWork, HandlerFunction, ObservedStateMachine } from '../../../../lib';
import { type Json, LocalCloud } from '../../../../local';

test("in a Map, runs at the same time don't take each other's results, stopped ones neither", async () => {
  const stack = new Stack(new App(), 'Test');
  const work = new HandlerFunction(stack, 'Work', { code: lambda.Code.fromAsset('assets/patterns/large-scale-map/count-lines') });
  const bulk = new BulkMap(stack, 'Bulk');
  const steps = bulk.step('Items', { source: BulkSource.array('{% $states.input.items %}'), work: BulkWork.invoke(work.alias) });
  const failed = sfn.Pass.jsonata(stack, 'Failed', { outputs: '{% $states.input.cause %}' });
  const definition = sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input.lists %}') }).itemProcessor(
    sfn.Parallel.jsonata(stack, 'Try', { outputs: '{% $states.result[0].bulk.results %}' })
      .branch(steps)
      .addCatch(failed, { outputs: '{% { "cause": $states.errorOutput.Cause } %}' }),
  );
  const { stateMachine } = new ObservedStateMachine(stack, 'Machine', { definition });
  bulk.grantRun(stateMachine);

  const cloud = await LocalCloud.fromStack(stack);
  try {
    cloud.function('Test/Work').replaceWith((item) => {
      if (item !== 'good') throw new Error(`${item} is bad`);
    });
    const run = await cloud.stateMachine('Test/Machine').start({ lists: ['a', 'b', 'good'].map((item) => ({ items: [item] })) });
    await run.finished();
    expect(run.status).toBe('SUCCEEDED');
    const [a, b, good] = run.output as [string, string, { manifest: string; failures?: string }];
    const bucket = cloud.bucket('Test/Bulk/Results');
    const failuresOf = (cause: string): Json => JSON.parse(bucket.text(cause.slice(cause.indexOf('bulk/Items/'))));
    expect(failuresOf(a)).toMatchObject({ item: 'a', cause: 'a is bad' });
    expect(failuresOf(b)).toMatchObject({ item: 'b', cause: 'b is bad' });
    expect(good.failures).toBeUndefined();
    expect(bucket.keys().filter((key) => key.endsWith('/failures.jsonl'))).toHaveLength(2);
    expect(cloud.access.denied).toEqual([]);
  } finally {
    await cloud.dispose();
  }
});
