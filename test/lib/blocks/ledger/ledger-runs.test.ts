import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, aws_lambda as lambda, Stack, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { HandlerFunction, Ledger, type LedgerOnceProps, ObservedStateMachine } from '../../../../lib';
import { type Json, LocalCloud, type LocalRun, loadAssembly } from '../../../../local';
import '../../../../local/jest';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

const outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
const app = new App({ outdir });
const stack = new Stack(app, 'Test');
const ledger = new Ledger(stack, 'Ledger');
const work = new HandlerFunction(stack, 'Work', { code: lambda.Code.fromInline('//') }).alias;

/** Calls `Work`, which is what must not be done twice, and goes on for as many seconds as the input says. */
function charge(id: string): sfn.Chain {
  const call = tasks.LambdaInvoke.jsonata(stack, `${id}Call`, {
    lambdaFunction: work,
    retryOnServiceExceptions: false,
    taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
    payload: sfn.TaskInput.fromObject({
      run: '{% $states.context.Execution.Name %}',
      attempts: '{% $ledger_Charge.attempts %}',
      input: '{% $states.input %}',
    }),
    outputs: '{% $merge([$states.input, { "receipt": $states.result.Payload }]) %}',
  });
  return call.next(
    sfn.Wait.jsonata(stack, `${id}Wait`, { time: sfn.WaitTime.timestamp('{% $fromMillis($millis() + $states.input.seconds * 1000) %}') }),
  );
}
function machine(id: string, props: Partial<LedgerOnceProps> = {}, stateMachineType = sfn.StateMachineType.STANDARD): void {
  const definition = ledger.once('Charge', {
    key: '{% $states.input.order %}',
    leaseFor: Duration.minutes(10),
    steps: props.steps ?? charge(id),
    ...props,
  });
  ledger.grantRun(new ObservedStateMachine(stack, id, { definition, stateMachineType }).stateMachine);
}
machine('Pays', { result: '{% { "receipt": $states.input.receipt } %}', businessErrors: ['CardRefused'] });
machine('Waits', { waitAtMost: Duration.hours(2) });
machine('Skips', { onInProgress: sfn.Pass.jsonata(stack, 'Skipped', { outputs: { skipped: '{% $states.input.order %}' } }) });
machine('Short', { keepFor: Duration.days(1) });
machine('Quick', {}, sfn.StateMachineType.EXPRESS);
machine('Gives', { steps: sfn.Pass.jsonata(stack, 'Give', { outputs: '{% $states.input.give %}' }), step: 'Give' });
const each = sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input.items %}') }).itemProcessor(
  ledger.once('Charge', {
    key: '{% $states.input.order %}',
    leaseFor: Duration.minutes(10),
    waitAtMost: Duration.hours(1),
    steps: charge('Each'),
  }),
);
ledger.grantRun(
  new ObservedStateMachine(stack, 'Items', { definition: each, stateMachineType: sfn.StateMachineType.STANDARD }).stateMachine,
);
const look = ledger.status('Look', { key: '{% $states.input.order %}', step: 'Charge' });
ledger.grantRun(
  new ObservedStateMachine(stack, 'Looks', { definition: look, stateMachineType: sfn.StateMachineType.STANDARD }).stateMachine,
);
app.synth();
const assembly = loadAssembly(outdir);

interface Called {
  readonly run: string;
  readonly attempts: number;
  readonly input: Record<string, Json>;
}

let cloud: LocalCloud;
let called: Called[];
let answer: (call: Called) => Json;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(await assembly, { warm });
  called = [];
  answer = () => `R-${called.length}`;
  cloud.function('Test/Work').replaceWith((call) => {
    called.push(call);
    return answer(call);
  });
});
afterEach(() => cloud.dispose());

const start = (name: string, input: Record<string, Json> = {}): Promise<LocalRun> =>
  cloud.stateMachine(`Test/${name}`).start({ order: 'o-1', seconds: 60, ...input });
const done = async (name: string, input?: Record<string, Json>): Promise<LocalRun> => (await start(name, input)).finished();
const items = () => cloud.table('Test/Ledger/Items').items();
const throws = (name: string, message = ''): never => {
  throw Object.assign(new Error(message), { name });
};

test('done once: a repetition gets what was kept, and the steps are not done again', async () => {
  const first = await done('Pays');
  expect(first).toHaveVisited(['ChargeTicket', 'ChargeClaim', 'Charge', 'PaysCall', 'PaysWait', 'ChargeResult', 'ChargeRecord']);
  expect(first.output).toEqual({ receipt: 'R-1' });
  expect(items()).toEqual([
    {
      key: 'o-1',
      step: 'Charge',
      status: 'DONE',
      result: '{"value":{"receipt":"R-1"}}',
      attempts: 1,
      attempt: expect.stringContaining(first.arn),
      execution: first.arn,
      startedAt: '2026-01-05T09:00:00.000Z',
      finishedAt: '2026-01-05T09:01:00.000Z',
      ttl: Date.parse('2026-04-05T09:01:00.000Z') / 1000,
    },
  ]);
  const second = await done('Pays', { seconds: 5 });
  expect(second).toHaveVisited(['ChargeTicket', 'ChargeClaim', 'ChargeRead', 'ChargeKnown', 'ChargeStored']);
  expect(second.output).toEqual(first.output);
  expect(called).toHaveLength(1);
  expect(cloud).toHaveDeniedNothing();
});

test('whatever the steps give is kept as it is', async () => {
  const values: Json[] = [[], [5], [[5]], null, 'text', 0, false, { a: [] }];
  for (const [n, give] of values.entries()) {
    for (const _ of [1, 2]) expect((await done('Gives', { order: `${n}`, give })).output).toEqual(give);
  }
  expect(items().map(({ attempts, step }) => [attempts, step])).toEqual(values.map(() => [1, 'Give']));
});

test('another item, and another step of the same item, are done for themselves', async () => {
  await done('Pays');
  await done('Pays', { order: 'o-2' });
  await done('Gives', { give: 1 });
  expect(called).toHaveLength(2);
  expect(items()).toHaveLength(3);
});

describe('a repetition while it is in progress', () => {
  test('fails, and says who is at it', async () => {
    const first = await start('Pays');
    const second = await done('Pays');
    expect(second).toHaveFailedWith('ItemInProgress', `o-1 is being worked on by ${first.arn} since 2026-01-05T09:00:00.000Z`);
    expect(await first.finished()).toHaveSucceeded();
    expect(called).toHaveLength(1);
  });

  test('goes the way of onInProgress, with the input', async () => {
    await start('Pays');
    expect((await done('Skips')).output).toEqual({ skipped: 'o-1' });
  });

  test('waits and gets what was kept, in another state machine too', async () => {
    await start('Pays', { seconds: 1000 });
    await cloud.table('Test/Ledger/Items').put({ ...items()[0], expiresAt: cloud.clock.now() + 1e9 });
    const waiting = await start('Waits');
    expect((await waiting.finished()).output).toEqual({ receipt: 'R-1' });
    expect(called).toHaveLength(1);
  });

  test('waits, and does the steps itself when the first one fails', async () => {
    answer = ({ run }) => (run === first.name ? throws('Boom') : 'second');
    const first = await start('Pays', { seconds: 100 });
    const waiting = await start('Waits');
    await first.finished();
    expect((await waiting.finished()).output).toMatchObject({ receipt: 'second' });
  });

  test('waits no longer than told', async () => {
    const started = cloud.clock.now();
    await start('Pays', { seconds: 100_000 });
    await cloud.table('Test/Ledger/Items').put({ ...items()[0], expiresAt: started + 1e9 });
    const waiting = await done('Waits');
    expect(waiting).toHaveFailedWith('ItemInProgress');
    expect((cloud.clock.now() - started) / 3_600_000).toBeLessThan(2.1);
    expect(waiting.history.length).toBeLessThan(2500);
  });

  test('three at the same time, and the same item twice in one Map: one does it', async () => {
    const runs = [
      await start('Waits'),
      await start('Items', { items: [1, 2].map((n) => ({ order: 'o-1', seconds: n })) }),
      await start('Waits'),
    ];
    for (const run of runs) expect(await run.finished()).toHaveSucceeded();
    expect(called).toHaveLength(1);
    expect(cloud).toHaveDeniedNothing();
  });
});

describe('a failure', () => {
  test('is recorded with its reason, stays what it was, and the next one does the steps', async () => {
    answer = ({ attempts }) => (attempts === 1 ? throws('Boom', 'out of paper') : 'second');
    const first = await done('Pays');
    expect(first).toHaveFailedWith('Boom', 'out of paper');
    expect(items()).toMatchObject([{ status: 'FAILED', error: 'Boom', cause: expect.stringContaining('out of paper'), attempts: 1 }]);
    expect((await done('Pays')).output).toEqual({ receipt: 'second' });
    expect(items()).toMatchObject([{ status: 'DONE', attempts: 2 }]);
    expect(items()[0]).not.toHaveProperty('error');
  });

  test('that the item is guilty of is final', async () => {
    answer = () => throws('CardRefused', 'no money');
    for (const _ of [1, 2]) expect(await done('Pays')).toHaveFailedWith('CardRefused', 'no money');
    expect(called).toHaveLength(1);
    expect(items()).toMatchObject([{ status: 'REJECTED' }]);
  });

  test('that can not be recorded is still what the run fails with, and the next one takes over', async () => {
    answer = () => {
      if (called.length > 1) return 'second';
      cloud.fail('dynamodb:UpdateItem', { error: 'ResourceNotFoundException' });
      return throws('Boom');
    };
    expect(await done('Pays')).toHaveFailedWith('Boom');
    expect((await done('Pays')).output).toEqual({ receipt: 'second' });
  });
});

describe('calls that fail', () => {
  const lost = { error: 'InternalServerError', statusCode: 500, afterEffect: true };

  test.each([
    ['throttled', { error: 'ThrottlingException', times: 3 }],
    ['its answer lost', { ...lost, times: 3 }],
  ])('claiming, %s: it is its own again', async (_, fault) => {
    cloud.fail('dynamodb:UpdateItem', fault);
    const run = await done('Pays');
    expect(run).toHaveSucceeded();
    expect(run.statesVisited).not.toContain('ChargeRead');
    expect(called).toHaveLength(1);
  });

  test('recording, the answer lost: done once', async () => {
    answer = () => {
      cloud.fail('dynamodb:UpdateItem', { ...lost, times: 2 });
      return 'R';
    };
    for (const _ of [1, 2]) expect((await done('Pays')).output).toEqual({ receipt: 'R' });
    expect(called).toHaveLength(1);
  });

  test('recording, for good: the run fails, so that somebody is told, and the next one does it again', async () => {
    answer = () => {
      if (called.length === 1) cloud.fail('dynamodb:UpdateItem', { error: 'ResourceNotFoundException' });
      return `R-${called.length}`;
    };
    expect(await done('Pays')).toHaveFailedWith('DynamoDB.ResourceNotFoundException');
    expect((await done('Pays')).output).toEqual({ receipt: 'R-2' });
    expect(items()).toMatchObject([{ status: 'DONE', attempts: 2 }]);
  });

  test('reading and asking, throttled', async () => {
    await start('Pays');
    cloud.fail('dynamodb:GetItem', { error: 'ThrottlingException', times: 3 });
    cloud.fail('sfn:DescribeExecution', { error: 'ThrottlingException' });
    expect(await done('Pays')).toHaveFailedWith('ItemInProgress');
  });
});

describe('a run that ends in the middle', () => {
  test.each(['ChargeClaim', 'Charge', 'PaysWait'])('is stopped at %s: the next one takes over', async (state) => {
    const first = await start('Pays', { seconds: 500 });
    await first.reached(state);
    await first.stop();
    expect(await done('Pays')).toHaveSucceeded();
    expect(items()).toMatchObject([{ status: 'DONE', attempts: 2 }]);
    expect(cloud).toHaveDeniedNothing();
  });

  test('is known no more: the next one takes over', async () => {
    const first = await start('Pays', { seconds: 500 });
    await first.stop();
    cloud.fail('sfn:DescribeExecution', { error: 'ExecutionDoesNotExist' });
    expect(await done('Pays')).toHaveSucceeded();
  });

  test('two take over at the same time: one does', async () => {
    await (await start('Pays', { seconds: 500 })).stop();
    const runs = [await start('Waits'), await start('Waits')];
    for (const run of runs) expect(await run.finished()).toHaveSucceeded();
    expect(called).toHaveLength(2);
  });

  test('is redriven before anybody came: it ends as if nothing had been', async () => {
    const first = await start('Pays', { seconds: 500 });
    await first.reached('PaysWait');
    await first.stop();
    await cloud.operate('sfn', 'RedriveExecution', { executionArn: first.arn });
    expect((await first.finished()).output).toEqual({ receipt: 'R-1' });
    expect((await done('Pays')).output).toEqual({ receipt: 'R-1' });
  });

  test('takes longer than its lease: another does it, and the late one says so', async () => {
    const slow = await start('Pays', { seconds: 900 });
    await cloud.clock.advance(Duration.minutes(11));
    expect((await done('Pays', { seconds: 1 })).output).toEqual({ receipt: 'R-2' });
    expect(await slow.finished()).toHaveFailedWith('ItemSuperseded', 'took longer than 600 seconds');
    expect(items()).toMatchObject([{ status: 'DONE', result: '{"value":{"receipt":"R-2"}}' }]);
  });

  test('takes longer than its lease, and nobody came: no harm done', async () => {
    expect(await done('Pays', { seconds: 900 })).toHaveSucceeded();
  });
});

test('an item is forgotten after keepFor, though its row may still be there', async () => {
  await done('Short');
  await cloud.clock.advance(Duration.hours(25));
  expect(items()).toHaveLength(1);
  expect(await done('Short')).toHaveSucceeded();
  expect(called).toHaveLength(2);
});

test('in an Express workflow: done once, and an attempt in progress expires', async () => {
  for (const _ of [1, 2]) expect((await done('Quick', { seconds: 1 })).output).toMatchObject({ receipt: 'R-1' });
  expect(called).toHaveLength(1);
  await start('Quick', { order: 'o-2', seconds: 10_000 });
  const second = await start('Quick', { order: 'o-2', seconds: 1 });
  expect(await second.finished()).toHaveFailedWith('ItemInProgress');
  await cloud.clock.advance(Duration.minutes(10));
  expect(await done('Quick', { order: 'o-2', seconds: 1 })).toHaveSucceeded();
});

test('an item can be looked up', async () => {
  expect((await done('Looks')).output).toEqual({ order: 'o-1', seconds: 60, item: { status: 'NONE' } });
  const first = await done('Pays');
  expect((await done('Looks')).output).toEqual({
    order: 'o-1',
    seconds: 60,
    item: {
      status: 'DONE',
      result: { receipt: 'R-1' },
      execution: first.arn,
      attempt: expect.stringContaining(first.arn),
      attempts: 1,
      startedAt: '2026-01-05T09:00:00.000Z',
      finishedAt: '2026-01-05T09:01:00.000Z',
    },
  });
});

test('the input may be an order that is a number; one without fails', async () => {
  expect(await done('Gives', { order: 7, give: 1 })).toHaveSucceeded();
  expect(items()[0].key).toBe('7');
  expect(await (await cloud.stateMachine('Test/Gives').start({ give: 1 })).finished()).toHaveFailedWith('States.QueryEvaluationError');
});

test('no permission is never used', async () => {
  await start('Waits');
  expect(await done('Waits')).toHaveSucceeded();
  const own = cloud.access.unused().filter(({ role }) => role.startsWith('Test/Waits/'));
  const idle = (resource: string) => /:execution:Test-(?!Waits)/.test(resource);
  expect(own.filter(({ resources }) => !resources.every(idle))).toEqual([]);
});
