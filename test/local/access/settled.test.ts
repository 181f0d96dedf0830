/** A call that was allowed is not decided again, unless something has changed that could decide it otherwise. */
import type { Principal } from '../../../local/cloud-types';
import { allow, ask, deny, policy, ROLE, SESSION, TABLE, world } from './world';

const PUT = 'dynamodb:PutItem';
const again = (given: Parameters<typeof world>[0]) => {
  const access = world(given);
  for (let i = 0; i < 3; i++) expect(ask(access, PUT, TABLE).allowed).toBe(true);
  return access;
};
const identity = [allow(PUT, TABLE)];

test('it is allowed and counted once', () => {
  const access = again({ identity });
  expect(access.used()).toHaveLength(1);
  expect(access.unused()).toEqual([]);
});

test.each<[string, (access: ReturnType<typeof world>) => void]>([
  ['its policy', (access) => access.putRolePolicy(ROLE, 'Default', policy(allow('dynamodb:GetItem', TABLE)), 'App/Worker/DefaultPolicy')],
  ['a further policy', (access) => access.putRolePolicy(ROLE, 'More', policy(deny(PUT)), 'App/More')],
  [
    'its boundary',
    (access) =>
      access.putRole({
        arn: ROLE,
        path: 'App/Worker',
        trust: { Statement: [] },
        managedPolicyArns: [],
        permissionsBoundary: policy(allow('s3:*')),
      }),
  ],
  ["the resource's policy", (access) => access.setResourcePolicy(TABLE, policy(deny(PUT, TABLE, { Principal: '*' })))],
  ['the test takes it away', (access) => access.takeAway({ role: 'App/Worker', action: PUT, resource: TABLE })],
])('until this changes: %s', (_what, change) => {
  const access = again({ identity });
  change(access);
  expect(ask(access, PUT, TABLE).allowed).toBe(false);
});

test('until a managed policy changes', () => {
  const arn = 'arn:aws:iam::123456789012:policy/Shared';
  const access = world({ role: { managedPolicyArns: [arn] } });
  access.putManagedPolicy(arn, policy(allow(PUT)), 'App/Shared');
  expect(ask(access, PUT, TABLE).allowed).toBe(true);
  access.putManagedPolicy(arn, policy(allow('s3:*')), 'App/Shared');
  expect(ask(access, PUT, TABLE).allowed).toBe(false);
});

test('not for a session with policies of its own', () => {
  const access = again({ identity });
  const session: Principal = { kind: 'role', arn: ROLE, session: 'run-1', sessionPolicies: [policy(allow('s3:*'))] };
  expect(ask(access, PUT, TABLE, undefined, session).allowed).toBe(false);
  expect(ask(access, PUT, TABLE).allowed).toBe(true);
});

test('not where its resource names sessions', () => {
  const access = again({ resources: { [TABLE]: [allow(PUT, TABLE, { Principal: { AWS: SESSION } })] } });
  expect(ask(access, PUT, TABLE, undefined, { kind: 'role', arn: ROLE, session: 'run-2' }).allowed).toBe(false);
});

test('not where a condition or a variable decides', () => {
  const given = [
    allow(PUT, TABLE, { Condition: { StringEquals: { 'app:key': 'a' } } }),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is IAM's policy variable
    allow(PUT, 'arn:aws:dynamodb:*:*:table/${app:table}'),
  ];
  for (const [statement, context] of [
    [given[0], { 'app:key': 'a' }],
    [given[1], { 'app:table': 'Orders' }],
  ] as const) {
    const access = world({ identity: [statement] });
    expect(ask(access, PUT, TABLE, context).allowed).toBe(true);
    expect(ask(access, PUT, TABLE, {}).allowed).toBe(false);
  }
});

test('not where a deny has a condition', () => {
  const access = world({ identity: [...identity, deny(PUT, TABLE, { Condition: { StringEquals: { 'app:key': 'a' } } })] });
  expect(ask(access, PUT, TABLE).allowed).toBe(true);
  expect(ask(access, PUT, TABLE, { 'app:key': 'a' }).allowed).toBe(false);
});

test('not where a boundary has a condition', () => {
  const permissionsBoundary = policy(allow(PUT, TABLE, { Condition: { StringEquals: { 'app:key': 'a' } } }));
  const access = world({ identity, role: { permissionsBoundary } });
  expect(ask(access, PUT, TABLE, { 'app:key': 'a' }).allowed).toBe(true);
  expect(ask(access, PUT, TABLE).allowed).toBe(false);
});
