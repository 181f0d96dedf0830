import { widerThanUsed } from '../../../local/access';
import { allow, ask, INDEX, policy, QUEUE, REGION, TABLE, TOPIC, type World, world } from './world';

const role = 'App/Worker';
const statement = 'App/Worker/DefaultPolicy, statement 1';
const of = (service: string, rest: string) => `arn:aws:${service}:${REGION}:123456789012:${rest}`;
const photos = 'arn:aws:s3:::photos';

interface Case {
  readonly what: string;
  readonly identity: World['identity'];
  readonly calls: readonly (readonly [action: string, resource: string])[];
  /** Pattern and what would have been enough; none without. */
  readonly wide?: readonly (readonly [pattern: string, enough: readonly string[]])[];
}

const wideOf = ({ identity, calls }: Pick<Case, 'identity' | 'calls'>) => {
  const access = world({ identity });
  for (const [action, resource] of calls) expect(ask(access, action, resource).allowed).toBe(true);
  return access.wider();
};

describe('actions', () => {
  test.each<Case>([
    {
      what: 'all of a service, for one',
      identity: [allow('s3:*', photos)],
      calls: [['s3:ListBucket', photos]],
      wide: [['s3:*', ['s3:ListBucket']]],
    },
    {
      what: 'a part of the name',
      identity: [allow(['dynamodb:Get*', 'dynamodb:*Item'], TABLE)],
      calls: [
        ['dynamodb:GetItem', TABLE],
        ['dynamodb:PutItem', TABLE],
        ['dynamodb:GetItem', TABLE],
      ],
      wide: [
        ['dynamodb:Get*', ['dynamodb:GetItem']],
        ['dynamodb:*Item', ['dynamodb:GetItem', 'dynamodb:PutItem']],
      ],
    },
    {
      what: 'an action and its variants are what it is called with',
      identity: [allow(['kms:GenerateDataKey*', 'KMS:encrypt*'], '*')],
      calls: [
        ['kms:GenerateDataKey', of('kms', 'key/1')],
        ['kms:Encrypt', of('kms', 'key/1')],
      ],
      wide: [['*', [of('kms', 'key/1')]]],
    },
    {
      what: 'variants, of which only others were used',
      identity: [allow('kms:GenerateDataKey*', of('kms', 'key/1'))],
      calls: [['kms:GenerateDataKeyWithoutPlaintext', of('kms', 'key/1')]],
      wide: [['kms:GenerateDataKey*', ['kms:GenerateDataKeyWithoutPlaintext']]],
    },
    { what: 'what was not used at all is unused, not wide', identity: [allow('s3:*', photos)], calls: [] },
    { what: 'what has no wildcard', identity: [allow('s3:ListBucket', photos)], calls: [['s3:ListBucket', photos]] },
    { what: 'NotAction', identity: [{ NotAction: 'iam:*', Resource: photos }], calls: [['s3:ListBucket', photos]] },
  ])('$what', (given) => {
    const expected = (given.wide ?? []).map(([pattern, enough]) => ({
      role,
      statement,
      element: pattern === '*' ? 'Resource' : 'Action',
      pattern,
      enough,
    }));
    expect(wideOf(given)).toEqual(expected);
  });
});

describe('resources', () => {
  const use = (Resource: string | readonly string[], ...used: readonly string[]) => ({
    identity: [allow('app:Use', Resource)],
    calls: used.map((resource) => ['app:Use', resource] as const),
  });
  const keys = (...names: readonly string[]) => names.map((name) => `${photos}/${name}`);
  const executions = (name: string) => of('states', `execution:${name}`);
  test.each<Case>([
    { what: 'everything, for two', ...use('*', TABLE, QUEUE), wide: [['*', [TABLE, QUEUE]]] },
    { what: 'everything of a service', ...use('arn:aws:sqs:*', QUEUE), wide: [['arn:aws:sqs:*', [QUEUE]]] },
    { what: 'everything of a service, written longer', ...use('arn:aws:sqs:*:*:*', QUEUE), wide: [['arn:aws:sqs:*:*:*', [QUEUE]]] },
    { what: 'every table', ...use(of('dynamodb', 'table/*'), TABLE), wide: [[of('dynamodb', 'table/*'), [TABLE]]] },
    {
      what: 'every table, for an index: of one table',
      ...use(of('dynamodb', 'table/*'), INDEX),
      wide: [[of('dynamodb', 'table/*'), [`${TABLE}/*`]]],
    },
    {
      what: 'every execution, for those of one machine',
      ...use(executions('*'), executions('Bulk:1'), executions('Bulk:2')),
      wide: [[executions('*'), [executions('Bulk:*')]]],
    },
    { what: 'every bucket', ...use('arn:aws:s3:::*', ...keys('a.jpg'), photos), wide: [['arn:aws:s3:::*', [`${photos}/*`, photos]]] },
    { what: 'a whole bucket, for a folder', ...use(`${photos}/*`, ...keys('in/a', 'in/b')), wide: [[`${photos}/*`, [`${photos}/in/*`]]] },
    {
      what: 'a whole bucket, for two folders',
      ...use(`${photos}/*`, ...keys('in/a', 'out/b/c')),
      wide: [[`${photos}/*`, [`${photos}/in/*`, `${photos}/out/*`]]],
    },
    { what: 'a whole bucket, for one key: who knows the next', ...use(`${photos}/*`, ...keys('in/a')) },
    { what: 'a whole bucket, for keys without a folder', ...use(`${photos}/*`, ...keys('in/a', 'b')) },
    { what: 'folders that are data', ...use(`${photos}/*`, ...keys('2026/a', '2026/b')) },
    { what: 'folders that are many', ...use(`${photos}/*`, ...keys('a/x', 'b/x', 'c/x', 'd/x', 'e/x', 'f/x')) },
    { what: 'a part of a bucket', ...use(`${photos}/in/*`, ...keys('in/deep/a', 'in/deep/b')) },
    {
      what: 'a part of what is named',
      ...use([of('lambda', 'function:Check'), of('lambda', 'function:Check:*')], of('lambda', 'function:Check:1')),
    },
    { what: 'a part of the name', ...use(of('secretsmanager', 'secret:Name-??????'), of('secretsmanager', 'secret:Name-AbCdEf')) },
    { what: 'a beginning of the name', ...use(of('dynamodb', 'table/Ord*'), TABLE) },
    { what: 'any region and account', ...use('arn:aws:dynamodb:*:*:table/Orders', TABLE) },
    { what: 'an action that takes no resource', ...use('*', '*', TABLE) },
    { what: 'a list that is a wildcard itself', ...use(of('scheduler', 'schedule/*'), of('scheduler', 'schedule/*/*')) },
    {
      what: 'six tables',
      ...use(of('dynamodb', 'table/*'), ...['A', 'B', 'C', 'D', 'E', 'F'].map((name) => of('dynamodb', `table/${name}`))),
    },
    { what: 'jobs of Batch, which are made at run time', ...use(of('batch', 'job/*'), of('batch', 'job/a-b-c')) },
    { what: 'NotResource', identity: [{ Action: 'app:Use', NotResource: of('sqs', '*') }], calls: [['app:Use', TABLE]] },
    {
      what: 'a policy variable',
      identity: [allow('app:Use', `${of('dynamodb', 'table/')}\${aws:PrincipalAccount}*`)],
      calls: [['app:Use', of('dynamodb', 'table/123456789012-Orders')]],
    },
  ])('$what', (given) => {
    const expected = (given.wide ?? []).map(([pattern, enough]) => ({ role, statement, element: 'Resource', pattern, enough }));
    expect(wideOf(given)).toEqual(expected);
  });
});

test('a call that was denied used nothing', () => {
  const access = world({ identity: [allow('*', '*')], role: { permissionsBoundary: policy(allow('s3:*')) } });
  ask(access, 'sqs:SendMessage', QUEUE);
  expect(access.wider()).toEqual([]);
});

test('several runs are judged together', () => {
  const run = (...topics: readonly string[]) => {
    const access = world({ identity: [allow('sns:*', of('sns', '*'))] });
    for (const topic of topics) ask(access, 'sns:Publish', topic);
    return access.wildcards();
  };
  const others = ['A', 'B', 'C', 'D', 'E'].map((name) => of('sns', name));
  expect(widerThanUsed([...run(TOPIC), ...run(TOPIC), ...run()])).toMatchObject([
    { element: 'Action', pattern: 'sns:*', enough: ['sns:Publish'] },
    { element: 'Resource', enough: [TOPIC] },
  ]);
  expect(widerThanUsed([...run(TOPIC), ...run(...others)])).toMatchObject([{ element: 'Action' }]);
});

test('of very many objects it keeps what it needs', () => {
  const whole = world({ identity: [allow('s3:GetObject', `${photos}/*`)] });
  for (let i = 0; i < 1000; i++) ask(whole, 's3:GetObject', `${photos}/in/${i}`);
  expect(whole.wider()).toMatchObject([{ enough: [`${photos}/in/*`] }]);
  expect(whole.wildcards()[0]?.used).toHaveLength(2);
  for (const folder of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) ask(whole, 's3:GetObject', `${photos}/${folder}/1`);
  expect(whole.wider()).toEqual([]);
  expect(whole.wildcards()[0]?.used).toHaveLength(7);
});
