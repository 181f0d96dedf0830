import { App, Duration, aws_lambda as lambda, Stack, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Check, CheckRule, HandlerFunction, InputField, OnCheckError, ParallelChecks, type ParallelChecksProps } from '../../../lib';
import { statesVisited } from '../../../local/engine';
import { StatesError } from '../../../local/engine/types';
import { nagFindings } from '../../support/nag';
import { runDefinition, stateMachineOf, type TaskAnswer } from '../../support/run-definition';

function functionNamed(stack: Stack, name: string): lambda.IFunction {
  return new HandlerFunction(stack, `${name}Function`, { code: lambda.Code.fromInline(`// ${name}`) }).alias;
}

function stackWith(props: Partial<ParallelChecksProps> = {}, names = ['name', 'address']): Stack {
  const stack = new Stack(new App(), 'Test');
  new ParallelChecks(stack, 'Checks', {
    checks: Object.fromEntries(names.map((name) => [name, Check.invoke(functionNamed(stack, name))])),
    onPassed: sfn.Pass.jsonata(stack, 'Passed'),
    onFlagged: sfn.Pass.jsonata(stack, 'Flagged'),
    ...props,
  });
  return stack;
}

/** What each check answers, by the function's name. */
function answers(byName: Record<string, unknown>): TaskAnswer {
  return ({ input }) => {
    const { FunctionName } = input as { FunctionName: string };
    const answer = byName[FunctionName.slice(1).split('Function')[0]];
    if (answer instanceof Error) throw answer;
    return { ExecutedVersion: '1', Payload: answer as never, StatusCode: 200 };
  };
}

const passes = { flagged: false };
const flags = { flagged: true, reason: 'looks odd' };

describe('what it runs', () => {
  test('results are kept by name, beside the input, projected to what is needed', async () => {
    const run = await runDefinition(
      stackWith(),
      { id: 'a' },
      answers({ name: { ...passes, secret: 'x' }, address: { ...flags, score: 0.7 } }),
    );
    expect(run.status).toBe('SUCCEEDED');
    expect(run.output).toEqual({ id: 'a', checks: { name: { flagged: false }, address: { ...flags, score: 0.7 } } });
    expect(statesVisited(run.history)).toEqual(['ValidateInput', 'RunChecks', 'CheckName', 'CheckAddress', 'ReviewRequired', 'Flagged']);
  });

  test('nothing flagged passes', async () => {
    const run = await runDefinition(stackWith(), {}, answers({ name: passes, address: passes }));
    expect(statesVisited(run.history).at(-1)).toBe('Passed');
  });

  test.each([
    ['throws', new StatesError('Broken', 'no')],
    ['answers null', null],
    ['answers without flagged', { reason: 'none' }],
    ['answers with a text for flagged', { flagged: 'false' }],
  ])('a check that %s is never "not flagged", whatever the rule', async (_, answer) => {
    for (const rule of [CheckRule.anyFlagged(), CheckRule.allFlagged(), CheckRule.totalScore(100)]) {
      const run = await runDefinition(stackWith({ rule }), {}, answers({ name: answer, address: passes }));
      expect(run.status).toBe('SUCCEEDED');
      expect(statesVisited(run.history).at(-1)).toBe('Flagged');
      expect(run.output).toMatchObject({ checks: { name: { flagged: true, error: expect.any(String) }, address: passes } });
    }
  });

  test('with OnCheckError.FAIL the run fails and names the error', async () => {
    const stack = stackWith({ onCheckError: OnCheckError.FAIL });
    const run = await runDefinition(stack, {}, answers({ name: new StatesError('Broken', 'no'), address: passes }));
    expect(run).toMatchObject({ status: 'FAILED', error: 'CheckFailed', cause: 'Broken: no' });
  });

  test('a check that never answers is flagged when its time is up', async () => {
    const run = await runDefinition(stackWith(), {}, (call, clock) =>
      call.stateName === 'CheckName'
        ? clock.sleepUntil(clock.now() + 3600_000, call.signal).then(() => null)
        : answers({ address: passes })(call, clock),
    );
    expect(run.output).toMatchObject({ checks: { name: { flagged: true, error: 'States.Timeout' } } });
    expect((run.stopDate ?? 0) - run.startDate).toBe(30_000);
  });

  test('a throttled check is retried', async () => {
    let calls = 0;
    const run = await runDefinition(stackWith({}, ['name']), {}, (call, clock) => {
      if (++calls < 4) throw new StatesError('Lambda.TooManyRequestsException', 'slow down');
      return answers({ name: passes })(call, clock);
    });
    expect(calls).toBe(4);
    expect(statesVisited(run.history).at(-1)).toBe('Passed');
  });

  test('a business error is not retried', async () => {
    let calls = 0;
    await runDefinition(stackWith({}, ['name']), {}, () => {
      calls++;
      throw new StatesError('UnprocessableApplicant', 'no name');
    });
    expect(calls).toBe(1);
  });

  test('bad input ends in InvalidInput with every problem, before any check', async () => {
    const stack = stackWith({
      input: { id: InputField.ofString({ maxLength: 3 }), name: InputField.ofObject({ given: InputField.ofString() }) },
    });
    const run = await runDefinition(stack, { id: 'long one', name: { given: 7 } }, () => {
      throw new Error('must not be called');
    });
    expect(run).toMatchObject({
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'id: has 8 characters, at most 3 allowed; name.given: must be a text, is number',
    });
    expect(statesVisited(run.history)).toEqual(['ValidateInput', 'InvalidInput']);
  });
});

describe('rules', () => {
  test.each<[string, CheckRule, unknown, unknown, string]>([
    ['any of two', CheckRule.anyFlagged(), flags, passes, 'Flagged'],
    ['none of two', CheckRule.anyFlagged(), passes, passes, 'Passed'],
    ['one, when all are needed', CheckRule.allFlagged(), flags, passes, 'Passed'],
    ['both, when all are needed', CheckRule.allFlagged(), flags, flags, 'Flagged'],
    ['one, when two are needed', CheckRule.atLeastFlagged(2), passes, flags, 'Passed'],
    ['a score at the threshold', CheckRule.totalScore(1), { ...passes, score: 0.5 }, { ...passes, score: 0.5 }, 'Flagged'],
    ['a score below the threshold', CheckRule.totalScore(1), { ...passes, score: 0.5 }, passes, 'Passed'],
    ['no score at all', CheckRule.totalScore(1), passes, passes, 'Passed'],
  ])('%s', async (_, rule, name, address, end) => {
    const run = await runDefinition(stackWith({ rule }), {}, answers({ name, address }));
    expect(statesVisited(run.history).at(-1)).toBe(end);
  });
});

describe('what it synthesizes', () => {
  test('an Express workflow with a time limit, logged without data, traced', () => {
    const stack = stackWith();
    expect(stateMachineOf(stack).definition).toMatchObject({ TimeoutSeconds: 300, QueryLanguage: 'JSONata' });
    Template.fromStack(stack).hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineType: 'EXPRESS',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: Match.stringLikeRegexp('^/aws/vendedlogs/states/'),
    });
    expect(nagFindings(stack)).toEqual([]);
  });

  test('the role may invoke the checks, deliver logs and trace, and nothing else', () => {
    const policies = Object.entries(Template.fromStack(stackWith()).findResources('AWS::IAM::Policy'));
    const ofTheWorkflow = policies.filter(([logicalId]) => logicalId.startsWith('ChecksWorkflow'));
    const statements = ofTheWorkflow.flatMap(([, policy]) => policy.Properties.PolicyDocument.Statement);
    expect(statements).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { Ref: expect.stringMatching('nameFunctionLive') } },
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { Ref: expect.stringMatching('addressFunctionLive') } },
      { Effect: 'Allow', Action: expect.arrayContaining(['logs:CreateLogDelivery', 'xray:PutTraceSegments']), Resource: '*' },
    ]);
  });

  test('Standard when a step waits for somebody', () => {
    const stack = new Stack(new App(), 'Test');
    const wait = tasks.SqsSendMessage.jsonata(stack, 'Ask', {
      queue: { queueUrl: 'https://queue', queueArn: 'arn:aws:sqs:us-east-1:123456789012:q' } as never,
      messageBody: sfn.TaskInput.fromObject({ token: '{% $states.context.Task.Token %}' }),
      integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      taskTimeout: sfn.Timeout.duration(Duration.hours(1)),
    });
    new ParallelChecks(stack, 'Checks', {
      checks: { name: Check.invoke(functionNamed(stack, 'name')) },
      onPassed: sfn.Pass.jsonata(stack, 'Passed'),
      onFlagged: sfn.Parallel.jsonata(stack, 'Inside').branch(wait),
    });
    expect(stateMachineOf(stack).type).toBe('STANDARD');
  });

  test('two in one stack', () => {
    const stack = stackWith();
    expect(
      () =>
        new ParallelChecks(stack, 'Second', {
          checks: { name: Check.invoke(functionNamed(stack, 'other')) },
          onPassed: sfn.Pass.jsonata(stack, 'Passed2'),
          onFlagged: sfn.Pass.jsonata(stack, 'Flagged2'),
        }),
    ).not.toThrow();
    Template.fromStack(stack).resourceCountIs('AWS::StepFunctions::StateMachine', 2);
  });
});

describe('what it refuses', () => {
  test.each<[string, Partial<ParallelChecksProps>, string[], RegExp]>([
    ['no checks', {}, [], /checks is empty/],
    ['a name that is no field name', {}, ['first name'], /"first name".*letters, digits or underscores/s],
    ['names that give one state name', {}, ['name', 'Name'], /'name' and 'Name' would share the state name CheckName/],
    [
      'an input field that results would overwrite',
      { input: { checks: InputField.ofString() } },
      ['name'],
      /'checks' would be overwritten/,
    ],
    ['a rule that can never decide', { rule: CheckRule.atLeastFlagged(3) }, ['name'], /whole number from 1 to 1/],
    ['a threshold that is no number', { rule: CheckRule.totalScore(Number.NaN) }, ['name'], /totalScore\(NaN\)/],
    ['an Express workflow of an hour', { timeout: Duration.hours(1) }, ['name'], /Express workflow may take 5 minutes at most/],
  ])('%s', (_, props, names, message) => {
    expect(() => stackWith(props, names)).toThrow(message);
  });
});
