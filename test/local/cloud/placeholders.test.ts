/** Resources that nothing here makes: they may stand in the template, and fail what they are used for, by name. */
import {
  App,
  CfnResource,
  CustomResource,
  aws_dynamodb as dynamodb,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';

let stack: Stack;
let cloud: LocalCloud;
beforeAll(() => {
  stack = new Stack(new App({ analyticsReporting: false }), 'S');
  const domain = new CfnResource(stack, 'Domain', { type: 'AWS::OpenSearchService::Domain' });
  const lookup = new CustomResource(stack, 'Lookup', {
    serviceToken: 'arn:aws:lambda:us-east-1:123456789012:function:x',
    resourceType: 'Custom::Lookup',
  });
  const table = new dynamodb.Table(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  const echo = new lambda.Function(stack, 'Echo', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline(
      `const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
     exports.handler = () => new DynamoDBClient().send(new PutItemCommand({ TableName: process.env.TABLE, Item: { id: { S: process.env.HOST } } }));`,
    ),
    environment: { TABLE: table.tableName, HOST: domain.getAtt('DomainEndpoint').toString() },
  });
  table.grantWriteData(echo);
  const machine = (id: string, step: sfn.IChainable) =>
    new sfn.StateMachine(stack, id, { queryLanguage: sfn.QueryLanguage.JSONATA, definitionBody: sfn.DefinitionBody.fromChainable(step) });
  const put = (id: string, value: string) =>
    tasks.DynamoPutItem.jsonata(stack, id, { table, item: { id: tasks.DynamoAttributeValue.fromString(value) } });
  machine('Attribute', put('PutAttribute', lookup.getAttString('Value')).addCatch(sfn.Pass.jsonata(stack, 'Caught')));
  machine('Id', put('PutId', `id-${lookup.ref}`));
  machine(
    'Harmless',
    sfn.Choice.jsonata(stack, 'IfOld')
      .when(sfn.Condition.jsonata('{% $states.input.old %}'), put('PutOld', domain.getAtt('Arn').toString()))
      .otherwise(put('PutNew', 'new')),
  );
  machine(
    'Payload',
    tasks.LambdaInvoke.jsonata(stack, 'Call', {
      lambdaFunction: echo,
      payload: sfn.TaskInput.fromObject({ host: domain.getAtt('DomainEndpoint').toString() }),
    }),
  );
});
beforeEach(async () => {
  cloud = await LocalCloud.fromStack(stack);
});
afterEach(() => cloud.dispose());

test.each([
  ['Attribute', 'the resource S/Lookup/Default (Custom::Lookup), whose attribute Value was given to dynamodb:PutItem'],
  ['Id', 'the resource S/Lookup/Default (Custom::Lookup), whose attribute Ref was given to dynamodb:PutItem'],
  ['Payload', 'the resource S/Domain (AWS::OpenSearchService::Domain), whose attribute DomainEndpoint was given to lambda:Invoke'],
])('%s: the call that is given it fails with its name, and no Catch hides it', async (name, what) => {
  const run = await cloud.stateMachine(name).start({});
  await run.finished();
  expect([run.status, run.error]).toEqual(['FAILED', 'Stepworks.InternalError']);
  expect(run.cause).toContain(`Not served by the local runner (stepworks): ${what}.`);
  expect(cloud.table('Table').items()).toEqual([]);
});

test('a handler’s call fails too', async () => {
  await expect(cloud.function('Echo').invoke({})).rejects.toMatchObject({
    name: 'NotImplemented',
    message:
      'Not served by the local runner (stepworks): the resource S/Domain (AWS::OpenSearchService::Domain), whose attribute DomainEndpoint was given to dynamodb:PutItem.',
  });
});

test('what does not use it works', async () => {
  const run = await cloud.stateMachine('Harmless').start({ old: false });
  await run.finished();
  expect([run.status, cloud.table('Table').items()]).toEqual(['SUCCEEDED', [{ id: 'new' }]]);
});

test('they are listed, with who was given them', () => {
  expect(cloud.placeholders.map(({ resource, type, attribute, usedBy }) => [resource, type, attribute, usedBy])).toEqual([
    ['S/Domain', 'AWS::OpenSearchService::Domain', 'DomainEndpoint', ['S/Echo/Resource', 'S/Payload/Resource']],
    ['S/Domain', 'AWS::OpenSearchService::Domain', 'Arn', ['S/Harmless/Resource']],
    ['S/Lookup/Default', 'Custom::Lookup', 'Value', ['S/Attribute/Resource']],
    ['S/Lookup/Default', 'Custom::Lookup', 'Ref', ['S/Id/Resource']],
  ]);
});
