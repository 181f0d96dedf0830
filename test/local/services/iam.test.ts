import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListEntitiesForPolicyCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
import { App, aws_events as events, aws_iam as iam, Stack, aws_sqs as sqs, aws_events_targets as targets } from 'aws-cdk-lib';
import { LocalCloud } from '../../../local';
import { createInert } from '../../../local/services/inert';
import { refusal, World } from './world';

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
  expect(await world.create('AWS::CloudWatch::Dashboard', 'D')).toEqual({ ref: 'Stack-D-ABCDEF', attributes: {} });
});

describe('the API', () => {
  let client: IAMClient;
  let role: string;
  const ACCOUNT = 'arn:aws:iam::123456789012';
  const text = (action: string) => JSON.stringify(allow(action));

  beforeEach(async () => {
    client = new IAMClient(world.client());
    const made = await world.create('AWS::IAM::Role', 'Role', { RoleName: 'r', AssumeRolePolicyDocument: trust });
    role = made.attributes?.Arn as string;
  });
  const create = async (PolicyName: string, action: string) =>
    (await client.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: text(action) }))).Policy?.Arn as string;
  const version = (PolicyArn: string, action: string, SetAsDefault = false) =>
    client.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: text(action), SetAsDefault }));

  test('an inline policy takes effect when it is put, and none any more when it is deleted', async () => {
    const RoleName = 'r';
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: text('kms:Sign') }));
    expect(may(role, 'kms:Sign')).toBe(true);
    const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    expect(PolicyDocument).toMatch(/^%7B%22Version%22/);
    expect(JSON.parse(decodeURIComponent(PolicyDocument ?? ''))).toEqual(allow('kms:Sign'));
    expect((await client.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['p']);
    await client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: text('sns:Publish') }));
    expect([may(role, 'kms:Sign'), may(role, 'sns:Publish')]).toEqual([false, true]);
    await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    expect(may(role, 'sns:Publish')).toBe(false);
    expect(await refusal(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' })))).toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The role policy with name p cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
    expect((await refusal(client.send(new ListRolePoliciesCommand({ RoleName: 'x' })))).message).toBe(
      'The role with name x cannot be found.',
    );
  });

  test('a managed policy: attached, in the version that is the default, detached', async () => {
    const arn = await create('guard', 'kms:Sign');
    expect(arn).toBe(`${ACCOUNT}:policy/guard`);
    await client.send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: arn }));
    expect(may(role, 'kms:Sign')).toBe(true);
    expect((await version(arn, 'sns:Publish')).PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: false });
    expect(may(role, 'sns:Publish')).toBe(false);
    await client.send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v2' }));
    expect([may(role, 'kms:Sign'), may(role, 'sns:Publish')]).toEqual([false, true]);
    expect((await client.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy).toMatchObject({
      PolicyName: 'guard',
      DefaultVersionId: 'v2',
      AttachmentCount: 1,
      PolicyId: expect.stringMatching(/^ANPA\w{17}$/),
    });
    const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v1' }));
    expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toEqual(allow('kms:Sign'));
    expect((await client.send(new ListAttachedRolePoliciesCommand({ RoleName: 'r' }))).AttachedPolicies).toEqual([
      { PolicyName: 'guard', PolicyArn: arn },
    ]);
    expect((await client.send(new ListEntitiesForPolicyCommand({ PolicyArn: arn }))).PolicyRoles).toMatchObject([{ RoleName: 'r' }]);
    await client.send(new DetachRolePolicyCommand({ RoleName: 'r', PolicyArn: arn }));
    expect(may(role, 'sns:Publish')).toBe(false);
    expect((await refusal(client.send(new DetachRolePolicyCommand({ RoleName: 'r', PolicyArn: arn })))).message).toBe(
      `Policy ${arn} was not found.`,
    );
  });

  test('five versions and no more; numbers are not given out twice', async () => {
    const arn = await create('p', 'a:1');
    for (let i = 2; i <= 5; i++) await version(arn, `a:${i}`);
    expect(await refusal(version(arn, 'a:6'))).toMatchObject({
      name: 'LimitExceededException',
      message: 'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    });
    const remove = (VersionId: string) => client.send(new DeletePolicyVersionCommand({ PolicyArn: arn, VersionId }));
    expect((await refusal(remove('v1'))).message).toBe('Cannot delete the default version of a policy.');
    await remove('v5');
    await version(arn, 'a:6', true);
    const { Versions } = await client.send(new ListPolicyVersionsCommand({ PolicyArn: arn }));
    expect(Versions?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v6', true],
      ['v4', false],
      ['v3', false],
      ['v2', false],
      ['v1', false],
    ]);
  });

  test('a policy in use, or with versions, is not deleted', async () => {
    const arn = await create('p', 'a:1');
    const remove = () => client.send(new DeletePolicyCommand({ PolicyArn: arn }));
    await world.create('AWS::IAM::User', 'User', { UserName: 'u' });
    await client.send(new AttachUserPolicyCommand({ UserName: 'u', PolicyArn: arn }));
    expect(await refusal(remove())).toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete a policy attached to entities.',
    });
    const other = await create('q', 'a:1');
    await version(other, 'a:2');
    expect((await refusal(client.send(new DeletePolicyCommand({ PolicyArn: other })))).message).toMatch('more than one version');
    await client.send(new DeletePolicyVersionCommand({ PolicyArn: other, VersionId: 'v2' }));
    await client.send(new DeletePolicyCommand({ PolicyArn: other }));
    expect((await client.send(new ListPoliciesCommand({ Scope: 'Local' }))).Policies?.map(({ Arn }) => Arn)).toEqual([arn]);
    expect((await refusal(client.send(new GetPolicyCommand({ PolicyArn: other })))).name).toBe('NoSuchEntityException');
  });

  test.each([
    ['no JSON', 'x', 'MalformedPolicyDocumentException'],
    ['no statement', '{}', 'MalformedPolicyDocumentException'],
    [
      'a principal',
      JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' } }),
      'MalformedPolicyDocumentException',
    ],
    ['too long', JSON.stringify(allow(`s3:${'x'.repeat(6144)}`)), 'LimitExceededException'],
  ])('%s is refused', async (_, PolicyDocument, error) => {
    expect((await refusal(client.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument })))).name).toBe(error);
  });

  test('a name is taken once, whatever its letters; inline policies have a size together', async () => {
    await create('Guard', 'a:1');
    expect((await refusal(create('guard', 'a:1'))).name).toBe('EntityAlreadyExistsException');
    await world.create('AWS::IAM::Group', 'Group', { GroupName: 'g' });
    const put = (PolicyName: string, size: number) =>
      client.send(new PutGroupPolicyCommand({ GroupName: 'g', PolicyName, PolicyDocument: text(`s3:${'x'.repeat(size)}`) }));
    await put('a', 3000);
    expect((await refusal(put('b', 3000))).name).toBe('LimitExceededException');
    await put('a', 3500); // in its own place
    const { PolicyDocument } = await client.send(new GetGroupPolicyCommand({ GroupName: 'g', PolicyName: 'a' }));
    expect(PolicyDocument).toHaveLength(encodeURIComponent(text(`s3:${'x'.repeat(3500)}`)).replaceAll('*', '%2A').length);
  });

  test('who changes policies needs leave, and may be held to a boundary', async () => {
    const arn = await create('p', 'a:1');
    const own = {
      Effect: 'Allow',
      Action: 'iam:AttachRolePolicy',
      Resource: role,
      Condition: { ArnEquals: { 'iam:PolicyARN': arn } },
    } as const;
    const limited = new IAMClient(world.client(await world.role('limited', own)));
    await limited.send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: arn }));
    const other = await create('q', 'a:1');
    expect((await refusal(limited.send(new AttachRolePolicyCommand({ RoleName: 'r', PolicyArn: other })))).message).toMatch(
      `iam:AttachRolePolicy on resource: ${role}`,
    );
  });

  test('what was changed is told by CloudTrail, what was read is not', async () => {
    const caller = await world.role('caller', { Effect: 'Allow', Action: 'iam:*', Resource: '*' });
    const own = new IAMClient(world.client(caller));
    const arn = await create('p', 'a:1');
    world.events.length = 0;
    await own.send(new GetPolicyCommand({ PolicyArn: arn }));
    const document = text('a:2');
    await own.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: document, SetAsDefault: true }));
    await refusal(own.send(new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId: 'v9' })));
    expect(world.events).toMatchObject([
      {
        source: 'aws.iam',
        'detail-type': 'AWS API Call via CloudTrail',
        detail: {
          eventSource: 'iam.amazonaws.com',
          eventName: 'CreatePolicyVersion',
          awsRegion: 'us-east-1',
          eventTime: '2026-01-05T09:00:00Z',
          readOnly: false,
          userIdentity: {
            type: 'AssumedRole',
            arn: 'arn:aws:sts::123456789012:assumed-role/caller/session',
            sessionContext: { sessionIssuer: { type: 'Role', arn: caller, userName: 'caller' } },
          },
          requestParameters: { policyArn: arn, policyDocument: document, setAsDefault: true },
          responseElements: { policyVersion: { versionId: 'v2', isDefaultVersion: true, createDate: 'Jan 5, 2026 9:00:00 AM' } },
        },
      },
      { detail: { eventName: 'SetDefaultPolicyVersion', errorCode: 'NoSuchEntityException', responseElements: null } },
    ]);
  });
});

describe('on the local cloud', () => {
  async function told(region: string) {
    const stack = new Stack(new App(), 'S', { env: { region, account: '123456789012' } });
    const changes = new sqs.Queue(stack, 'Changes');
    const detail = { eventSource: ['iam.amazonaws.com'], eventName: ['CreatePolicyVersion', 'SetDefaultPolicyVersion'] };
    const eventPattern = { source: ['aws.iam'], detailType: ['AWS API Call via CloudTrail'], detail };
    new events.Rule(stack, 'Rule', { eventPattern, targets: [new targets.SqsQueue(changes)] });
    const policy = new iam.ManagedPolicy(stack, 'Policy', {
      statements: [new iam.PolicyStatement({ actions: ['kms:Sign'], resources: ['*'] })],
    });
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'), managedPolicies: [policy] });
    const cloud = await LocalCloud.fromStack(stack);
    try {
      const arn = cloud.find('AWS::IAM::Role', role.node.id).attributes.Arn as string;
      const allowed = () =>
        ['kms:Sign', 'sns:Publish'].map((action) => cloud.access.authorize({ kind: 'role', arn }, { action, resource: '*' }).allowed);
      const before = allowed();
      await cloud.operate('iam', 'CreatePolicyVersion', {
        PolicyArn: cloud.find('AWS::IAM::ManagedPolicy', 'Policy').ref,
        PolicyDocument: JSON.stringify(allow('sns:Publish')),
        SetAsDefault: true,
      });
      return {
        before,
        after: allowed(),
        messages: cloud
          .queue('Changes')
          .messages()
          .map(({ body }) => JSON.parse(body).detail.eventName),
      };
    } finally {
      await cloud.dispose();
    }
  }

  test('a new default version decides from then on, and a rule hears of it', async () => {
    expect(await told('us-east-1')).toEqual({ before: [true, false], after: [false, true], messages: ['CreatePolicyVersion'] });
  });

  test('elsewhere the events are not on the bus: IAM is in us-east-1', async () => {
    expect(await told('eu-west-1')).toEqual({ before: [true, false], after: [false, true], messages: [] });
  });
});

test('an AWS managed policy that is known can be read, and not written', async () => {
  const iam = new IAMClient(world.client());
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  expect((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({ Arn: PolicyArn, DefaultVersionId: 'v1', Path: '/' });
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
  expect(JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''))).toMatchObject({ Statement: [{ Action: ['*'] }] });
  const write = new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: JSON.stringify(allow('s3:*')) });
  expect((await refusal(iam.send(write))).message).toMatch(/the AWS managed policy arn:aws:iam::aws:policy.AdministratorAccess/);
});
