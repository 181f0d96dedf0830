import type { AccessMode } from '../../../local/access';
import { allow, ask, ROLE, TABLE, world } from './world';

const role = 'App/Worker';
const put = { role, action: 'dynamodb:PutItem', resource: TABLE };
const identity = [allow(['dynamodb:GetItem', 'dynamodb:*'], TABLE)];
const worldIn = (mode?: AccessMode) => world({ identity, mode });
const unknown = `arn:aws:iam::aws:policy/AmazonSQSFullAccess`;

test('a call that no policy allows is refused by default', () => {
  const access = world();
  expect(access.mode).toBe('enforce');
  expect(ask(access, put.action, TABLE).allowed).toBe(false);
});

describe('warn', () => {
  test('it goes through, and is recorded with its reason', () => {
    const access = world({ mode: 'warn' });
    expect(ask(access, put.action, TABLE)).toEqual({ allowed: true });
    expect(access.denied).toMatchObject([{ ...put, reason: { kind: 'not allowed', text: 'the role has no policy' } }]);
    expect(access.used()).toEqual([]);
  });

  test('what is allowed is counted as ever', () => {
    const access = worldIn('warn');
    ask(access, put.action, TABLE);
    expect(access.denied).toEqual([]);
    expect(access.used()).toHaveLength(1);
    expect(access.unused()).toEqual([{ role, actions: ['dynamodb:GetItem'], resources: [TABLE] }]);
    expect(access.wider()).toHaveLength(1);
  });

  test('what was taken away goes through', () => {
    const access = worldIn('warn');
    access.takeAway(put);
    expect(ask(access, put.action, TABLE).allowed).toBe(true);
    expect(access.denied).toMatchObject([{ ...put, reason: { kind: 'taken away' } }]);
  });

  test('what cannot be decided goes through: a managed policy that is not known', () => {
    const access = world({ mode: 'warn', role: { managedPolicyArns: [unknown] } });
    expect(ask(access, put.action, TABLE).allowed).toBe(true);
    expect(access.denied).toMatchObject([{ ...put, reason: { kind: 'undecided', text: expect.stringContaining(unknown) } }]);
    expect(() => ask(world({ role: { managedPolicyArns: [unknown] } }), put.action, TABLE)).toThrow(unknown);
  });

  test('what cannot be decided goes through: a role that is not in the assembly', () => {
    const access = world({ mode: 'warn' });
    const arn = ROLE.replace('Worker', 'Imported');
    expect(ask(access, put.action, TABLE, undefined, { kind: 'role', arn }).allowed).toBe(true);
    expect(access.denied).toMatchObject([{ ...put, role: 'Imported', reason: { kind: 'undecided', text: expect.stringContaining(arn) } }]);
  });

  test('what cannot be decided goes through: a condition on what only a real request has', () => {
    const access = world({ mode: 'warn', identity: [allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })] });
    expect(ask(access, put.action, TABLE).allowed).toBe(true);
    expect(access.denied).toMatchObject([{ ...put, reason: { kind: 'undecided', text: expect.stringContaining('aws:sourceip') } }]);
  });
});

test('off: nothing is checked and nothing is counted', () => {
  const access = worldIn('off');
  expect(ask(access, 'sqs:SendMessage', '*', undefined, { kind: 'role', arn: 'arn:aws:iam::1:role/Nobody' })).toEqual({ allowed: true });
  expect(ask(access, put.action, TABLE)).toEqual({ allowed: true });
  expect([access.denied, access.used(), access.unused(), access.wider(), access.wildcards()]).toEqual([[], [], [], [], []]);
});
