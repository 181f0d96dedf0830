// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
import type { PolicyStatement } from '../../../local/cloud-types';
import { ACCOUNT, allow, ask, policy, QUEUE, ROLE, TABLE, trusting, world } from './world';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
describe('a malformed policy is refused where it is put, by its name', () => {
  const good = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE } as const;
  test.each<[string, object, string]>([
    ['no effect', { Action: 'a:b', Resource: '*' }, 'Effect must be Allow or Deny'],
    ['another effect', { ...good, Effect: 'Permit' }, 'Effect must be Allow or Deny'],
    ['no action', { Effect: 'Allow', Resource: '*' }, 'needs Action or NotAction'],
    ['both actions', { ...good, NotAction: 'a:b' }, 'needs Action or NotAction'],
    ['no resource', { Effect: 'Allow', Action: 'a:b' }, 'needs Resource or NotResource'],
    ['both resources', { ...good, NotResource: '*' }, 'needs Resource or NotResource'],
    ['a principal', { ...good, Principal: '*' }, 'has no Principal'],
    ['an action without a service', { ...good, Action: 'SendMessage' }, '"SendMessage" has no service'],
    ['a resource that is no ARN', { ...good, Resource: 'Jobs' }, '"Jobs" must be an ARN or "*"'],
    ['a wildcard for the service', { ...good, Resource: 'arn:aws:*:eu-west-1:1:x' }, 'must not have wildcards in its service'],
    ['a variable for the account', { ...good, Resource: 'arn:aws:sqs:*:${aws:PrincipalAccount}:x' }, 'after its fifth colon only'],
    ['an unknown operator', { ...good, Condition: { StringIs: { a: 'b' } } }, 'no condition operator "StringIs"'],
  ])('%s', (_what, statement, message) => {
    const document = { Version: '2012-10-17', Statement: [good, statement as PolicyStatement] };
    expect(() => world().putRolePolicy(ROLE, 'Default', document, 'App/DefaultPolicy')).toThrow(message);
    expect(() => world().putRolePolicy(ROLE, 'Default', document, 'App/DefaultPolicy')).toThrow(
      'App/DefaultPolicy, statement 2: Malformed',
    );
  });

  test.each<[string, object, string]>([
    ['no principal', good, 'needs Principal or NotPrincipal'],
    ['NotPrincipal with Allow', { ...good, NotPrincipal: '*' }, 'NotPrincipal goes with Deny only'],
    ['a wildcard in a principal', { ...good, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/*` } }, 'must not have wildcards'],
    ['an unknown kind of principal', { ...good, Principal: { Role: 'x' } }, 'no kind of principal "Role"'],
  ])("a resource's: %s", (_what, statement, message) => {
    expect(() => world().setResourcePolicy(QUEUE, policy(statement))).toThrow(message);
  });

  test('a trust policy with a resource', () => {
    const trust = policy({ Action: 'sts:AssumeRole', Principal: '*', Resource: '*' });
    expect(() => world({ role: { trust } })).toThrow('a trust policy has no Resource');
  });
});

describe('managed policies', () => {
  const aws = (name: string) => `arn:aws:iam::aws:policy/${name}`;
  // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
  test.each([
    ['AdministratorAccess', 'iam:CreateRole'],
    ['AWSXRayDaemonWriteAccess', 'xray:GetSamplingStatisticSummaries'],
    ['AWSXrayWriteOnlyAccess', 'xray:PutTraceSegments'],
    ['service-role/AWSLambdaBasicExecutionRole', 'logs:CreateLogGroup'],
    ['service-role/AWSLambdaVPCAccessExecutionRole', 'ec2:AssignPrivateIpAddresses'],
    ['service-role/AWSLambdaSQSQueueExecutionRole', 'sqs:ReceiveMessage'],
    ['service-role/AWSLambdaDynamoDBExecutionRole', 'dynamodb:GetRecords'],
    ['service-role/AWSLambdaKinesisExecutionRole', 'kinesis:SubscribeToShard'],
    ['service-role/AmazonAPIGatewayPushToCloudWatchLogs', 'logs:FilterLogEvents'],
  ])('%s allows %s', (name, action) => {
    expect(ask(world(), action, '*').allowed).toBe(false);
    const access = world({ role: { managedPolicyArns: [aws(name)] } });
    expect(ask(access, action, '*').allowed).toBe(true);
    expect(access.used()).toEqual([{ role: 'App/Worker', action, resource: '*', allowedBy: `${aws(name)}, statement 1` }]);
  });

  test('AWSLambdaBasicExecutionRole allows nothing else', () => {
    const access = world({ role: { managedPolicyArns: [aws('service-role/AWSLambdaBasicExecutionRole')] } });
    expect(ask(access, 'logs:GetLogEvents', '*').allowed).toBe(false);
  });

  test('of other partitions as well', () => {
    const arn = 'arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    expect(ask(world({ role: { managedPolicyArns: [arn] } }), 'logs:PutLogEvents', '*').allowed).toBe(true);
  });

  test('an unknown one is an error once a call would need it, not before', () => {
    const arn = aws('AmazonSQSFullAccess');
    const access = world({ identity: [allow('sqs:SendMessage')], role: { managedPolicyArns: [arn] } });
    expect(ask(access, 'sqs:SendMessage', QUEUE).allowed).toBe(true);
    expect(() => ask(access, 'sqs:ReceiveMessage', QUEUE)).toThrow(
      `The managed policy ${arn} isn't known to the local runner, and sqs:ReceiveMessage`,
    );
  });

  test("the assembly's own, put after the role, counted for each role", () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/Shared`;
    const access = world({ role: { managedPolicyArns: [arn] } });
    access.putRole({ arn: `${ROLE}2`, path: 'App/Second', trust: trusting('lambda.amazonaws.com'), managedPolicyArns: [arn] });
    access.putManagedPolicy(arn, policy(allow('sqs:SendMessage', QUEUE)), 'App/Shared');
    expect(ask(access, 'sqs:SendMessage', QUEUE).allowed).toBe(true);
    expect(access.used()[0]?.allowedBy).toBe('App/Shared, statement 1');
    expect(access.unused()).toEqual([{ role: 'App/Second', actions: ['sqs:SendMessage'], resources: [QUEUE] }]);
  });
});

test('a managed policy may come after a call', () => {
  const arn = `arn:aws:iam::${ACCOUNT}:policy/Late`;
  const access = world({ role: { managedPolicyArns: [arn] } });
  expect(() => ask(access, 'sqs:SendMessage', QUEUE)).toThrow(arn);
  access.putManagedPolicy(arn, policy(allow('sqs:SendMessage', QUEUE)), 'App/Late');
  expect(ask(access, 'sqs:SendMessage', QUEUE).allowed).toBe(true);
});

test('a policy of the same name replaces the one before', () => {
  const access = world({ identity: [allow('dynamodb:PutItem', TABLE)] });
  access.putRolePolicy(ROLE, 'Default', policy(allow('dynamodb:GetItem', TABLE)), 'App/DefaultPolicy');
  expect(ask(access, 'dynamodb:PutItem', TABLE).allowed).toBe(false);
  expect(ask(access, 'dynamodb:GetItem', TABLE).allowed).toBe(true);
});

test('policies add up', () => {
  const access = world({ identity: [allow('dynamodb:PutItem', TABLE)] });
  access.putRolePolicy(ROLE, 'More', policy(allow('dynamodb:GetItem', TABLE)), 'App/More');
  expect(ask(access, 'dynamodb:PutItem', TABLE).allowed).toBe(true);
  expect(ask(access, 'dynamodb:GetItem', TABLE).allowed).toBe(true);
});

test('a policy may come before its role', () => {
  const arn = `${ROLE}2`;
  const access = world();
  access.putRolePolicy(arn, 'Default', policy(allow('sqs:*', QUEUE)), 'App/DefaultPolicy');
  access.putRole({ arn, path: 'App/Second', trust: trusting('lambda.amazonaws.com'), managedPolicyArns: [] });
  expect(ask(access, 'sqs:SendMessage', QUEUE, undefined, { kind: 'role', arn }).allowed).toBe(true);
});
