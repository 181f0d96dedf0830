import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { App, CfnOutput, aws_ssm as parameters, Stack } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { createKms } from '../../../local/services/kms';
import { createSsm } from '../../../local/services/ssm';
import { standInFunction } from './stand-in';
import { refusal, World } from './world';

let world: World;
let ssm: SSMClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    const kms = createKms(cloud);
    return [kms, createSsm(cloud, kms.keyArn)];
  });
  ssm = new SSMClient(world.client());
});
afterEach(() => world.gateway.close());

const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = async (Name: string, WithDecryption?: boolean) => (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
const ARN = 'arn:aws:ssm:us-east-1:123456789012:parameter';

test('versions: the latest, and each by its number', async () => {
  expect(await put('/app/mode', 'a')).toMatchObject({ Version: 1, Tier: 'Standard' });
  expect(await refusal(put('/app/mode', 'b'))).toMatchObject({ name: 'ParameterAlreadyExists' });
  expect(await put('/app/mode', 'b', { Overwrite: true, Type: undefined })).toMatchObject({ Version: 2 });
  expect(await get('/app/mode')).toMatchObject({
    Name: '/app/mode',
    Value: 'b',
    Version: 2,
    Type: 'String',
    DataType: 'text',
    ARN: `${ARN}/app/mode`,
    LastModifiedDate: new Date(world.clock.now()),
  });
  expect(await get('/app/mode:1')).toMatchObject({ Value: 'a', Version: 1, Selector: ':1' });
  expect(await get(`${ARN}/app/mode`)).toMatchObject({ Value: 'b' });
  expect((await refusal(get('/app/mode:3'))).name).toBe('ParameterVersionNotFound');
  expect((await refusal(get('/app/none'))).name).toBe('ParameterNotFound');
});

test('several by name, and all below a path', async () => {
  for (const name of ['/a/x', '/a/b/y', '/a/b/c/z', '/ab/x', 'plain']) await put(name, name);
  const some = await ssm.send(new GetParametersCommand({ Names: ['plain', '/a/x', '/none'] }));
  expect(some.Parameters?.map(({ Value }) => Value)).toEqual(['plain', '/a/x']);
  expect(some.InvalidParameters).toEqual(['/none']);
  const below = async (Path: string, Recursive?: boolean, more = {}) =>
    ssm.send(new GetParametersByPathCommand({ Path, Recursive, ...more }));
  const names = async (path: string, recursive?: boolean) => (await below(path, recursive)).Parameters?.map(({ Name }) => Name);
  expect(await names('/a')).toEqual(['/a/x']);
  expect(await names('/a/', true)).toEqual(['/a/b/c/z', '/a/b/y', '/a/x']);
  expect(await names('/')).toEqual([]);
  const first = await below('/a', true, { MaxResults: 2 });
  expect(first.Parameters).toHaveLength(2);
  const rest = await below('/a', true, { MaxResults: 2, NextToken: first.NextToken });
  expect(rest.Parameters?.map(({ Name }) => Name)).toEqual(['/a/x']);
  expect(rest.NextToken).toBeUndefined();
});

test.each([
  ['aws-thing', 'v', {}, 'ValidationException'],
  ['/ssm/x', 'v', {}, 'ValidationException'],
  ['a/b', 'v', {}, 'ValidationException'],
  ['has space', 'v', {}, 'ValidationException'],
  [`${'/a'.repeat(16)}`, 'v', {}, 'HierarchyLevelLimitExceededException'],
  ['big', 'x'.repeat(4097), {}, 'ValidationException'],
  ['no-type', 'v', { Type: undefined }, 'ValidationException'],
  ['digits', 'abc', { AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException'],
])('%s is refused', async (name, value, more, error) => {
  expect((await refusal(put(name, value, more))).name).toBe(error);
});

test('an advanced parameter holds more', async () => {
  expect(await put('big', 'x'.repeat(8192), { Tier: 'Advanced' })).toMatchObject({ Tier: 'Advanced' });
});

test('a secure string shows its value to who may use its key', async () => {
  const key = await world.create('AWS::KMS::Key', 'Key', {
    KeyPolicy: { Statement: { Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'kms:*', Resource: '*' } },
  });
  const keyArn = key.attributes?.Arn as string;
  await put('/secret', 's3cret', { Type: 'SecureString', KeyId: keyArn });
  expect((await get('/secret'))?.Value).not.toMatch('s3cret');
  expect(await get('/secret', true)).toMatchObject({ Value: 's3cret', Type: 'SecureString' });
  const read = { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `${ARN}/secret` } as const;
  const without = new SSMClient(world.client(await world.role('without', read)));
  const command = new GetParameterCommand({ Name: '/secret', WithDecryption: true });
  expect((await refusal(without.send(command))).message).toMatch(`kms:Decrypt on resource: ${keyArn}`);
  const decrypt = {
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: keyArn,
    Condition: { StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': `${ARN}/secret` } },
  } as const;
  const reader = new SSMClient(world.client(await world.role('reader', read, decrypt)));
  expect((await reader.send(command)).Parameter?.Value).toBe('s3cret');
});

test('who may read one path may not read another', async () => {
  await put('/a/x', '1');
  const role = await world.role('reader', { Effect: 'Allow', Action: 'ssm:GetParametersByPath', Resource: `${ARN}/a` });
  const reader = new SSMClient(world.client(role));
  expect((await reader.send(new GetParametersByPathCommand({ Path: '/a', Recursive: true }))).Parameters).toHaveLength(1);
  expect((await refusal(reader.send(new GetParametersByPathCommand({ Path: '/' })))).name).toBe('AccessDeniedException');
});

test('changes are told on the bus; deleted parameters are gone', async () => {
  await put('/p', '1', { Description: 'what it is' });
  await put('/p', '2', { Overwrite: true });
  await put('/q', '1');
  await ssm.send(new DeleteParameterCommand({ Name: '/p' }));
  expect(await ssm.send(new DeleteParametersCommand({ Names: ['/p', '/q'] }))).toMatchObject({
    DeletedParameters: ['/q'],
    InvalidParameters: ['/p'],
  });
  expect((await refusal(ssm.send(new DeleteParameterCommand({ Name: '/p' })))).name).toBe('ParameterNotFound');
  expect(world.events.map(({ detail }) => detail).slice(0, 3)).toEqual([
    { operation: 'Create', name: '/p', type: 'String', description: 'what it is' },
    { operation: 'Update', name: '/p', type: 'String', description: 'what it is' },
    { operation: 'Create', name: '/q', type: 'String' },
  ]);
});

test('a stack has its parameters, and dynamic references find them', async () => {
  const app = new App();
  const first = new Stack(app, 'First');
  new parameters.StringParameter(first, 'Mode', { parameterName: '/app/mode', stringValue: 'loud' });
  const second = new Stack(app, 'Second');
  second.addStackDependency(first);
  const fn = standInFunction(second, 'Worker', {
    environment: {
      MODE: parameters.StringParameter.valueForStringParameter(second, '/app/mode'),
      FIRST: `{{resolve:ssm:/app/mode:1}}`,
    },
  });
  new CfnOutput(second, 'Output', { value: fn.functionName });
  const cloud = await LocalCloud.fromStack(second);
  try {
    const { properties } = cloud.find('AWS::Lambda::Function', 'Worker');
    expect(properties.Environment.Variables).toEqual({ MODE: 'loud', FIRST: 'loud' });
  } finally {
    await cloud.dispose();
  }
});
