/** What the CDK grants for a Distributed Map, after a run. */
import { App, Stack, aws_s3 as s3, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';

function bulk(): Stack {
  const context = { '@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2': true };
  const stack = new Stack(new App({ context }), 'Bulk');
  const bucket = new s3.Bucket(stack, 'Results');
  const work = sfn.Pass.jsonata(stack, 'Work');
  const map = new sfn.DistributedMap(stack, 'Items', {
    queryLanguage: sfn.QueryLanguage.JSONATA,
    items: sfn.ProvideItems.jsonata('{% $states.input.items %}'),
    resultWriterV2: new sfn.ResultWriterV2({ bucket, prefix: 'runs' }),
  });
  map.itemProcessor(work, { mode: sfn.ProcessorMode.DISTRIBUTED, executionType: sfn.ProcessorType.STANDARD });
  const skip = sfn.Pass.jsonata(stack, 'Skip');
  const choice = sfn.Choice.jsonata(stack, 'Whether').when(sfn.Condition.jsonata('{% $states.input.go %}'), map).otherwise(skip);
  new sfn.StateMachine(stack, 'Machine', {
    definitionBody: sfn.DefinitionBody.fromChainable(choice),
    queryLanguage: sfn.QueryLanguage.JSONATA,
  });
  return stack;
}

async function unusedAfter(input: { readonly go: boolean; readonly items: number[] }): Promise<string[]> {
  const cloud = await LocalCloud.fromStack(bulk());
  try {
    const run = await cloud.stateMachine('Machine').start(input);
    await run.finished();
    expect(run.status).toBe('SUCCEEDED');
    return cloud.access.unused().flatMap(({ actions }) => actions);
  } finally {
    await cloud.dispose();
  }
}

test('nothing that Step Functions uses by itself is surplus', async () => {
  expect(await unusedAfter({ go: true, items: [1, 2, 3] })).toEqual([]);
});

test('what the engine uses is counted: without a map, it is unused', async () => {
  const unused = await unusedAfter({ go: false, items: [] });
  expect(unused).toContain('states:StartExecution');
  expect(unused).toContain('s3:PutObject');
  expect(unused).not.toContain('states:DescribeExecution');
});
