import { createInert } from '../../../local/services/inert';
import { World } from './world';

let world: World;
beforeEach(async () => {
  world = await World.start((cloud) => [createInert(cloud)]);
});
afterEach(() => world.gateway.close());

const trust = { Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
const allow = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const may = (arn: string, action: string) => world.access.authorize({ kind: 'role', arn }, { action, resource: '*' }).allowed;

test('a role has its inline, attached and later policies', async () => {
  const managed = await world.create('AWS::IAM::ManagedPolicy', 'Managed', { PolicyDocument: allow('sns:Publish') });
  expect(managed.ref).toBe('arn:aws:iam::123456789012:policy/Stack-Managed-ABCDEF');
  const role = await world.create('AWS::IAM::Role', 'Role', {
    AssumeRolePolicyDocument: trust,
    Policies: [{ PolicyName: 'p', PolicyDocument: allow('sqs:SendMessage') }],
    ManagedPolicyArns: [managed.ref],
  });
  expect(role).toMatchObject({
    ref: 'Stack-Role-ABCDEF',
    attributes: { Arn: 'arn:aws:iam::123456789012:role/Stack-Role-ABCDEF', RoleId: expect.stringMatching(/^AROA\w{17}$/) },
  });
  const arn = role.attributes?.Arn as string;
  await world.create('AWS::IAM::Policy', 'Policy', { PolicyName: 'later', PolicyDocument: allow('kms:Sign'), Roles: [role.ref] });
  await world.create('AWS::IAM::ManagedPolicy', 'Attached', { PolicyDocument: allow('s3:GetObject'), Roles: [role.ref] });
  expect(['sqs:SendMessage', 'sns:Publish', 'kms:Sign', 's3:GetObject', 's3:PutObject'].map((action) => may(arn, action))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
});

test('a path is part of the ARN, and policies find the role by its name', async () => {
  const role = await world.create('AWS::IAM::Role', 'Role', { RoleName: 'r', Path: '/team/a/', AssumeRolePolicyDocument: trust });
  expect(role.attributes?.Arn).toBe('arn:aws:iam::123456789012:role/team/a/r');
  await world.create('AWS::IAM::Policy', 'Policy', { PolicyName: 'p', PolicyDocument: allow('kms:Sign'), Roles: ['r'] });
  expect(may('arn:aws:iam::123456789012:role/team/a/r', 'kms:Sign')).toBe(true);
});

test('a boundary of the assembly bounds; another is named', async () => {
  const boundary = await world.create('AWS::IAM::ManagedPolicy', 'Boundary', { PolicyDocument: allow('sns:*') });
  const role = (id: string, PermissionsBoundary: string) =>
    world.create('AWS::IAM::Role', id, {
      RoleName: id,
      AssumeRolePolicyDocument: trust,
      PermissionsBoundary,
      Policies: [{ PolicyName: 'p', PolicyDocument: allow('*') }],
    });
  const { attributes } = await role('Bounded', boundary.ref);
  expect(['sns:Publish', 'sqs:SendMessage'].map((action) => may(attributes?.Arn as string, action))).toEqual([true, false]);
  await expect(role('Elsewhere', 'arn:aws:iam::123456789012:policy/corp')).rejects.toThrow(
    'the permissions boundary arn:aws:iam::123456789012:policy/corp is no policy of this assembly',
  );
});

test('types without behaviour have their name and ARN', async () => {
  expect(await world.create('AWS::Logs::LogGroup', 'L', { LogGroupName: '/aws/vendedlogs/states/x' })).toEqual({
    ref: '/aws/vendedlogs/states/x',
    attributes: { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/x:*' },
  });
  expect(await world.create('AWS::CloudWatch::Alarm', 'A')).toEqual({
    ref: 'Stack-A-ABCDEF',
    attributes: { Arn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:Stack-A-ABCDEF' },
  });
});
