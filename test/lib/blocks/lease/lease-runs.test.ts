import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { type Json, LocalCloud, type LocalRun } from '../../../../local';
import '../../../../local/jest';
import { warmStart } from '../../../support/warm-start';
import { TEN_MINUTES, World } from './support';

const warm = warmStart();

const world = new World();
world.machine('Fails');
world.machine('Waits', { waitAtMost: Duration.hours(2) });
world.machine('Days', { leaseFor: Duration.days(2) });
world.machine('Two', { waitAtMost: Duration.hours(2), limit: 2 });
world.machine('Skips', { onBusy: sfn.Pass.jsonata(world.stack, 'Skipped', { outputs: { skipped: '{% $states.input %}' } }) });
world.machine('Short', { waitAtMost: Duration.hours(2) }, Duration.minutes(1));
world.machine('Gives', { steps: sfn.Pass.jsonata(world.stack, 'Give', { outputs: '{% $states.input.give %}' }) });
world.run(
  'Each',
  sfn.Map.jsonata(world.stack, 'Items', { items: sfn.ProvideItems.jsonata('{% $states.input.items %}') }).itemProcessor(
    world.lease.hold('Hold', { key: 'each', leaseFor: TEN_MINUTES, waitAtMost: Duration.hours(1), steps: world.steps('Each') }),
  ),
);
world.run(
  'Nested',
  world.lease.hold('Outer', {
    key: 'outer',
    leaseFor: TEN_MINUTES,
    steps: world.lease.hold('Hold', { key: '{% $states.input.key %}', leaseFor: TEN_MINUTES, steps: world.steps('Nested') }),
  }),
);

const assembly = world.assembly();

interface Called {
  readonly what: 'begin' | 'end';
  readonly run: string;
  readonly token: number;
  readonly input: { readonly key: string };
}

let cloud: LocalCloud;
let called: Called[];
/** What the protected resource says. */
let answer: (call: Called) => Json;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(await assembly, { warm });
  called = [];
  answer = () => null;
  cloud.function('Test/Work').replaceWith((call) => {
    called.push(call);
    return answer(call);
  });
});
afterEach(() => cloud.dispose());

const start = (machine: string, input: Record<string, Json> = {}, name?: string): Promise<LocalRun> =>
  cloud.stateMachine(`Test/${machine}`).start({ key: 'k', seconds: 60, ...input }, name === undefined ? {} : { name });
const leases = () => cloud.table('Test/Lease/Leases').items();
const held = () => leases().filter(({ holder }) => holder !== undefined);
const throws = (name: string, message = ''): never => {
  throw Object.assign(new Error(message), { name });
};
/** As if EventBridge had lost the event of the run's end. */
const loseEvents = () => cloud.function('Test/Lease/Release').replaceWith(() => null);

test('one run takes the lease, works with its token, and gives it back', async () => {
  const run = await (await start('Fails')).finished();
  expect(run).toHaveSucceeded();
  expect(run).toHaveVisited(['HoldTicket', 'HoldAcquire', 'Hold', 'FailsBegin', 'FailsWait', 'FailsEnd', 'HoldRelease']);
  expect(called.map(({ what, token }) => [what, token])).toEqual([
    ['begin', expect.any(Number)],
    ['end', called[0].token],
  ]);
  expect(leases()).toEqual([{ key: 'k', slot: 0, fence: called[0].token, ttl: expect.any(Number) }]);
  expect(cloud).toHaveDeniedNothing();
});

describe('contenders', () => {
  /** Every order of starts and ends that these offsets and lengths make, each on a key of its own. */
  const times = (contenders: number): { at: number; seconds: number }[][] => {
    let schedules: { at: number; seconds: number }[][] = [[]];
    for (let i = 0; i < contenders; i++) {
      const offsets = i === 0 ? [0] : [0, 5];
      schedules = schedules.flatMap((schedule) => offsets.flatMap((at) => [0, 20].map((seconds) => [...schedule, { at, seconds }])));
    }
    return schedules;
  };

  test.each([
    ['Waits', 2, 1],
    ['Waits', 3, 1],
    ['Two', 3, 2],
  ])('%s: %i of them, in all orders: never more than %i at once, all get their turn, tokens grow', async (machine, contenders, limit) => {
    const schedules = times(contenders);
    const runs: LocalRun[] = [];
    const starts = schedules.flatMap((schedule, i) =>
      schedule.map(({ at, seconds }, n) => ({ at, seconds, key: `${i}`, name: `${i}-${n}` })),
    );
    let now = 0;
    for (const { at, seconds, key, name } of starts.toSorted((a, b) => a.at - b.at)) {
      await cloud.clock.advance((at - now) * 1000);
      now = at;
      runs.push(await start(machine, { key, seconds }, name));
    }
    for (const run of runs) expect(await run.finished()).toHaveSucceeded();

    for (const key of schedules.keys()) {
      const events = called.filter(({ input }) => input.key === `${key}`);
      expect(events).toHaveLength(2 * contenders);
      let at = 0;
      for (const { what } of events) {
        at += what === 'begin' ? 1 : -1;
        expect(at).toBeLessThanOrEqual(limit);
      }
      const tokens = events.filter(({ what }) => what === 'begin').map(({ token }) => token);
      if (limit === 1) expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    }
    expect(held()).toEqual([]);
    expect(cloud).toHaveDeniedNothing();
  });

  test('a lease of another key is no hindrance', async () => {
    await start('Fails', { key: 'a' });
    expect(await (await start('Fails', { key: 'b' })).finished()).toHaveSucceeded();
  });

  test('of another state machine they are kept out too', async () => {
    const first = await start('Waits');
    expect(await (await start('Fails')).finished()).toHaveFailedWith('LeaseBusy', first.arn);
  });

  test('items of a Map are contenders of their own', async () => {
    const run = await (await start('Each', { items: [1, 2, 3].map((n) => ({ key: 'each', seconds: n })) })).finished();
    expect(run).toHaveSucceeded();
    expect(called.map(({ what }) => what)).toEqual(['begin', 'end', 'begin', 'end', 'begin', 'end']);
    expect(held()).toEqual([]);
  });

  test('two leases, one within the other', async () => {
    expect(await (await start('Nested')).finished()).toHaveSucceeded();
    expect(leases().map(({ key }) => key)).toEqual(['outer', 'k']);
    expect(held()).toEqual([]);
  });
});

describe('a lease that others hold', () => {
  test('fails at once without waitAtMost, and says who holds it', async () => {
    const first = await start('Fails');
    const second = await (await start('Fails')).finished();
    expect(second).toHaveFailedWith('LeaseBusy', `"k" is held by ${first.arn} until 2026-01-05T09:10:00.000Z`);
    expect(called.map(({ run }) => run)).toEqual([first.name]);
    expect(await first.finished()).toHaveSucceeded();
  });

  test('goes the way of onBusy, with the input', async () => {
    await start('Fails');
    const second = await (await start('Skips', { n: 1 })).finished();
    expect(second.output).toEqual({ skipped: { key: 'k', seconds: 60, n: 1 } });
  });

  test('is waited for no longer than told', async () => {
    const started = cloud.clock.now();
    const first = await start('Days', { seconds: 100_000 });
    const second = await (await start('Waits')).finished();
    expect(second).toHaveFailedWith('LeaseBusy', first.arn);
    const waited = (cloud.clock.now() - started) / 3_600_000;
    expect(waited).toBeGreaterThanOrEqual(2);
    expect(waited).toBeLessThan(2.1);
    expect(held()).toMatchObject([{ execution: first.arn }]);
  });
});

describe('the steps fail', () => {
  test('the error stays what it was, and the lease is given back', async () => {
    answer = () => throws('Boom', 'out of paint');
    const run = await (await start('Fails')).finished();
    expect(run).toHaveFailedWith('Boom', 'out of paint');
    expect(held()).toEqual([]);
    answer = () => null;
    const next = await (await start('Fails')).finished();
    expect(next).toHaveSucceeded();
    expect(next.statesVisited).not.toContain('HoldContend');
    expect(called.at(-1)?.token).toBeGreaterThan(called[0].token);
  });

  test('a release that fails as well hides nothing; the end of the run gives the lease back', async () => {
    answer = () => {
      cloud.fail('dynamodb:UpdateItem', { error: 'ResourceNotFoundException', role: 'Test/Fails' });
      return throws('Boom', 'out of paint');
    };
    const run = await (await start('Fails')).finished();
    expect(run).toHaveFailedWith('Boom', 'out of paint');
    await cloud.clock.settle();
    expect(held()).toEqual([]);
  });
});

describe('calls that fail', () => {
  test.each([
    ['throttled', { error: 'ThrottlingException', times: 3 }],
    ['whose answer is lost', { error: 'InternalServerError', statusCode: 500, afterEffect: true, times: 2 }],
  ])('acquiring, %s: it is its own again', async (_, fault) => {
    cloud.fail('dynamodb:UpdateItem', { ...fault, role: 'Test/Fails' });
    const run = await (await start('Fails')).finished();
    expect(run).toHaveSucceeded();
    expect(run.statesVisited).not.toContain('HoldContend');
    expect(held()).toEqual([]);
  });

  test('acquiring, for good: nothing is left', async () => {
    cloud.fail('dynamodb:UpdateItem', { error: 'InternalServerError', statusCode: 500, afterEffect: true, role: 'Test/Fails', times: 7 });
    expect(await (await start('Fails')).finished()).toHaveFailedWith('DynamoDB.InternalServerErrorException');
    expect(called).toEqual([]);
    expect(held()).toEqual([]);
  });

  test('releasing, the answer lost: nobody is told a lie', async () => {
    answer = ({ what }) => {
      if (what === 'end')
        cloud.fail('dynamodb:UpdateItem', { error: 'InternalServerError', statusCode: 500, afterEffect: true, role: 'Test/Fails' });
      return null;
    };
    const run = await (await start('Fails')).finished();
    expect(run).toHaveSucceeded();
    expect(run.statesVisited.slice(-3)).toEqual(['HoldRelease', 'HoldStillHeld', 'HoldReleaseUnconfirmed']);
    expect(held()).toEqual([]);
  });

  test('releasing, for good: the run has its output, and its end gives the lease back', async () => {
    answer = ({ what }) => {
      if (what === 'end') cloud.fail('dynamodb:UpdateItem', { error: 'ResourceNotFoundException', role: 'Test/Fails' });
      return null;
    };
    const run = await (await start('Fails')).finished();
    expect(run).toHaveSucceeded();
    expect(run.output).toEqual({ key: 'k', seconds: 60 });
    await cloud.clock.settle();
    expect(held()).toEqual([]);
  });

  test.each([
    ['throttled', { error: 'ThrottlingException', times: 4 }],
    ['crashing after the write', { error: 'InternalServerError', statusCode: 500, afterEffect: true, times: 5 }],
  ])('contending, %s', async (_, fault) => {
    await (await start('Waits', { seconds: 1 })).reached('WaitsWait');
    const second = await start('Waits', { seconds: 1 });
    await second.reached('HoldContend');
    cloud.fail('dynamodb:UpdateItem', { ...fault, role: 'Test/Lease/Contend' });
    expect(await second.finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });
});

test('contending, for good: the run says so, and the holder is left alone', async () => {
  const first = await start('Waits');
  cloud.fail('dynamodb:Query', { error: 'AccessDeniedException', role: 'Test/Lease/Contend', times: 7 });
  expect(await (await start('Waits')).finished()).toHaveFailedWith('LeasesUnavailable', 'the leases of');
  expect(await first.finished()).toHaveSucceeded();
  expect(held()).toEqual([]);
});

describe('a run that is ended from outside', () => {
  test.each(['HoldTicket', 'HoldAcquire', 'Hold', 'WaitsWait'])('is stopped at %s: nothing is left', async (state) => {
    const run = await start('Waits', { seconds: 500 });
    await run.reached(state);
    await run.stop();
    await cloud.clock.advance(1000);
    expect(run.status).toBe('ABORTED');
    expect(held()).toEqual([]);
  });

  test('runs out of time: what waits for it goes on soon', async () => {
    const first = await start('Short', { seconds: 500 });
    const second = await start('Waits');
    await first.finished();
    expect(first.status).toBe('TIMED_OUT');
    expect(await second.finished()).toHaveSucceeded();
    expect(called.at(-1)?.token).toBeGreaterThan(called[0].token);
  });

  test('waits for a lease: nothing of it stays', async () => {
    const first = await start('Waits', { seconds: 100 });
    const second = await start('Waits');
    await second.reached('HoldContend');
    await second.stop();
    const third = await start('Waits');
    expect(await first.finished()).toHaveSucceeded();
    expect(await third.finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });

  test('and EventBridge loses it: the next one finds that the holder no longer runs', async () => {
    loseEvents();
    const first = await start('Fails', { seconds: 500 });
    await first.stop();
    expect(held()).toHaveLength(1);
    const second = await start('Fails');
    expect(await second.finished()).toHaveSucceeded();
    expect(second.statesVisited).toContain('HoldContend');
    expect(called.at(-1)?.token).toBeGreaterThan(called[0].token);
    expect(cloud).toHaveDeniedNothing();
  });

  test('and nobody can be asked about it: its lease expires', async () => {
    loseEvents();
    await (await start('Fails', { seconds: 500 })).stop();
    cloud.fail('sfn:DescribeExecution', { error: 'ThrottlingException', times: 12, role: 'Test/Lease' });
    expect(await (await start('Fails')).finished()).toHaveFailedWith('LeaseBusy');
    await cloud.clock.advance(TEN_MINUTES);
    const next = await (await start('Fails')).finished();
    expect(next).toHaveSucceeded();
    expect(next.statesVisited).not.toContain('HoldContend');
  });

  test('a late event of its end does no harm to who holds the lease by then, nor does a second', async () => {
    const first = await start('Fails', { seconds: 500 });
    await first.reached('FailsWait');
    cloud.deliverLate('lambda:Invoke', Duration.minutes(3));
    cloud.deliverTwice('lambda:Invoke');
    await first.stop();
    expect(held()).toMatchObject([{ execution: first.arn }]);
    const second = await start('Fails', { seconds: 500 });
    await second.reached('FailsWait');
    await cloud.clock.advance(Duration.minutes(4));
    expect(held()).toMatchObject([{ execution: second.arn }]);
    expect(await second.finished()).toHaveSucceeded();
  });
});

describe('a redrive', () => {
  const redrive = (run: LocalRun) => cloud.operate('sfn', 'RedriveExecution', { executionArn: run.arn });
  const ended = (run: LocalRun) => cloud.function('Test/Lease/Release').invoke({ detail: { executionArn: run.arn } });

  test('before the clean-up: the run holds its lease on, and a late event leaves it alone', async () => {
    const run = await start('Fails', { seconds: 300 });
    await run.reached('FailsWait');
    cloud.deliverLate('lambda:Invoke', Duration.minutes(1));
    await run.stop();
    await redrive(run);
    await cloud.clock.advance(Duration.minutes(2));
    expect(held()).toMatchObject([{ execution: run.arn }]);
    expect(await run.finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });

  test('after the clean-up: the run learns that it worked without', async () => {
    const run = await start('Fails');
    await run.stop();
    await ended(run);
    expect(held()).toEqual([]);
    await redrive(run);
    expect(await run.finished()).toHaveFailedWith('LeaseLost', 'with a run that was redriven');
  });

  test('while it waited: it goes on waiting', async () => {
    const first = await start('Waits', { seconds: 100 });
    const second = await start('Waits');
    await second.reached('HoldContend');
    await second.stop();
    await redrive(second);
    expect(await first.finished()).toHaveSucceeded();
    expect(await second.finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });
});

describe('steps that take longer than the lease', () => {
  test('another takes over with a higher token, which shows the resource who is late', async () => {
    let newest = 0;
    answer = ({ token }) => {
      if (token < newest) throws('Fenced', `${token} is older than ${newest}`);
      newest = token;
      return null;
    };
    const slow = await start('Waits', { seconds: 900 });
    const next = await start('Waits', { seconds: 600 });
    expect(await slow.finished()).toHaveFailedWith('Fenced');
    // What the late one gives back is not the other's.
    expect(held()).toMatchObject([{ execution: next.arn }]);
    expect(await next.finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });

  test('a resource that does not look at tokens: the run that was late says so', async () => {
    const slow = await start('Waits', { seconds: 900 });
    const next = await start('Waits', { seconds: 10 });
    expect(await slow.finished()).toHaveFailedWith('LeaseLost', 'the lease ended at 2026-01-05T09:10:00.000Z');
    expect(next).toHaveSucceeded();
  });

  test('nobody wanted it: no harm done', async () => {
    expect(await (await start('Waits', { seconds: 900 })).finished()).toHaveSucceeded();
    expect(held()).toEqual([]);
  });
});

test('the token goes on growing after the row was forgotten', async () => {
  await (await start('Fails')).finished();
  const [{ fence, ttl }] = leases();
  expect(Number(ttl) * 1000).toBeGreaterThan(cloud.clock.now() + Duration.days(29).toMilliseconds());
  await cloud.operate('dynamodb', 'DeleteItem', {
    TableName: cloud.table('Test/Lease/Leases').name,
    Key: { key: { S: 'k' }, slot: { N: '0' } },
  });
  await (await start('Fails')).finished();
  expect(leases()[0].fence).toBeGreaterThan(Number(fence));
});

test('what the steps give is the output, whatever it is', async () => {
  const values: Json[] = [[], [5], [[5]], null, 'text', 0, { a: [] }];
  for (const give of values) expect((await (await start('Gives', { give })).finished()).output).toEqual(give);
});

test('a key may be a number; one that is missing fails the run', async () => {
  expect(await (await start('Gives', { key: 7, give: 1 })).finished()).toHaveSucceeded();
  expect(leases()[0].key).toBe('7');
  const run = await cloud.stateMachine('Test/Gives').start({ give: 1 });
  expect(await run.finished()).toHaveFailedWith('States.QueryEvaluationError');
});

test('no permission is never used', async () => {
  const stopped = await start('Waits', { seconds: 500 });
  const second = await start('Waits', { seconds: 1 });
  await stopped.reached('WaitsWait');
  await stopped.stop();
  expect(await second.finished()).toHaveSucceeded();
  const own = cloud.access.unused().filter(({ role }) => /^Test\/(Lease|Waits)\//.test(role));
  const idle = (resource: string) => /:execution:Test-(?!Waits)/.test(resource);
  expect(own.filter(({ resources }) => !resources.every(idle))).toEqual([]);
  // That of workflows which did not run is told.
  expect(cloud.access.unused().map(({ role }) => role)).toContain('Test/Nested/Role');
  expect(cloud).toHaveDeniedNothing();
});
