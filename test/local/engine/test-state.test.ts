import { VirtualClock } from '../../../local/clock';
import { ApiError } from '../../../local/cloud-types';
import { StatesError, type TestStateOptions, type TestStateRequest, testState } from '../../../local/engine';
import { seededRandom } from '../../../local/engine/random';
import { LAMBDA } from './play';

const options: TestStateOptions = {
  clock: new VirtualClock(),
  accountId: '111122223333',
  region: 'eu-west-1',
  partition: 'aws',
  random: seededRandom(1),
  tasks: {
    async start({ input }) {
      if (JSON.stringify(input).includes('bad')) throw new StatesError('Bad', 'why');
      return { output: { got: input } };
    },
  },
  resultShapes: (type, operation) =>
    type === 'lambda' && operation === 'invoke'
      ? {
          kind: 'structure',
          required: ['StatusCode'],
          member: (name) => (name === 'StatusCode' ? { kind: 'number', maximum: 599 } : undefined),
        }
      : undefined,
};

const run = ({ definition, ...request }: Omit<TestStateRequest, 'definition'> & { definition: object }) =>
  testState(options, { definition: JSON.stringify(definition), ...request });

const task = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:sqs:sendMessage', Parameters: {}, End: true };
const lambda = { ...task, Resource: LAMBDA, Parameters: { FunctionName: 'f' } };

// https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
describe('TestState', () => {
  // https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html#supported-test-states
  test('a test takes no longer than five minutes', async () => {
    const clock = options.clock as VirtualClock;
    const waiting = (Seconds: number) => run({ definition: { Type: 'Wait', Seconds, End: true } });
    const [short, long] = [waiting(299), waiting(301)];
    await clock.advance(300_000);
    expect(await short).toEqual({ status: 'SUCCEEDED', output: '{}' });
    expect(await long).toEqual({ status: 'FAILED', error: 'States.Timeout' });
  });

  test.each([
    ['arn:aws:states:eu-west-1:111122223333:activity:Work', {}],
    ['arn:aws:states:::sqs:sendMessage.waitForTaskToken', { QueueUrl: 'q', MessageBody: 'm' }],
    ['arn:aws:states:::states:startExecution.sync:2', { StateMachineArn: 'm' }],
  ])('%s needs a mock', async (Resource, Parameters) => {
    const definition = { Type: 'Task', Resource, Parameters, End: true };
    const refused = run({ definition });
    await expect(refused).rejects.toThrow(ApiError);
    await expect(refused).rejects.toMatchObject({ code: 'InvalidDefinition' });
    expect(await run({ definition, mock: { result: '{}', fieldValidationMode: 'NONE' } })).toMatchObject({ status: 'SUCCEEDED' });
  });

  test('runs one state and shows each step of its data flow', async () => {
    const definition = {
      ...task,
      InputPath: '$.a',
      Parameters: { 'b.$': '$.b' },
      ResultSelector: { 'r.$': '$.got.b' },
      ResultPath: '$.out',
      Next: 'After',
      End: undefined,
    };
    const result = await run({ definition, input: '{"a":{"b":1}}', inspectionLevel: 'DEBUG' });
    expect(result).toEqual({
      status: 'SUCCEEDED',
      output: '{"a":{"b":1},"out":{"r":1}}',
      nextState: 'After',
      inspectionData: {
        input: '{"a":{"b":1}}',
        afterInputPath: '{"b":1}',
        afterParameters: '{"b":1}',
        result: '{"got":{"b":1}}',
        afterResultSelector: '{"r":1}',
        afterResultPath: '{"a":{"b":1},"out":{"r":1}}',
      },
    });
  });

  test('a mock stands for the work, its error goes through Retry and Catch', async () => {
    const definition = {
      ...task,
      Retry: [{ ErrorEquals: ['Mocked'], IntervalSeconds: 2, MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Handle' }],
    };
    const mock = { errorOutput: { error: 'Mocked', cause: 'C' } };
    const retried = await run({ definition, mock, inspectionLevel: 'DEBUG', stateConfiguration: { retrierRetryCount: 1 } });
    expect(retried).toMatchObject({
      status: 'RETRIABLE',
      error: 'Mocked',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 4 } },
    });
    const caught = await run({ definition, mock, stateConfiguration: { retrierRetryCount: 2 } });
    expect(caught).toEqual({
      status: 'CAUGHT_ERROR',
      error: 'Mocked',
      cause: 'C',
      nextState: 'Handle',
      output: '{"Error":"Mocked","Cause":"C"}',
    });
  });

  test('a fault of the state itself comes without the execution’s words around it', async () => {
    const result = await run({ definition: { Type: 'Pass', InputPath: '$.no', End: true } });
    expect(result).toEqual({ status: 'FAILED', error: 'States.Runtime', cause: "Invalid path '$.no' : No results for path: $['no']" });
  });

  test('a state of a machine, with variables and a context of its own', async () => {
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemProcessor: {
            StartAt: 'In',
            States: { In: { Type: 'Pass', Output: ['{% $v %}', '{% $states.context.Execution.Name %}'], End: true } },
          },
          End: true,
        },
      },
    };
    const result = await run({ definition, stateName: 'In', variables: '{"v":1}', context: '{"Execution":{"Name":"mine"}}' });
    expect(result.output).toBe('[1,"mine"]');
  });

  test('a Map evaluates its fields and counts mocked failures against its tolerance', async () => {
    const definition = {
      Type: 'Map',
      ItemsPath: '$.items',
      ToleratedFailureCount: 1,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'In',
        States: { In: { Type: 'Succeed' } },
      },
      End: true,
    };
    const of = (mapIterationFailureCount: number) =>
      run({
        definition,
        input: '{"items":[1,2]}',
        mock: { result: '[3,4]' },
        stateConfiguration: { mapIterationFailureCount },
        inspectionLevel: 'DEBUG',
      });
    expect(await of(1)).toMatchObject({
      status: 'SUCCEEDED',
      output: '[3,4]',
      inspectionData: { toleratedFailureCount: 1, maxConcurrency: 0 },
    });
    expect(await of(2)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });

  test.each<[object, Partial<TestStateRequest>, string]>([
    [{ Type: 'Pass', End: true }, { mock: { result: '{}' } }, "State type 'Pass' is not supported when a mock is specified"],
    [task, { mock: { result: '{}', errorOutput: {} } }, 'A test mock should have only one of the following fields: [result, errorOutput].'],
    [task, { mock: { result: 'no' } }, 'Mocked result must be valid JSON'],
    [lambda, { mock: { result: '{}' } }, "Mock result schema validation error: Required field 'StatusCode' is missing"],
    [lambda, { mock: { result: '{"StatusCode":"200"}', fieldValidationMode: 'PRESENT' } }, "Field 'StatusCode' must be a number"],
    [lambda, { mock: { result: '{"StatusCode":600}' } }, "Field 'StatusCode' exceeds the maximum value"],
    [
      { Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: { Type: 'Succeed' } } }], End: true },
      {},
      'TestState API does not support Map or Parallel states.',
    ],
    [task, { context: '{"Execution":{"Id":1}}' }, 'Invalid Context object provided: Execution.Id must be a string'],
    [task, { context: '{"Task":{"Token":"t"}}' }, "Context object contains 'Task' when state is not a Task state"],
    [
      { Type: 'Sleep' },
      {},
      "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /Type",
    ],
  ])('%j with %j is refused', async (definition, request, message) => {
    const refused = testState(options, { ...request, definition: JSON.stringify(definition) });
    await expect(refused).rejects.toThrow(ApiError);
    await expect(refused).rejects.toThrow(message);
  });

  test('fields that are not validated are taken as they are', async () => {
    const result = await run({
      definition: lambda,
      mock: { result: '{"StatusCode":"x"}', fieldValidationMode: 'NONE' },
    });
    expect(result.output).toBe('{"StatusCode":"x"}');
  });
});
