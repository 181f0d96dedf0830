import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  type CreateStateMachineCommandInput,
  DeleteActivityCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetActivityTaskCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachinesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  RedriveExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  TagResourceCommand,
  TestStateCommand,
  UntagResourceCommand,
  UpdateMapRunCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { createEngine } from '../../../local/engine';
import { StatesError, type TaskCall } from '../../../local/engine/types';
import { createStepFunctions } from '../../../local/services/stepfunctions';
import { refusal, World } from './world';

const ROLE = 'arn:aws:iam::123456789012:role/Machine';
const STATES = 'arn:aws:states:us-east-1:123456789012';
const definitionOf = (comment: string, States: object = { P: { Type: 'Pass', End: true } }) =>
  JSON.stringify({ Comment: comment, StartAt: Object.keys(States)[0], States });
const PASS = definitionOf('pass');
const WAIT = definitionOf('wait', { W: { Type: 'Wait', Seconds: 3600, End: true } });
const task = (Resource = 'arn:aws:states:::lambda:invoke') => ({
  T: { Type: 'Task', Resource, Parameters: { FunctionName: 'f' }, End: true },
});

let world: World;
let sfn: SFNClient;
/** What tasks answer. */
let answer: (call: TaskCall) => unknown;

beforeEach(async () => {
  answer = () => ({});
  world = await World.start((cloud) => {
    const tasks = { start: async (call: TaskCall) => ({ output: answer(call) as never }) };
    const { clock, accountId, region, partition, random } = cloud;
    return [createStepFunctions(cloud, createEngine({ clock, accountId, region, partition, random, tasks }))];
  });
  sfn = new SFNClient(world.client());
});
afterEach(() => world.gateway.close());

const create = async (name: string, definition = PASS, more: Partial<CreateStateMachineCommandInput> = {}) =>
  sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: ROLE, ...more }));
const machine = async (...args: Parameters<typeof create>) => (await create(...args)).stateMachineArn as string;
const update = (stateMachineArn: string, more: object) => sfn.send(new UpdateStateMachineCommand({ stateMachineArn, ...more }));
const describeMachine = (stateMachineArn: string) => sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
const publish = async (stateMachineArn: string, more: object = {}) =>
  (await sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn, ...more }))).stateMachineVersionArn as string;
const start = async (stateMachineArn: string, more: object = {}) =>
  (await sfn.send(new StartExecutionCommand({ stateMachineArn, ...more }))).executionArn as string;
const describeIt = (executionArn: string) => sfn.send(new DescribeExecutionCommand({ executionArn }));
const alias = (name: string, ...routes: [string, number][]) =>
  sfn.send(new CreateStateMachineAliasCommand({ name, routingConfiguration: routesOf(routes) }));
const routesOf = (routes: readonly [string, number][]) =>
  routes.map(([stateMachineVersionArn, weight]) => ({ stateMachineVersionArn, weight }));

/** A machine with two versions. */
async function versioned(): Promise<{ ref: string; one: string; two: string }> {
  const ref = await machine('M', definitionOf('one'));
  const one = await publish(ref);
  await update(ref, { definition: definitionOf('two') });
  return { ref, one, two: await publish(ref) };
}

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
describe('CreateStateMachine', () => {
  test('makes it, once for the same request', async () => {
    const first = await create('M', PASS, { tags: [{ key: 'a', value: 'b' }] });
    expect(first).toMatchObject({ stateMachineArn: `${STATES}:stateMachine:M`, creationDate: new Date(world.clock.now()) });
    await world.clock.advance(1000);
    const role = 'arn:aws:iam::123456789012:role/Other';
    expect((await create('M', PASS, { roleArn: role, tags: [] })).creationDate).toEqual(first.creationDate);
    expect(await describeMachine(first.stateMachineArn as string)).toMatchObject({
      roleArn: ROLE,
      definition: PASS,
      type: 'STANDARD',
      status: 'ACTIVE',
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
  });

  test.each<[string, Partial<CreateStateMachineCommandInput>]>([
    ['definition', { definition: `${PASS} ` }],
    ['type', { type: 'EXPRESS' }],
    ['tracing', { tracingConfiguration: { enabled: true } }],
    ['publication', { publish: true }],
  ])('another %s under the same name is refused', async (_, more) => {
    const ref = await machine('M');
    expect(await refusal(create('M', PASS, more))).toMatchObject({
      name: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${ref}'`,
    });
  });

  const group = `arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/m`;
  const logging = (...arns: string[]) => ({
    loggingConfiguration: { level: 'ALL' as const, destinations: arns.map((logGroupArn) => ({ cloudWatchLogsLogGroup: { logGroupArn } })) },
  });
  test.each<[string, string, Partial<CreateStateMachineCommandInput>]>([
    ['InvalidDefinition', "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ", { definition: '{"StartAt":"A"}' }],
    ['InvalidName', "Invalid Name: 'a b'", { name: 'a b' }],
    ['InvalidArn', "Invalid Role Arn: 'role'", { roleArn: 'role' }],
    ['InvalidLoggingConfiguration', 'Invalid Logging Configuration: Must specify exactly one Log Destination.', logging()],
    ['InvalidLoggingConfiguration', "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier.", logging(group)],
    ['InvalidTracingConfiguration', 'Invalid Tracing Configuration: ', { tracingConfiguration: {} }],
    ['InvalidEncryptionConfiguration', 'Invalid Encryption', { encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY' } }],
    ['ValidationException', 'Version description can only be set when publish is true', { versionDescription: 'v' }],
    ['TooManyTags', 'A resource has at most 50 tags', { tags: Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: '' })) }],
  ])('%s: %s', async (name, message, more) => {
    expect(await refusal(create('M', PASS, more))).toMatchObject({ name, message: expect.stringContaining(message) });
    expect((await sfn.send(new ListStateMachinesCommand())).stateMachines).toEqual([]);
  });

  test('logs to one log group', async () => {
    const ref = await machine('M', PASS, logging(`${group}:*`));
    expect((await describeMachine(ref)).loggingConfiguration).toMatchObject({ level: 'ALL', includeExecutionData: false });
  });

  test("a role needs to pass the machine's, and more to publish and to tag", async () => {
    const resource = `${STATES}:stateMachine:M`;
    const role = await world.role('Maker', { Effect: 'Allow', Action: 'states:CreateStateMachine', Resource: resource });
    const asRole = (more: object) =>
      new SFNClient(world.client(role)).send(new CreateStateMachineCommand({ name: 'M', definition: PASS, roleArn: ROLE, ...more }));
    expect((await refusal(asRole({}))).message).toContain(`iam:PassRole on resource: ${ROLE}`);
    await world.create('AWS::IAM::Policy', 'Pass', {
      PolicyName: 'pass',
      Roles: ['Maker'],
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iam:PassRole',
            Resource: ROLE,
            Condition: { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } },
          },
        ],
      },
    });
    expect((await refusal(asRole({ publish: true }))).message).toContain('states:PublishStateMachineVersion');
    expect((await refusal(asRole({ tags: [{ key: 'a', value: 'b' }] }))).message).toContain('states:TagResource');
    await asRole({});
  });
});

describe('constraints', () => {
  test('every problem of a call is named, with its place and its value', async () => {
    const routes = (...weights: number[]) => weights.map((weight, i) => ({ stateMachineVersionArn: `v${i}`, weight }));
    const call = (name: string, routingConfiguration: ReturnType<typeof routes>) =>
      refusal(sfn.send(new CreateStateMachineAliasCommand({ name, routingConfiguration })));
    expect((await call('live', routes(101))).message).toBe(
      "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    );
    expect((await call('12', routes(50, 30, 20))).message).toBe(
      "2 validation errors detected: Value '12' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$; " +
        "Value '[RoutingConfigurationListItem(stateMachineVersionArn=v0, weight=50), RoutingConfigurationListItem(stateMachineVersionArn=v1, weight=30), RoutingConfigurationListItem(stateMachineVersionArn=v2, weight=20)]' " +
        "at 'routingConfiguration' failed to satisfy constraint: Member must have length less than or equal to 2",
    );
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      "Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
      () => sfn.send(new ListStateMachinesCommand({ maxResults: 1001 })),
    ],
    [
      "Value 'DONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [RUNNING, ",
      () => sfn.send(new ListExecutionsCommand({ stateMachineArn: 'arn:', statusFilter: 'DONE' as never })),
    ],
    ["Value at 'definition' failed to satisfy constraint: Member must have length greater than or equal to 1", () => create('M', '')],
    [
      "Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
      () => start('arn:', { input: `"${'é'.repeat(131_072)}"` }),
    ],
    [
      "Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
      () => sfn.send(new TagResourceCommand({ resourceArn: 'arn:', tags: [{ value: 'v' }] })),
    ],
    [
      "Value '' at 'tagKeys.1.member' failed to satisfy constraint: Member must have length greater than or equal to 1",
      () => sfn.send(new UntagResourceCommand({ resourceArn: 'arn:', tagKeys: [''] })),
    ],
  ])('%s', async (message, call) => {
    expect(await refusal(call())).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachine.html
describe('UpdateStateMachine', () => {
  test('what runs goes on with what it was started with', async () => {
    const ref = await machine('M', WAIT);
    const before = await start(ref);
    const { revisionId } = await update(ref, { definition: PASS });
    expect(await describeMachine(ref)).toMatchObject({ definition: PASS, revisionId });
    await world.clock.settle();
    expect((await describeIt(before)).status).toBe('RUNNING');
    const of = (executionArn: string) => sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
    expect(await of(before)).toMatchObject({ definition: WAIT, stateMachineArn: ref, roleArn: ROLE, name: 'M' });
    const after = await start(ref);
    expect(await of(after)).toMatchObject({ definition: PASS, revisionId });
  });

  test('without a difference there is no new revision', async () => {
    const ref = await machine('M');
    const { revisionId } = await update(ref, { definition: WAIT });
    expect((await update(ref, { definition: WAIT, roleArn: ROLE })).revisionId).toBe(revisionId);
    expect((await update(ref, { tracingConfiguration: { enabled: true } })).revisionId).not.toBe(revisionId);
  });

  test('refusals', async () => {
    const ref = await machine('M', PASS, { publish: true });
    expect(await refusal(update(ref, {}))).toMatchObject({ name: 'MissingRequiredParameter' });
    expect((await refusal(update(ref, { definition: '{}' }))).name).toBe('InvalidDefinition');
    expect((await refusal(update(`${ref}:1`, { definition: WAIT }))).name).toBe('StateMachineDoesNotExist');
    expect((await refusal(update(`${ref}/Label`, { definition: WAIT }))).name).toBe('ValidationException');
  });
});

test('DeleteStateMachine ends what runs and takes versions and aliases along; again is no error', async () => {
  const ref = await machine('M', WAIT, { publish: true });
  await alias('live', [`${ref}:1`, 100]);
  const executionArn = await start(`${ref}:live`);
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: ref }));
  await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: ref }));
  await world.clock.settle();
  expect(await describeIt(executionArn)).toMatchObject({ status: 'ABORTED', redriveStatus: 'NOT_REDRIVABLE' });
  for (const arn of [ref, `${ref}:1`, `${ref}:live`]) expect((await refusal(start(arn))).name).toBe('StateMachineDoesNotExist');
});

test('lists come in pages, the newest first', async () => {
  for (const name of ['a', 'b', 'c']) await machine(name);
  const list = (more: object) => sfn.send(new ListStateMachinesCommand(more));
  const first = await list({ maxResults: 2 });
  const second = await list({ maxResults: 2, nextToken: first.nextToken });
  expect([first, second].map(({ stateMachines }) => stateMachines?.map(({ name }) => name))).toEqual([['c', 'b'], ['a']]);
  expect(await refusal(list({ nextToken: 'made up' }))).toMatchObject({ name: 'InvalidToken', message: "Invalid Token: 'Invalid token'" });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-version.html
describe('versions', () => {
  test('are numbered, keep their definition, and one is made of a revision only once', async () => {
    const { ref, one, two } = await versioned();
    expect([one, two, await publish(ref)]).toEqual([`${ref}:1`, `${ref}:2`, `${ref}:2`]);
    expect(await describeMachine(one)).toMatchObject({ stateMachineArn: one, definition: definitionOf('one') });
    const list = async () => (await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: ref }))).stateMachineVersions;
    expect((await list())?.map(({ stateMachineVersionArn }) => stateMachineVersionArn)).toEqual([two, one]);
    await sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: two }));
    expect((await list())?.length).toBe(1);
    expect(await publish(ref)).toBe(`${ref}:3`);
  });

  test('of a revision that is not the current one are refused', async () => {
    const ref = await machine('M');
    expect(await publish(ref, { revisionId: 'INITIAL', description: 'first' })).toBe(`${ref}:1`);
    expect((await describeMachine(`${ref}:1`)).description).toBe('first');
    await update(ref, { definition: WAIT });
    expect(await refusal(publish(ref, { revisionId: 'INITIAL' }))).toMatchObject({
      name: 'ConflictException',
      $metadata: { httpStatusCode: 409 },
    });
  });

  test('an update can publish', async () => {
    const { stateMachineArn: ref, stateMachineVersionArn } = await create('M', PASS, { publish: true, versionDescription: 'one' });
    expect(stateMachineVersionArn).toBe(`${ref}:1`);
    const updated = await update(ref as string, { definition: WAIT, publish: true, versionDescription: 'two' });
    expect(updated.stateMachineVersionArn).toBe(`${ref}:2`);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-state-machine-alias.html
describe('aliases', () => {
  test('send executions to their versions by weight', async () => {
    const { ref, one, two } = await versioned();
    const { stateMachineAliasArn } = await alias('live', [one, 30], [two, 70]);
    expect(stateMachineAliasArn).toBe(`${ref}:live`);
    const drawn = [0.29, 0.31, 0.99];
    world.random = () => drawn.shift() ?? 0.5;
    const versions: (string | undefined)[] = [];
    for (const name of ['a', 'b', 'c']) {
      const { stateMachineVersionArn, stateMachineAliasArn: by } = await describeIt(await start(`${ref}:live`, { name }));
      versions.push(stateMachineVersionArn);
      expect(by).toBe(`${ref}:live`);
    }
    expect(versions).toEqual([one, two, two]);
    await start(two, { name: 'd' });
    const list = async (stateMachineArn: string) =>
      (await sfn.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.map(({ name }) => name);
    expect(await list(`${ref}:live`)).toEqual(['c', 'b', 'a']);
    expect(await list(two)).toEqual(['d', 'c', 'b']);
  });

  test('are updated, listed, described and deleted', async () => {
    const { ref, one, two } = await versioned();
    await alias('live', [one, 100]);
    await alias('next', [two, 100]);
    const list = async (stateMachineArn: string) =>
      (await sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn }))).stateMachineAliases?.map((a) => a.stateMachineAliasArn);
    expect(await list(ref)).toEqual([`${ref}:next`, `${ref}:live`]);
    expect(await list(one)).toEqual([`${ref}:live`]);
    const stateMachineAliasArn = `${ref}:live`;
    await world.clock.advance(1000);
    await sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration: routesOf([[two, 100]]) }));
    const described = await sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }));
    expect(described).toMatchObject({ name: 'live', routingConfiguration: [{ stateMachineVersionArn: two, weight: 100 }] });
    expect(described.updateDate?.getTime()).toBe((described.creationDate?.getTime() ?? 0) + 1000);
    expect((await describeMachine(stateMachineAliasArn)).definition).toBe(definitionOf('two'));
    expect(await refusal(sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: two })))).toMatchObject({
      name: 'ConflictException',
      message: expect.stringContaining('[live, next]'),
    });
    await sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
    expect((await refusal(sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn })))).name).toBe('ResourceNotFound');
  });

  test('refusals', async () => {
    const { ref, one, two } = await versioned();
    await alias('live', [one, 100]);
    await alias('live', [one, 100]);
    const refused = async (name: string, ...routes: [string, number][]) => {
      const { name: code, message } = await refusal(alias(name, ...routes));
      return `${code}: ${message}`;
    };
    expect(await refused('live', [two, 100])).toMatch(/^ConflictException: Failed to create alias because an alias with the same name/);
    expect(await refused('x', [ref, 100])).toBe(
      `ValidationException: Routing configuration must contain state machine version ARNs. Received: [${ref}]`,
    );
    expect(await refused('x', [one, 50], [one, 50])).toContain('must contain distinct state machine version ARNs');
    expect(await refused('x', [one, 50], [two, 49])).toContain('Sum of routing configuration weights must equal 100. Received: [50, 49]');
    expect(await refused('x', [`${ref}:9`, 100])).toMatch(/^ResourceNotFound/);
    expect(await refused('x', [one, 50], [`${STATES}:stateMachine:Other:1`, 50])).toContain('one state machine');
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
  test("are authorized on the machine's ARN, told apart by a condition", async () => {
    const { ref, one } = await versioned();
    await alias('live', [one, 100]);
    const role = await world.role(
      'Starter',
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: ref },
      {
        Effect: 'Deny',
        Action: 'states:StartExecution',
        Resource: ref,
        Condition: { StringEquals: { 'states:StateMachineQualifier': '1' } },
      },
    );
    const asRole = (stateMachineArn: string) => new SFNClient(world.client(role)).send(new StartExecutionCommand({ stateMachineArn }));
    await asRole(`${ref}:live`);
    expect((await refusal(asRole(one))).name).toBe('AccessDeniedException');
  });
});

test('tags of machines and activities', async () => {
  const ref = await machine('M', PASS, { tags: [{ key: 'a', value: '1' }] });
  await sfn.send(
    new TagResourceCommand({
      resourceArn: ref,
      tags: [
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ],
    }),
  );
  const list = async (resourceArn: string) => (await sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
  expect(await list(ref)).toEqual([
    { key: 'a', value: '2' },
    { key: 'b', value: '' },
  ]);
  await sfn.send(new UntagResourceCommand({ resourceArn: ref, tagKeys: ['a', 'none'] }));
  expect(await list(ref)).toEqual([{ key: 'b', value: '' }]);
  expect(await refusal(list(`${ref}x`))).toMatchObject({ name: 'ResourceNotFound', resourceName: `${ref}x` });
});

test('ValidateStateMachineDefinition: by severity, so many at most', async () => {
  const States = { A: { Type: 'Pass', Next: 'X' }, B: { Type: 'Pass', Next: 'Y' } };
  const validate = (more: object = {}) =>
    sfn.send(new ValidateStateMachineDefinitionCommand({ definition: JSON.stringify({ StartAt: 'A', States }), ...more }));
  const whole = await validate();
  expect(whole).toMatchObject({ result: 'FAIL', truncated: false });
  expect(whole.diagnostics?.length).toBeGreaterThan(1);
  const one = await validate({ maxResults: 1 });
  expect(one).toMatchObject({ result: 'FAIL', truncated: true, diagnostics: [whole.diagnostics?.[0]] });
  expect(await validate({ definition: PASS })).toMatchObject({ result: 'OK', diagnostics: [] });
  const unknown = definitionOf('x', { P: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $nowhere %}', End: true } });
  expect(await validate({ definition: unknown })).toMatchObject({ result: 'OK', diagnostics: [] });
  expect((await validate({ definition: unknown, severity: 'WARNING' })).diagnostics).toMatchObject([{ severity: 'WARNING' }]);
});

test('TestState: with a task, with a mock, refused', async () => {
  answer = ({ input }) => ({ Payload: input });
  const definition = JSON.stringify(task().T);
  const run = (more: object) => sfn.send(new TestStateCommand({ definition, roleArn: ROLE, ...more }));
  expect(await run({})).toMatchObject({ status: 'SUCCEEDED', output: '{"Payload":{"FunctionName":"f"}}' });
  const mock = { result: '{"Payload":"1","StatusCode":200}' };
  expect(await run({ mock, inspectionLevel: 'DEBUG' })).toMatchObject({ output: mock.result, inspectionData: { input: '{}' } });
  expect(await refusal(run({ mock: { result: '{"StatusCode":"a"}' } }))).toMatchObject({
    name: 'ValidationException',
    message: "Mock result schema validation error: Field 'StatusCode' must be a number",
  });
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
describe('what a mocked result must be like, by the model of its API', () => {
  const run = (resource: string, result: unknown) => {
    const [state] = Object.values(task(`arn:aws:states:::${resource}`));
    const mock = { result: JSON.stringify(result) };
    return sfn.send(new TestStateCommand({ definition: JSON.stringify(state), mock }));
  };

  test.each<[string, unknown, string]>([
    ['aws-sdk:s3:getObject', { StorageClass: 'Papyrus' }, "Field 'StorageClass' is not an expected value"],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { Architectures: ['arm64', 'vax'] } },
      "Field 'Architectures' is not an expected value",
    ],
    ['aws-sdk:lambda:getFunction', { Configuration: { MemorySize: 127 } }, "Field 'MemorySize' is less than the minimum value"],
    ['aws-sdk:lambda:getFunction', { Configuration: { MemorySize: 10_241 } }, "Field 'MemorySize' exceeds the maximum value"],
    ['aws-sdk:kms:encrypt', { CiphertextBlob: '' }, "Field 'CiphertextBlob' is smaller than the minimum length"],
    ['aws-sdk:kms:encrypt', { KeyId: 'k'.repeat(2049) }, "Field 'KeyId' exceeds the maximum length"],
    ['aws-sdk:dynamodb:describeTable', { Table: { TableStatus: 'GONE' } }, "Field 'TableStatus' is not an expected value"],
    ['aws-sdk:lambda:invoke', { Payload: { a: 1 } }, "Field 'Payload' must be a string"],
  ])('%s giving %j is refused', async (resource, result, message) => {
    expect(await refusal(run(resource, result))).toMatchObject({
      name: 'ValidationException',
      message: `Mock result schema validation error: ${message}`,
    });
  });

  test.each<[string, unknown]>([
    ['aws-sdk:s3:getObject', { StorageClass: 'GLACIER' }],
    ['aws-sdk:lambda:getFunction', { Configuration: { MemorySize: 10_240, Runtime: 'nodejs22.x' } }],
    ['aws-sdk:lambda:invoke', { Payload: '{"a":1}' }],
    // The optimized integration gives the payload as JSON: https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
    ['lambda:invoke', { Payload: { a: 1 }, StatusCode: 200 }],
  ])('%s giving %j is fine', async (resource, result) => {
    expect(await run(resource, result)).toMatchObject({ status: 'SUCCEEDED', output: JSON.stringify(result) });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
test('a redrive goes on, is told of, and the same token asks for the same redrive', async () => {
  answer = () => {
    throw new StatesError('Broken');
  };
  const executionArn = await start(await machine('M', definitionOf('task', task())));
  const redrive = (clientToken?: string) => sfn.send(new RedriveExecutionCommand({ executionArn, clientToken }));
  await world.clock.settle();
  expect(await describeIt(executionArn)).toMatchObject({ status: 'FAILED', redriveCount: 0, redriveStatus: 'REDRIVABLE' });
  answer = () => 1;
  await world.clock.advance(1000);
  const { redriveDate } = await redrive('t');
  expect((await redrive('t')).redriveDate).toEqual(redriveDate);
  await world.clock.settle();
  expect(await describeIt(executionArn)).toMatchObject({
    status: 'SUCCEEDED',
    redriveCount: 1,
    redriveDate,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
  });
  const details = world.events.map(({ detail }) => detail as { status: string; redriveCount: number });
  expect(details.map(({ status, redriveCount }) => [status, redriveCount])).toEqual([
    ['RUNNING', 0],
    ['FAILED', 0],
    ['RUNNING', 1],
    ['SUCCEEDED', 1],
  ]);
});

test('what runs cannot be redriven', async () => {
  const executionArn = await start(await machine('M', WAIT));
  expect(await refusal(sfn.send(new RedriveExecutionCommand({ executionArn })))).toMatchObject({
    name: 'ExecutionNotRedrivable',
    message: 'Execution is RUNNING and cannot be redriven',
  });
});

test('METADATA_ONLY leaves the data out', async () => {
  const executionArn = await start(await machine('M'), { input: '{"a":1}' });
  await world.clock.settle();
  const described = await sfn.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
  expect(described).toMatchObject({ status: 'SUCCEEDED', inputDetails: { included: false }, outputDetails: { included: false } });
  expect([described.input, described.output]).toEqual([undefined, undefined]);
});

// https://github.com/floci-io/floci/issues/2733
test('an execution that ran out of time has neither error nor cause', async () => {
  const States = { W: { Type: 'Wait', Seconds: 3600, End: true } };
  const executionArn = await start(await machine('M', JSON.stringify({ StartAt: 'W', TimeoutSeconds: 3, States })));
  await world.clock.advance(4000);
  const { cause, error, status } = await describeIt(executionArn);
  expect({ cause, error, status }).toEqual({ cause: undefined, error: undefined, status: 'TIMED_OUT' });
});

test('Express executions can be started only', async () => {
  const ref = await machine('E', PASS, { type: 'EXPRESS' });
  const executionArn = await start(ref);
  const notHere = { name: 'InvalidArn', message: "Invalid Arn: 'Resource type not valid in this context: express'" };
  expect(await refusal(describeIt(executionArn))).toMatchObject(notHere);
  expect((await refusal(sfn.send(new ListExecutionsCommand({ stateMachineArn: ref })))).name).toBe('StateMachineTypeNotSupported');
  const sync = new StartSyncExecutionCommand({ stateMachineArn: ref, input: 'x' });
  expect(await refusal(sfn.send(sync))).toMatchObject({
    name: 'InvalidExecutionInput',
    message: expect.stringContaining("Unrecognized token 'x'"),
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html
describe('Map Runs', () => {
  const map = (more: object) =>
    definitionOf('map', {
      M: {
        Type: 'Map',
        Label: 'Items',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'W',
          States: { W: { Type: 'Wait', Seconds: 60, Next: 'T' }, ...task() },
        },
        End: true,
        ...more,
      },
    });
  const mapRunOf = async (executionArn: string) =>
    (await sfn.send(new ListMapRunsCommand({ executionArn }))).mapRuns?.[0]?.mapRunArn as string;
  const describeRun = (mapRunArn: string) => sfn.send(new DescribeMapRunCommand({ mapRunArn }));

  test('are listed and described, their children too', async () => {
    const ref = await machine('M', map({ ItemBatcher: { MaxItemsPerBatch: 2 } }));
    const executionArn = await start(ref, { input: '[1,2,3]' });
    await world.clock.settle();
    const mapRunArn = await mapRunOf(executionArn);
    const counts = { running: 3, total: 3, succeeded: 0 };
    expect(await describeRun(mapRunArn)).toMatchObject({
      executionArn,
      status: 'RUNNING',
      itemCounts: counts,
      executionCounts: { total: 2 },
    });
    await world.clock.advance(60_000);
    expect(await describeRun(mapRunArn)).toMatchObject({
      status: 'SUCCEEDED',
      itemCounts: { succeeded: 3, running: 0, resultsWritten: 0 },
    });
    const children = (await sfn.send(new ListExecutionsCommand({ mapRunArn }))).executions ?? [];
    expect(children).toMatchObject([
      { stateMachineArn: `${ref}/Items`, mapRunArn, itemCount: 1, status: 'SUCCEEDED' },
      { stateMachineArn: `${ref}/Items`, mapRunArn, itemCount: 2, status: 'SUCCEEDED' },
    ]);
    expect((await sfn.send(new ListExecutionsCommand({ stateMachineArn: ref }))).executions?.length).toBe(1);
    const child = new DescribeStateMachineForExecutionCommand({ executionArn: children[0].executionArn });
    expect(await sfn.send(child)).toMatchObject({ mapRunArn, label: 'Items', stateMachineArn: `${ref}/Items` });
  });

  test('an update lets more children run, and more of them fail', async () => {
    answer = () => {
      throw new StatesError('Broken');
    };
    const executionArn = await start(await machine('M', map({ MaxConcurrency: 1 })), { input: '[1,2,3]' });
    await world.clock.settle();
    const mapRunArn = await mapRunOf(executionArn);
    expect((await describeRun(mapRunArn)).executionCounts).toMatchObject({ running: 1 });
    const change = (more: object) => sfn.send(new UpdateMapRunCommand({ mapRunArn, ...more }));
    await change({ maxConcurrency: 3, toleratedFailurePercentage: 100 });
    await world.clock.settle();
    expect(await describeRun(mapRunArn)).toMatchObject({
      maxConcurrency: 3,
      toleratedFailurePercentage: 100,
      executionCounts: { running: 3 },
    });
    await world.clock.advance(60_000);
    expect(await describeRun(mapRunArn)).toMatchObject({ status: 'SUCCEEDED', executionCounts: { failed: 3 } });
    expect((await refusal(change({ maxConcurrency: 1 }))).name).toBe('ValidationException');
    const children = (await sfn.send(new ListExecutionsCommand({ mapRunArn, statusFilter: 'FAILED' }))).executions ?? [];
    expect((await describeIt(children[0].executionArn as string)).redriveStatus).toBe('REDRIVABLE_BY_MAP_RUN');
  });

  test('a list is of one or the other', async () => {
    expect((await refusal(sfn.send(new ListExecutionsCommand({})))).name).toBe('ValidationException');
    const mapRunArn = `${STATES}:mapRun:M/Items:none`;
    expect((await refusal(sfn.send(new ListExecutionsCommand({ mapRunArn })))).name).toBe('ResourceNotFound');
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-activities.html
describe('activities', () => {
  const poll = (activityArn: string, client = sfn) => client.send(new GetActivityTaskCommand({ activityArn, workerName: 'w' }));

  test('a worker that waits gets the task when there is one', async () => {
    const activityArn = (await world.create('AWS::StepFunctions::Activity', 'A', { Name: 'work' })).ref;
    expect(activityArn).toBe(`${STATES}:activity:work`);
    const polled = poll(activityArn);
    const executionArn = await start(await machine('M', definitionOf('m', { T: { Type: 'Task', Resource: activityArn, End: true } })), {
      input: '{"a":1}',
    });
    const { taskToken, input } = await polled;
    expect(JSON.parse(input as string)).toEqual({ a: 1 });
    await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":true}' }));
    await world.clock.settle();
    expect(await describeIt(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
  });

  test('after a minute there is nothing, and the worker that left gets no task', async () => {
    const { activityArn } = await sfn.send(new CreateActivityCommand({ name: 'work' }));
    const called = () => world.callsOf('sfn', 'GetActivityTask').length;
    const polled = poll(activityArn as string);
    // The request has to arrive before time moves.
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.clock.advance(59_999);
    expect(called()).toBe(0);
    await world.clock.advance(1);
    expect(await polled).not.toHaveProperty('taskToken', expect.anything());
    await start(await machine('M', definitionOf('m', { T: { Type: 'Task', Resource: activityArn, End: true } })));
    await world.clock.settle();
    expect((await poll(activityArn as string)).taskToken).toBeDefined();
  });

  test('are made once, described, listed, deleted', async () => {
    const make = (more: object = {}) => sfn.send(new CreateActivityCommand({ name: 'work', ...more }));
    const { activityArn } = await make();
    expect((await make({ tags: [{ key: 'a', value: 'b' }] })).activityArn).toBe(activityArn);
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' };
    expect((await refusal(make({ encryptionConfiguration }))).name).toBe('ActivityAlreadyExists');
    expect(await refusal(make({ name: 'a/b' }))).toMatchObject({ name: 'InvalidName', message: "Invalid Name: 'a/b'" });
    expect((await sfn.send(new ListActivitiesCommand())).activities).toMatchObject([{ activityArn, name: 'work' }]);
    const describeActivity = () => sfn.send(new DescribeActivityCommand({ activityArn }));
    expect(await describeActivity()).toMatchObject({ name: 'work' });
    await sfn.send(new DeleteActivityCommand({ activityArn }));
    await sfn.send(new DeleteActivityCommand({ activityArn }));
    const gone = { name: 'ActivityDoesNotExist', message: `Activity Does Not Exist: '${activityArn}'` };
    expect(await refusal(describeActivity())).toMatchObject(gone);
    expect(await refusal(poll(activityArn as string))).toMatchObject(gone);
  });

  test('a worker needs a permission', async () => {
    const { activityArn } = await sfn.send(new CreateActivityCommand({ name: 'work' }));
    const client = new SFNClient(world.client(await world.role('Worker')));
    expect((await refusal(poll(activityArn as string, client))).message).toContain(`states:GetActivityTask on resource: ${activityArn}`);
  });
});
