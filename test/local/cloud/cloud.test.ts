import { App, Duration, aws_dynamodb as dynamodb, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { ShopStack, shop } from './shop';

const stack = shop();
const clouds: LocalCloud[] = [];
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.dispose();
});

async function deployed(): Promise<LocalCloud> {
  const cloud = await LocalCloud.fromStack(stack);
  clouds.push(cloud);
  return cloud;
}

describe('from a stack', () => {
  test('only the stack and what it depends on is deployed', async () => {
    const app = new App();
    const base = new Stack(app, 'Base');
    const table = new dynamodb.TableV2(base, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
    const user = new Stack(app, 'User', { stackName: 'user-of-the-table' });
    user.exportValue(1, { name: 'one' });
    new dynamodb.CfnTable(user, 'Copy', {
      keySchema: [{ attributeName: 'id', keyType: 'HASH' }],
      attributeDefinitions: [{ attributeName: 'id', attributeType: 'S' }],
      billingMode: 'PAY_PER_REQUEST',
      tableName: `${table.tableName}-copy`,
    });
    new Stack(app, 'Other').addTransform('Some::Macro'); // can't be deployed here
    const cloud = await LocalCloud.fromStack(user);
    clouds.push(cloud);
    expect(cloud.stacks.map(({ path }) => path).sort()).toEqual(['Base', 'User']);
    expect(cloud.table('Copy').name).toBe(`${cloud.table('Base/Table').name}-copy`);
  });

  test('in a stage', async () => {
    const inStage = new ShopStack(new Stage(new App(), 'Prod'), 'Shop');
    const cloud = await LocalCloud.fromStack(inStage);
    clouds.push(cloud);
    expect(cloud.stateMachine('Publish').arn).toBe(cloud.stateMachine('Prod/Shop/Publish').arn);
  });

  test('the cloud is where the stack is', async () => {
    const cloud = await LocalCloud.fromStack(shop({ env: { account: '111122223333', region: 'eu-west-1' } }));
    clouds.push(cloud);
    expect(cloud.stateMachine('Publish').arn).toMatch(/^arn:aws:states:eu-west-1:111122223333:/);
    const run = await cloud.stateMachine('Publish').start({ order: 'A1', amount: 5 });
    expect((await run.finished()).status).toBe('SUCCEEDED');
  });

  test('a nested stack, and what is no app, are refused', async () => {
    await expect(LocalCloud.fromStack(new NestedStack(new Stack(new App(), 'Outer'), 'Inner'))).rejects.toThrow(
      'Outer/Inner is a nested stack',
    );
    await expect(LocalCloud.fromStack({ node: { path: 'S', root: {} }, dependencies: [] })).rejects.toThrow('no synth()');
  });
});

test('a name that nothing has, or several have, is refused with what there is', async () => {
  const cloud = await deployed();
  expect(() => cloud.stateMachine('Nothing')).toThrow(
    "no AWS::StepFunctions::StateMachine has the construct path or logical id 'Nothing'; there are: Shop/Publish",
  );
  expect(() => cloud.queue('Shop')).toThrow("'Shop' means 2 resources of the type AWS::SQS::Queue: Shop/Failed, Shop/Jobs");
  const { logicalId, ref } = cloud.find('AWS::SQS::Queue', 'Jobs');
  expect(cloud.queue(logicalId).url).toBe(ref);
});

describe('a run', () => {
  test('takes the time that it is given', async () => {
    const cloud = await deployed();
    const run = await cloud.stateMachine('Publish').start({ order: 'A1', amount: 5 });
    expect(run.status).toBe('RUNNING');
    await cloud.clock.advance(Duration.hours(47));
    expect(run.statesVisited).toEqual(['StoreOrder', 'Rest']);
    await cloud.clock.advance({ toMilliseconds: () => 3_600_000 });
    expect([run.status, run.output, run.transitions]).toEqual(['SUCCEEDED', { stored: 'A1' }, 3]);
    expect(cloud.outbox).toMatchObject([{ to: 'warehouse@example.com', body: 'A1 is on its way' }]);
    await expect(cloud.clock.advance(-1)).rejects.toThrow('-1 is not a length of time');
  });

  test('skips time by itself', async () => {
    const cloud = await deployed();
    const start = cloud.clock.now();
    const run = await (await cloud.stateMachine('Publish').start({ order: 'A1', amount: 5 })).finished();
    expect([run.status, cloud.clock.now() - start]).toEqual(['SUCCEEDED', 2 * 86_400_000]);
  });

  test('can be stopped in the middle', async () => {
    const cloud = await deployed();
    const run = await cloud.stateMachine('Publish').start({ order: 'A1', amount: 5 });
    await run.reached('Rest');
    await run.stop({ error: 'Enough', cause: 'it is over' });
    expect([run.status, run.error, run.cause]).toEqual(['ABORTED', 'Enough', 'it is over']);
    await cloud.clock.advance(Duration.days(3));
    expect(cloud.outbox).toEqual([]);
    await expect(run.reached('Tell')).rejects.toThrow("the run ABORTED without reaching the state 'Tell'; it visited: StoreOrder, Rest");
  });

  test('may be started by an event', async () => {
    const cloud = await deployed();
    await cloud.eventBus().put({ source: 'shop', detailType: 'ordered', detail: { order: 'B2', amount: 7 } });
    const [run, ...others] = cloud.stateMachine('Publish').runs;
    expect(others).toEqual([]);
    expect([run.input, run.status]).toEqual([{ order: 'B2', amount: 7 }, 'RUNNING']);
    await run.finished();
    expect(cloud.table('Orders').items()).toEqual([{ order: 'B2', amount: 7 }]);
  });
});

describe('access to resources', () => {
  test('table', async () => {
    const orders = (await deployed()).table('Orders');
    const item = {
      order: 'A1',
      amount: 5,
      paid: true,
      note: null,
      lines: [1, 'two', { three: 3 }],
      tags: new Set(['a', 'b']),
      bytes: Buffer.from('x'),
    };
    await orders.put({ ...item, absent: undefined });
    await orders.put({ order: 'A2', amount: 6 });
    expect(orders.item({ order: 'A1' })).toEqual({ ...item, tags: ['a', 'b'] });
    expect(orders.item({ order: 'A3' })).toBeUndefined();
    expect(() => orders.item({})).toThrow('give the whole key');
    await expect(orders.put({ order: 'A1', wrong: () => 1 })).rejects.toThrow("a function can't be stored");
    await expect(orders.put({ amount: 1 })).rejects.toThrow();
  });

  test('queue', async () => {
    const cloud = await deployed();
    const [jobs, failed] = [cloud.queue('Jobs'), cloud.queue('Failed')];
    await jobs.send({ job: 1 });
    await jobs.send('two', { delaySeconds: 60 });
    expect(jobs.messages().map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
      ['{"job":1}', 0],
      ['two', 0],
    ]);
    const receive = () => cloud.operate('sqs', 'ReceiveMessage', { QueueUrl: jobs.url, VisibilityTimeout: 0 });
    await receive();
    expect(jobs.messages()[0].receiveCount).toBe(1);
    await receive();
    expect(failed.messages()).toMatchObject([
      { body: '{"job":1}', deadLetterSource: cloud.find('AWS::SQS::Queue', 'Jobs').attributes.Arn },
    ]);
  });

  test('topic', async () => {
    const cloud = await deployed();
    await cloud.topic('Shipped').publish({ a: 1 }, { subject: 'Hello' });
    await cloud.topic('Shipped').publish('plain');
    expect(cloud.topic('Shipped').messages()).toEqual([{ message: '{"a":1}', subject: 'Hello' }, { message: 'plain' }]);
    expect(cloud.outbox.map(({ subject }) => subject)).toEqual(['Hello', 'AWS Notification Message']);
  });

  test('event bus', async () => {
    const cloud = await deployed();
    const event = { source: 'shop', detailType: 'ordered', detail: { order: 'C3' } };
    await cloud.eventBus('Bus').put(event);
    await cloud.eventBus().put({ ...event, source: 'elsewhere' });
    expect(cloud.eventBus('Bus').events()).toEqual([event]);
    expect(cloud.eventBus().events()).toEqual([{ ...event, source: 'elsewhere' }]);
    expect(
      cloud
        .queue('Jobs')
        .messages()
        .map(({ body }) => JSON.parse(body).detail),
    ).toEqual([{ order: 'C3' }]);
    await expect(cloud.eventBus('Bus').put({ ...event, source: 'aws.s3' })).rejects.toThrow('only the default bus');
    await expect(cloud.eventBus('Bus').put({ ...event, detail: 1 })).rejects.toThrow('MalformedDetail');
  });

  test('function', async () => {
    const cloud = await deployed();
    const store = cloud.function('Store');
    expect(await store.invoke({ order: 'A1', amount: 5 })).toEqual({ stored: 'A1' });
    await expect(store.invoke({ order: 'A2', amount: 5000 })).rejects.toMatchObject({ name: 'TooMuch', message: '5000 is too much' });
    expect(store.invocations).toMatchObject([
      { payload: { order: 'A1', amount: 5 }, result: { stored: 'A1' } },
      { payload: { order: 'A2', amount: 5000 }, error: { errorType: 'TooMuch' } },
    ]);
    expect(store.logs.join('\n')).toMatch(/storing A1.*storing A2/s);
  });

  test('a stand-in takes the place of a function', async () => {
    const cloud = await deployed();
    const seen: unknown[] = [];
    cloud.function('Store').replaceWith(async (order) => {
      seen.push(order);
      if (order.amount === 0) throw new RangeError('nothing');
      return { stored: 'by hand' };
    });
    const run = await cloud.stateMachine('Publish').start({ order: 'A1', amount: 5 });
    expect((await run.finished()).output).toEqual({ stored: 'by hand' });
    const failing = await cloud.stateMachine('Publish').start({ order: 'A1', amount: 0 });
    expect([failing.error, JSON.parse(failing.cause ?? '')]).toMatchObject(['RangeError', { errorMessage: 'nothing' }]);
    expect(seen).toHaveLength(2);
    expect(cloud.function('Store').invocations).toHaveLength(2);
  });

  test('bucket', async () => {
    const site = (await deployed()).bucket('Site');
    await site.put('b/index.html', '<p>');
    await site.put('a.json', JSON.stringify({ a: 1 }));
    expect([site.keys(), site.keys('b/')]).toEqual([['a.json', 'b/index.html'], ['b/index.html']]);
    expect([site.text('b/index.html'), site.json('a.json'), site.bytes('nothing')]).toEqual(['<p>', { a: 1 }, undefined]);
    expect(() => site.text('nothing')).toThrow("has no object 'nothing'; it has: a.json, b/index.html");
  });
});

describe('faults', () => {
  const order = { order: 'A1', amount: 5 };

  test('an operation fails so often, then works again', async () => {
    const cloud = await deployed();
    cloud.fail('dynamodb:PutItem', { times: 2, error: 'ThrottlingException' });
    const run = await cloud.stateMachine('Publish').start(order);
    await run.finished();
    // The SDK tries again by itself.
    expect(run.status).toBe('SUCCEEDED');
    const puts = cloud.calls.filter(({ operation }) => operation === 'PutItem');
    expect(puts.map(({ error }) => error?.code)).toEqual(['ThrottlingException', 'ThrottlingException', undefined]);
  });

  test('only for one role; before or after the effect', async () => {
    const cloud = await deployed();
    cloud.fail('dynamodb:PutItem', { error: 'ValidationException', role: 'Shop/Other' });
    await cloud.stateMachine('Publish').start(order);
    expect(cloud.table('Orders').items()).toEqual([order]);
    cloud.fail('dynamodb:PutItem', { error: 'ValidationException', message: 'lost', role: 'Shop/Store', afterEffect: true });
    const lost = await cloud.stateMachine('Publish').start({ order: 'A2', amount: 6 });
    expect(cloud.table('Orders').item({ order: 'A2' })).toBeDefined();
    expect([lost.error, JSON.parse(lost.cause ?? '').errorMessage]).toEqual(['ValidationException', 'lost']);
  });

  test('what is delivered may come twice', async () => {
    const cloud = await deployed();
    cloud.deliverTwice('sfn:StartExecution');
    await cloud.eventBus().put({ source: 'shop', detailType: 'ordered', detail: order });
    await cloud.eventBus().put({ source: 'shop', detailType: 'ordered', detail: order });
    expect(cloud.stateMachine('Publish').runs).toHaveLength(3);
  });

  test('what is delivered may come late', async () => {
    const cloud = await deployed();
    cloud.deliverLate('sqs:SendMessage', Duration.minutes(5));
    for (const detail of [{ first: true }, { first: false }])
      await cloud.eventBus('Bus').put({ source: 'shop', detailType: 'ordered', detail });
    const bodies = () =>
      cloud
        .queue('Jobs')
        .messages()
        .map(({ body }) => JSON.parse(body).detail.first);
    expect(bodies()).toEqual([false]);
    await cloud.clock.advance(Duration.minutes(5));
    expect(bodies()).toEqual([false, true]);
  });

  test("a handler's own call is never late: nothing would let time pass", async () => {
    const cloud = await deployed();
    cloud.deliverLate('dynamodb:PutItem', Duration.minutes(5));
    await cloud.function('Store').invoke(order);
    expect(cloud.table('Orders').items()).toEqual([order]);
  });

  test('what no service has is refused', async () => {
    const cloud = await deployed();
    expect(() => cloud.fail('states:StartExecution', { error: 'X' })).toThrow(/a service of the local runner: .*sfn/);
    expect(() => cloud.fail('sfn:Start', { error: 'X' })).toThrow(/no operation 'Start' of sfn, only: StartExecution/);
    expect(() => cloud.fail('sfn:StartExecution', { error: 'X', times: 0 })).toThrow("'times' is 0");
  });
});
