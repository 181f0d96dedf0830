import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { createLambda } from '../../../local/services/lambda';
import { functionProperties, refusal, TestRuntime, World } from './world';

let world: World;
let runtime: TestRuntime;
const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:greet';

beforeEach(async () => {
  runtime = new TestRuntime();
  world = await World.start((cloud) => [createLambda(cloud, runtime), sink]);
  sent.length = 0;
});
afterEach(() => world.gateway.close());

/** Stands for the queues and buses that failures go to. */
const sent: { operation: string; input: Record<string, unknown>; caller: unknown }[] = [];
const record = (operation: string) => ({
  access: () => [],
  run: (input: Record<string, unknown>, caller: unknown) => void sent.push({ operation, input, caller }),
});
const sink = { name: 'sqs', operations: { SendMessage: record('SendMessage') } };

const fnRole = 'arn:aws:iam::123456789012:role/FnRole';
const greet = (more = {}) => world.create('AWS::Lambda::Function', 'Greet', functionProperties('greet', fnRole, more));
const invoke = (roleArn: string | undefined, input: Partial<InvokeCommand['input']> = {}) =>
  new LambdaClient(world.client(roleArn)).send(new InvokeCommand({ FunctionName: 'greet', ...input }));

describe('AWS::Lambda::Function', () => {
  test('is given to the runtime as the template says', async () => {
    expect(await greet({ Timeout: 7, MemorySize: '256', Environment: { Variables: { A: 'x', N: 5 } } })).toEqual({
      ref: 'greet',
      attributes: { Arn: ARN },
    });
    let seen: unknown;
    runtime.handlers.set('greet', (_event, fn) => {
      seen = fn;
    });
    await invoke(undefined);
    expect(seen).toEqual({
      arn: ARN,
      name: 'greet',
      path: 'Stack/Greet',
      roleArn: fnRole,
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      codeDirectory: '/assets/assets/greet.zip',
      environment: { A: 'x', N: '5' },
      timeoutSeconds: 7,
      memoryMb: 256,
    });
  });

  test('with defaults of 3 seconds, 128 MB and a made-up name', async () => {
    const { ref } = await world.create('AWS::Lambda::Function', 'Made', { ...functionProperties('x', fnRole), FunctionName: undefined });
    let seen: unknown;
    runtime.handlers.set(ref, (_event, fn) => {
      seen = fn;
    });
    await invoke(undefined, { FunctionName: ref });
    expect(ref).toBe('Stack-Made-ABCDEF');
    expect(seen).toMatchObject({ timeoutSeconds: 3, memoryMb: 128, environment: {} });
  });

  test('code in the template, and layers of the template', async () => {
    const { ref } = await world.create('AWS::Lambda::LayerVersion', 'L', {
      LayerName: 'tools',
      Content: { S3Bucket: 'assets', S3Key: 'tools.zip' },
    });
    expect(ref).toBe('arn:aws:lambda:us-east-1:123456789012:layer:tools:1');
    await greet({ Code: { ZipFile: 'exports.handler = 1' }, Layers: [ref] });
    let seen: unknown;
    runtime.handlers.set('greet', (_event, fn) => {
      seen = fn;
    });
    await invoke(undefined);
    expect(seen).toMatchObject({ inlineCode: 'exports.handler = 1', layerDirectories: ['/assets/assets/tools.zip'] });
  });

  test.each([
    ['an image', { PackageType: 'Image', Code: { ImageUri: 'x' } }, 'functions from container images'],
    ['a layer of somebody else', { Layers: ['arn:aws:lambda:us-east-1:1:layer:x:1'] }, 'the layer arn:aws:lambda:us-east-1:1:layer:x:1, '],
    ['a file system', { FileSystemConfigs: [{ Arn: 'x' }] }, "functions' file systems"],
  ])('with %s it may stand in a template; the runtime is told', async (_what, more, words) => {
    await greet(more);
    let seen: { unsupported?: string } = {};
    runtime.handlers.set('greet', (_event, fn) => {
      seen = fn;
    });
    await invoke(undefined);
    expect(seen.unsupported).toContain(words);
  });
});

describe('Invoke', () => {
  test('gives the result, the version and the tail of the log', async () => {
    await greet();
    runtime.handlers.set('greet', (event) => ({ hello: event }));
    const got = await invoke(undefined, { Payload: '{"name":"é"}', LogType: 'Tail' });
    expect(got).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(got.Payload?.transformToString()).toBe('{"hello":{"name":"é"}}');
    expect(Buffer.from(got.LogResult ?? '', 'base64').toString()).toBe('greet ran');
    expect(got.FunctionError).toBeUndefined();
  });

  test('a throwing handler is no error of the call', async () => {
    await greet();
    runtime.handlers.set('greet', () => {
      throw new RangeError('too far');
    });
    const got = await invoke(undefined);
    expect(got).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(got.Payload?.transformToString() ?? '')).toMatchObject({ errorType: 'RangeError', errorMessage: 'too far' });
  });

  test('refuses what is no JSON, is too large, does not exist, or has no concurrency', async () => {
    await greet({ ReservedConcurrentExecutions: 0 });
    expect(await refusal(invoke(undefined, { Payload: '{' }))).toMatchObject({ name: 'InvalidRequestContentException' });
    expect(await refusal(invoke(undefined, { Payload: `"${'x'.repeat(6_291_455)}"` }))).toMatchObject({
      name: 'RequestTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
    expect(await refusal(invoke(undefined, { FunctionName: 'nobody' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody',
    });
    const client = new LambdaClient({ ...world.client(), maxAttempts: 1 });
    expect(await refusal(client.send(new InvokeCommand({ FunctionName: 'greet' })))).toMatchObject({
      name: 'TooManyRequestsException',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
    });
  });

  test('a result over 6 MB becomes an error of the function', async () => {
    await greet();
    runtime.handlers.set('greet', () => 'x'.repeat(6_291_556));
    const got = await invoke(undefined);
    expect(got.FunctionError).toBe('Unhandled');
    expect(JSON.parse(got.Payload?.transformToString() ?? '').errorType).toBe('Function.ResponseSizeTooLarge');
  });

  test('a dry run runs nothing', async () => {
    await greet();
    expect((await invoke(undefined, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect(runtime.invocations).toEqual([]);
  });

  test('needs lambda:InvokeFunction on the very ARN', async () => {
    await greet();
    await world.create('AWS::Lambda::Version', 'V', { FunctionName: 'greet' });
    runtime.handlers.set('greet', () => 1);
    const role = await world.role('Caller', { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: ARN });
    await invoke(role);
    const error = await refusal(invoke(role, { Qualifier: '1' }));
    expect(error).toMatchObject({ name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } });
    expect(error.message).toContain(`lambda:InvokeFunction on resource: ${ARN}:1`);
    expect(runtime.invocations).toHaveLength(1);
  });
});

describe('versions, aliases and permissions', () => {
  test('a function is called by name, partial ARN, ARN, version and alias', async () => {
    await greet();
    expect(await world.create('AWS::Lambda::Version', 'V', { FunctionName: ARN })).toEqual({
      ref: `${ARN}:1`,
      attributes: { Version: '1', FunctionArn: `${ARN}:1` },
    });
    const alias = await world.create('AWS::Lambda::Alias', 'A', { FunctionName: 'greet', FunctionVersion: '1', Name: 'live' });
    expect(alias.ref).toBe(`${ARN}:live`);
    runtime.handlers.set('greet', () => 1);
    const versions = [];
    for (const FunctionName of ['greet', ARN, '123456789012:function:greet', 'greet:1', `${ARN}:live`]) {
      versions.push((await invoke(undefined, { FunctionName })).ExecutedVersion);
    }
    expect(versions).toEqual(['$LATEST', '$LATEST', '$LATEST', '1', '1']);
    expect((await refusal(invoke(undefined, { Qualifier: '2' }))).name).toBe('ResourceNotFoundException');
    expect((await refusal(invoke(undefined, { Qualifier: 'dev' }))).name).toBe('ResourceNotFoundException');
  });

  test('an AWS service may call only what a permission allows, from where it allows it', async () => {
    await greet();
    runtime.handlers.set('greet', () => 1);
    await world.create('AWS::Lambda::Permission', 'P', {
      FunctionName: ARN,
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
      SourceArn: 'arn:aws:execute-api:us-east-1:123456789012:api/*/*/a',
    });
    const call = (service: string, sourceArn: string) =>
      world.call({
        service: 'lambda',
        operation: 'Invoke',
        input: { FunctionName: ARN },
        principal: { kind: 'service', service, sourceArn },
      });
    await call('apigateway.amazonaws.com', 'arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/a');
    expect((await refusal(call('apigateway.amazonaws.com', 'arn:aws:execute-api:us-east-1:123456789012:other/$default/GET/a'))).name).toBe(
      'AccessDeniedException',
    );
    expect((await refusal(call('sns.amazonaws.com', 'arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/a'))).name).toBe(
      'AccessDeniedException',
    );
    expect(runtime.invocations).toHaveLength(1);
  });
});

describe('asynchronous invocation', () => {
  const failing = () => {
    throw new Error('no');
  };
  const event = () => invoke(undefined, { InvocationType: 'Event', Payload: '{"n":1}' });

  test('answers at once and runs once when all goes well', async () => {
    await greet();
    runtime.handlers.set('greet', () => 1);
    expect((await event()).StatusCode).toBe(202);
    await world.clock.advance(3_600_000);
    expect(runtime.invocations).toEqual([{ name: 'greet', event: { n: 1 } }]);
  });

  test('is tried again after one minute and two, then goes to the dead-letter queue', async () => {
    await greet({ DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:123456789012:dead' } });
    const times: number[] = [];
    const start = world.clock.now();
    runtime.handlers.set('greet', () => {
      times.push((world.clock.now() - start) / 1000);
      return failing();
    });
    await event();
    await world.clock.advance(3_600_000);
    expect(times).toEqual([0, 60, 180]);
    expect(sent).toEqual([
      {
        operation: 'SendMessage',
        caller: { kind: 'role', arn: fnRole },
        input: expect.objectContaining({
          QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/dead',
          MessageBody: '{"n":1}',
          MessageAttributes: expect.objectContaining({ ErrorMessage: { DataType: 'String', StringValue: 'no' } }),
        }),
      },
    ]);
  });

  test('is tried again after a second, two, four … while it is throttled', async () => {
    await greet({ ReservedConcurrentExecutions: 1 });
    const start = world.clock.now();
    const times: number[] = [];
    let release = () => {};
    runtime.handlers.set('greet', (event) => {
      times.push((world.clock.now() - start) / 1000);
      return (event as { n: number }).n === 1
        ? new Promise<void>((resolve) => {
            release = resolve;
          })
        : undefined;
    });
    await event();
    await invoke(undefined, { InvocationType: 'Event', Payload: '{"n":2}' });
    await world.clock.advance(2_999);
    release();
    await world.clock.advance(7_000);
    expect(times).toEqual([0, 3]);
  });

  test('EventInvokeConfig sets retries and destinations', async () => {
    await greet();
    await world.create('AWS::Lambda::EventInvokeConfig', 'C', {
      FunctionName: 'greet',
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:123456789012:failed' } },
    });
    runtime.handlers.set('greet', failing);
    await event();
    await world.clock.advance(3_600_000);
    expect(runtime.invocations).toHaveLength(1);
    expect(JSON.parse(sent[0].input.MessageBody as string)).toMatchObject({
      requestContext: { functionArn: `${ARN}:$LATEST`, condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      requestPayload: { n: 1 },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no' },
    });
  });

  test('an event that would be older than allowed is not tried again', async () => {
    await greet();
    await world.create('AWS::Lambda::EventInvokeConfig', 'C', {
      FunctionName: 'greet',
      Qualifier: '$LATEST',
      MaximumEventAgeInSeconds: 60,
    });
    runtime.handlers.set('greet', failing);
    await event();
    await world.clock.advance(3_600_000);
    expect(runtime.invocations).toHaveLength(2);
  });

  test('is limited to 1 MB', async () => {
    await greet();
    const Payload = JSON.stringify('x'.repeat(1_048_575));
    expect((await refusal(invoke(undefined, { InvocationType: 'Event', Payload }))).name).toBe('RequestTooLargeException');
  });
});
