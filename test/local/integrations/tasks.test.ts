/** Tasks of a running state machine, through the interpreter, to the services: what goes out, what comes back, what a Catch sees. */
import type { Json, Service } from '../../../local/cloud-types';
import { ApiError } from '../../../local/cloud-types';
import { createEngine, type Engine, type Execution } from '../../../local/engine';
import { createTaskPort } from '../../../local/integrations';
import { createDynamoDb } from '../../../local/services/dynamodb';
import { createLambda } from '../../../local/services/lambda';
import { createStepFunctions } from '../../../local/services/stepfunctions';
import { functionProperties, TestRuntime, World } from '../services/world';

let world: World;
let engine: Engine;
let runtime: TestRuntime;
let role: string;
/** What the doubles of other services were given, and what they answer. */
let given: Record<string, unknown>[];
let answer: unknown;

const double = (name: string, ...operations: string[]): Service => ({
  name,
  operations: Object.fromEntries(
    operations.map((operation) => [
      operation,
      {
        access: () => [],
        run(input) {
          given.push(input);
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
    ]),
  ),
});

beforeEach(async () => {
  runtime = new TestRuntime();
  given = [];
  answer = {};
  world = await World.start((cloud) => {
    engine = createEngine({
      clock: cloud.clock,
      tasks: createTaskPort(cloud, (arn) => engine.execution(arn)),
      accountId: cloud.accountId,
      region: cloud.region,
      partition: cloud.partition,
      random: cloud.random,
    });
    return [
      createLambda(cloud, runtime),
      createDynamoDb(cloud),
      createStepFunctions(cloud, engine),
      double('sns', 'Publish'),
      double('sqs', 'SendMessage'),
      double('eventbridge', 'PutEvents', 'PutRule', 'PutTargets', 'DescribeRule'),
      double('ecs', 'RunTask'),
      double('kms', 'Encrypt'),
      double('secrets-manager', 'CreateSecret', 'ListSecrets'),
    ];
  });
  role = await world.role('Machine', { Effect: 'Allow', Action: '*', Resource: '*' });
});
afterEach(() => world.gateway.close());

/** Runs one Task state to its end. */
async function run(resource: string, parameters: Json, more: Record<string, Json> = {}, roleArn = role): Promise<Execution> {
  const definition = {
    StartAt: 'T',
    States: {
      T: { Type: 'Task', Resource: resource, Parameters: parameters, End: true, ...more },
      ...('Catch' in more && { Caught: { Type: 'Pass', End: true } }),
    },
  };
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:M';
  const execution = engine.startExecution({ arn, name: 'M', type: 'STANDARD', roleArn, definition }, {});
  await world.clock.runUntil(() => execution.status !== 'RUNNING', 'the execution');
  return execution;
}

const service = (name: string) => `arn:aws:states:::${name}`;
const greet = () => world.create('AWS::Lambda::Function', 'Greet', functionProperties('greet', 'arn:aws:iam::123456789012:role/FnRole'));

describe('Lambda', () => {
  beforeEach(greet);

  test('lambda:invoke wraps the result', async () => {
    runtime.handlers.set('greet', (event) => ({ got: event }));
    const { output } = await run(service('lambda:invoke'), { FunctionName: 'greet', Payload: { a: [1, 'é'] } });
    expect(output).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { got: { a: [1, 'é'] } },
      StatusCode: 200,
      SdkHttpMetadata: {
        HttpStatusCode: 200,
        AllHttpHeaders: expect.objectContaining({ 'Content-Type': ['application/json'], 'X-Amz-Executed-Version': ['$LATEST'] }),
        HttpHeaders: expect.objectContaining({ Date: new Date(world.clock.now()).toUTCString() }),
      },
      SdkResponseMetadata: { RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
  });

  test("a function's ARN as the resource gives the result itself", async () => {
    runtime.handlers.set('greet', (event) => event);
    const { output } = await run('arn:aws:lambda:us-east-1:123456789012:function:greet', { a: 1 });
    expect(output).toEqual({ a: 1 });
  });

  test.each([service('lambda:invoke'), 'arn:aws:lambda:us-east-1:123456789012:function:greet'])(
    "%s: the handler's error is the error, its JSON the cause",
    async (resource) => {
      runtime.handlers.set('greet', () => {
        const error = new Error('name too long');
        error.name = 'InvalidApplicant';
        throw error;
      });
      const { status, error, cause } = await run(resource, resource.includes('invoke') ? { FunctionName: 'greet' } : {});
      expect([status, error, JSON.parse(cause ?? '')]).toEqual([
        'FAILED',
        'InvalidApplicant',
        { errorType: 'InvalidApplicant', errorMessage: 'name too long', trace: [] },
      ]);
    },
  );

  test.each([
    ['lambda:invoke', null],
    ['lambda:invoke', [1]],
    ['aws-sdk:lambda:listFunctions', null],
    ['sqs:sendMessage', 'text'],
  ])('%s with the parameters %j, which are no object: an error by name', async (resource, parameters) => {
    expect(await run(service(resource), parameters)).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(`The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task`),
    });
  });

  test('service errors have their names', async () => {
    expect(await run(service('lambda:invoke'), { FunctionName: 'nobody' })).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(
        /^Function not found: arn:.*:nobody \(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: [0-9a-f-]+; Proxy: null\)$/,
      ),
    });
    await world.create('AWS::Lambda::Function', 'Busy', functionProperties('busy', 'r', { ReservedConcurrentExecutions: 0 }));
    expect(await run(service('lambda:invoke'), { FunctionName: 'busy' })).toMatchObject({ error: 'Lambda.TooManyRequestsException' });
  });

  test('access denied is Lambda.AWSLambdaException, with the sentence of IAM', async () => {
    const nobody = await world.role('Nobody');
    const { error, cause } = await run(service('lambda:invoke'), { FunctionName: 'greet' }, {}, nobody);
    expect(error).toBe('Lambda.AWSLambdaException');
    expect(cause).toContain(
      'is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:greet',
    );
    expect(runtime.invocations).toEqual([]);
  });

  test('a wrong parameter is named', async () => {
    expect(await run(service('lambda:invoke'), { FunctionName: 'greet', Paylod: {} })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining("The field 'Paylod' is not supported by Step Functions"),
    });
    expect(await run(service('lambda:invoke'), { FunctionName: 5 })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining("The value for the field 'FunctionName' must be a STRING"),
    });
  });
});

describe('DynamoDB', () => {
  beforeEach(() =>
    world.create('AWS::DynamoDB::Table', 'Table', {
      TableName: 'T',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const put = (more = {}) =>
    run(service('dynamodb:putItem'), { TableName: 'T', Item: { id: { S: '1' }, n: { N: '5' }, ok: { BOOL: true } }, ...more });

  test('the four operations', async () => {
    expect((await put()).output).toEqual({ SdkHttpMetadata: expect.anything(), SdkResponseMetadata: expect.anything() });
    const Key = { id: { S: '1' } };
    expect((await run(service('dynamodb:getItem'), { TableName: 'T', Key })).output).toMatchObject({
      Item: { id: { S: '1' }, n: { N: '5' }, ok: { BOOL: true } },
    });
    const update = await run(service('dynamodb:updateItem'), {
      TableName: 'T',
      Key,
      UpdateExpression: 'SET n = n + :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    });
    expect(update.output).toMatchObject({ Attributes: { n: { N: '6' } } });
    const deleted = await run(service('dynamodb:deleteItem'), { TableName: 'T', Key, ReturnValues: 'ALL_OLD' });
    expect(deleted.output).toMatchObject({ Attributes: { n: { N: '6' } } });
  });

  test('a failed condition is caught by name', async () => {
    await put();
    const { output } = await run(
      service('dynamodb:putItem'),
      { TableName: 'T', Item: { id: { S: '1' } }, ConditionExpression: 'attribute_not_exists(id)' },
      { Catch: [{ ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], Next: 'Caught' }] },
    );
    expect(output).toMatchObject({
      Error: 'DynamoDB.ConditionalCheckFailedException',
      Cause: expect.stringMatching(/^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; /),
    });
  });

  test.each([
    [
      'dynamodb:putItem',
      'DynamoDB.AmazonDynamoDBException',
      '(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: ',
    ],
    ['aws-sdk:dynamodb:putItem', 'DynamoDb.DynamoDbException', '(Service: DynamoDb, Status Code: 400, Request ID: '],
  ])('%s: an item that is null', async (name, error, service_) => {
    const { error: actual, cause } = await run(service(name), { TableName: 'T', Item: null });
    expect(actual).toBe(error);
    expect(cause).toContain(
      `1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null ${service_}`,
    );
  });

  test('a table that is not there, both ways', async () => {
    expect((await run(service('dynamodb:getItem'), { TableName: 'X', Key: { id: { S: '1' } } })).error).toBe(
      'DynamoDB.ResourceNotFoundException',
    );
    expect((await run(service('aws-sdk:dynamodb:getItem'), { TableName: 'X', Key: { id: { S: '1' } } })).error).toBe(
      'DynamoDb.ResourceNotFoundException',
    );
  });

  test('access denied', async () => {
    const nobody = await world.role('Nobody');
    const get = { TableName: 'T', Key: { id: { S: '1' } } };
    expect((await run(service('dynamodb:getItem'), get, {}, nobody)).error).toBe('DynamoDB.AmazonDynamoDBException');
    expect(await run(service('aws-sdk:dynamodb:getItem'), get, {}, nobody)).toMatchObject({
      error: 'DynamoDb.DynamoDbException',
      cause: expect.stringContaining('is not authorized to perform: dynamodb:GetItem'),
    });
  });

  test("aws-sdk: has the Java SDK's member names, and no metadata", async () => {
    await run(service('aws-sdk:dynamodb:putItem'), {
      TableName: 'T',
      Item: { id: { S: '1' }, ok: { Bool: true }, none: { Nul: true }, set: { SS: ['a'] } },
    });
    expect((await run(service('aws-sdk:dynamodb:getItem'), { TableName: 'T', Key: { id: { S: '1' } } })).output).toEqual({
      Item: { id: { S: '1' }, ok: { Bool: true }, none: { Nul: true }, set: { Ss: ['a'] } },
    });
    expect(
      (
        await run(service('aws-sdk:dynamodb:query'), {
          TableName: 'T',
          KeyConditionExpression: 'id = :id',
          ExpressionAttributeValues: { ':id': { S: '1' } },
        })
      ).output,
    ).toMatchObject({ Count: 1, ScannedCount: 1 });
  });
});

describe('messages', () => {
  test('sns:publish sends an object as its text', async () => {
    answer = { MessageId: 'm' };
    const { output } = await run(service('sns:publish'), {
      TopicArn: 't',
      Message: { a: 1 },
      MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } },
    });
    expect(given).toEqual([{ TopicArn: 't', Message: '{"a":1}', MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } }]);
    expect(output).toMatchObject({ MessageId: 'm', SdkHttpMetadata: { HttpHeaders: { 'Content-Type': 'text/xml' } } });
    await run(service('sns:publish'), { TopicArn: 't', Message: 'plain' });
    expect(given[1].Message).toBe('plain');
  });

  test("SNS's errors", async () => {
    answer = new ApiError('InvalidParameter', 'Invalid parameter: Subject');
    expect(await run(service('sns:publish'), { TopicArn: 't', Message: 'm' })).toMatchObject({
      error: 'SNS.InvalidParameterException',
      cause: expect.stringContaining('(Service: AmazonSNS; Status Code: 400; Error Code: InvalidParameter; Request ID: '),
    });
    answer = new ApiError('AuthorizationError', 'no', 403);
    expect((await run(service('sns:publish'), { TopicArn: 't', Message: 'm' })).error).toBe('SNS.AuthorizationErrorException');
  });

  test('sqs:sendMessage with a token: the answer of the call is the submitted output, the token decides', async () => {
    answer = { MessageId: 'm', MD5OfMessageBody: 'x' };
    const definition = {
      StartAt: 'T',
      States: {
        T: {
          Type: 'Task',
          Resource: service('sqs:sendMessage.waitForTaskToken'),
          Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } },
          End: true,
        },
      },
    };
    const execution = engine.startExecution(
      { arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:M', name: 'M', type: 'STANDARD', roleArn: role, definition },
      {},
    );
    await world.clock.settle();
    const { token } = JSON.parse(given[0].MessageBody as string);
    engine.sendTaskSuccess(token, '{"answer":42}');
    await world.clock.settle();
    expect(execution.output).toEqual({ answer: 42 });
    const submitted = execution.history.find(({ type }) => type === 'TaskSubmitted');
    expect(JSON.parse(submitted?.taskSubmittedEventDetails.output)).toMatchObject({ MessageId: 'm', MD5OfMessageBody: 'x' });
  });

  test('events:putEvents: a failed entry fails the task', async () => {
    const parameters = { Entries: [{ Source: 's', DetailType: 'd', Detail: { a: 1 } }] };
    answer = { FailedEntryCount: 0, Entries: [{ EventId: '1' }] };
    expect((await run(service('events:putEvents'), parameters)).output).toMatchObject({ Entries: [{ EventId: '1' }], FailedEntryCount: 0 });
    expect(given).toEqual([{ Entries: [{ Source: 's', DetailType: 'd', Detail: '{"a":1}' }] }]);
    answer = { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] };
    expect((await run(service('events:putEvents'), parameters)).error).toBe('EventBridge.FailedEntry');
  });
});

describe('ecs:runTask that finds no place for a task', () => {
  const Failures = [{ Arn: 'arn:aws:ecs:us-east-1:123456789012:container-instance/i', Reason: 'RESOURCE:MEMORY' }];
  beforeEach(() => {
    answer = { tasks: [], failures: [{ arn: Failures[0].Arn, reason: 'RESOURCE:MEMORY' }] };
  });

  test.each(['sync', 'waitForTaskToken'])('fails the task: .%s', async (pattern) => {
    const { error, cause } = await run(service(`ecs:runTask.${pattern}`), { TaskDefinition: 'report' });
    expect([error, JSON.parse(cause ?? '')]).toEqual(['AmazonECS.Unknown', Failures]);
  });

  test('is an answer to a request', async () => {
    expect((await run(service('ecs:runTask'), { TaskDefinition: 'report' })).output).toMatchObject({ Failures, Tasks: [] });
    expect(given).toEqual([{ taskDefinition: 'report', startedBy: 'AWS Step Functions' }]);
  });
});

describe('nested executions', () => {
  const child = async (definition: unknown) =>
    (
      await world.create('AWS::StepFunctions::StateMachine', 'Child', {
        StateMachineName: 'Child',
        RoleArn: role,
        DefinitionString: JSON.stringify(definition),
      })
    ).ref;
  const slow = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 60, Next: 'P' }, P: { Type: 'Pass', End: true } } };
  const ARN = 'arn:aws:states:us-east-1:123456789012:execution:Child:one';

  test('request-response does not wait', async () => {
    const StateMachineArn = await child(slow);
    const begin = world.clock.now();
    const { output } = await run(service('states:startExecution'), { StateMachineArn, Name: 'one', Input: { a: 1 } });
    expect(output).toMatchObject({ ExecutionArn: ARN, StartDate: begin });
    expect(world.clock.now()).toBe(begin);
  });

  test.each([
    ['states:startExecution.sync', '{"a":1}'],
    ['states:startExecution.sync:2', { a: 1 }],
  ])('%s waits for the end', async (name, data) => {
    const StateMachineArn = await child(slow);
    const StartDate = world.clock.now();
    const { output } = await run(service(name), { StateMachineArn, Name: 'one', Input: { a: 1 } });
    expect(output).toEqual({
      ExecutionArn: ARN,
      Input: data,
      InputDetails: { Included: true },
      Name: 'one',
      Output: data,
      OutputDetails: { Included: true },
      StartDate,
      StateMachineArn,
      Status: 'SUCCEEDED',
      StopDate: StartDate + 60_000,
    });
  });

  test('a failed child is States.TaskFailed with its description', async () => {
    const StateMachineArn = await child({ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'E', Cause: 'C' } } });
    const { error, cause } = await run(service('states:startExecution.sync:2'), { StateMachineArn, Name: 'one', Input: { a: 1 } });
    expect(error).toBe('States.TaskFailed');
    expect(JSON.parse(cause ?? '')).toMatchObject({ Error: 'E', Cause: 'C', ExecutionArn: ARN, Input: '{"a":1}', Status: 'FAILED' });
  });

  test('the child is stopped when the task times out', async () => {
    const StateMachineArn = await child(slow);
    const { error } = await run(service('states:startExecution.sync'), { StateMachineArn, Name: 'one' }, { TimeoutSeconds: 10 });
    await world.clock.settle();
    expect([error, engine.execution(ARN)?.status]).toEqual(['States.Timeout', 'ABORTED']);
  });

  test('a machine that is not there', async () => {
    const StateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:Nobody';
    expect(await run(service('states:startExecution'), { StateMachineArn })).toMatchObject({
      error: 'StepFunctions.StateMachineDoesNotExistException',
      cause: expect.stringContaining(
        `State Machine Does Not Exist: '${StateMachineArn}' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist;`,
      ),
    });
    expect((await run(service('aws-sdk:sfn:startExecution'), { StateMachineArn })).error).toBe('Sfn.StateMachineDoesNotExistException');
  });
});

describe('aws-sdk', () => {
  test('lower-case members are upper-case in tasks; timestamps are text', async () => {
    const StateMachineArn = (
      await world.create('AWS::StepFunctions::StateMachine', 'C', {
        StateMachineName: 'C',
        RoleArn: role,
        DefinitionString: '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
      })
    ).ref;
    const { output } = await run(service('aws-sdk:sfn:startExecution'), { StateMachineArn, Input: '{}' });
    expect(output).toEqual({
      ExecutionArn: expect.stringContaining(':execution:C:'),
      StartDate: new Date(world.clock.now()).toISOString(),
    });
  });

  test('undeclared errors have the name of the service', async () => {
    answer = new ApiError('ValidationException', 'Invalid name.');
    expect(await run(service('aws-sdk:secretsmanager:createSecret'), { Name: 'Invalid Name', SecretString: 'x' })).toMatchObject({
      error: 'SecretsManager.SecretsManagerException',
      cause: expect.stringMatching(/^Invalid name. \(Service: SecretsManager, Status Code: 400, Request ID: /),
    });
  });

  test('an empty list is there', async () => {
    answer = { SecretList: [] };
    expect((await run(service('aws-sdk:secretsmanager:listSecrets'), {})).output).toEqual({ SecretList: [] });
  });

  test('a blob goes in as UTF-8', async () => {
    answer = { KeyId: 'k', CiphertextBlob: Buffer.from('text') };
    expect((await run(service('aws-sdk:kms:encrypt'), { KeyId: 'k', Plaintext: 'é' })).output).toMatchObject({ CiphertextBlob: 'text' });
    expect(given).toEqual([{ KeyId: 'k', Plaintext: Buffer.from('é') }]);
  });
});

test.each([
  'arn:aws:states:::sagemaker:createTrainingJob.sync',
  'arn:aws:states:::aws-sdk:ec2:describeInstances',
  'arn:aws:states:::aws-sdk:sfn:fly',
  'arn:aws:states:::http:invoke',
])('%s is named loudly', async (resource) => {
  const port = createTaskPort(world, () => undefined);
  const call = {
    resource,
    input: {},
    roleArn: role,
    executionArn: 'e',
    stateName: 'T',
    statePath: ['T'],
    retryCount: 0,
    signal: new AbortController().signal,
  };
  await expect(port.start(call)).rejects.toThrow(`Not served by the local runner (stepworks): tasks with the resource ${resource}`);
});
