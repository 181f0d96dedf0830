import { type Json, loadAssembly } from '../../../local';
import { synthesized } from '../../../local/synthesized';
import { WarmStart } from '../../../local/warm-start';
import { ADMIN, BAD, CONTAIN, GOOD, GuardWorld, grant, guardStack, SHARED } from './support/world';

const EXEMPT = 'arn:aws:iam::123456789012:role/Deploy';
const assembly = loadAssembly(
  synthesized(guardStack({ onViolation: CONTAIN, exemptPrincipals: [EXEMPT, 'cloudformation.amazonaws.com'] }).stack).directory,
);

const warm = new WarmStart();
afterAll(() => warm.dispose());

let world: GuardWorld;
beforeEach(async () => {
  world = await GuardWorld.deploy(await assembly, warm);
});
afterEach(async () => {
  expect(world.cloud.access.denied.filter(({ role }) => role.startsWith('Test/Guard'))).toEqual([]);
  await world.cloud.dispose();
});

const put = (PolicyDocument: string, PolicyName = 'p', UserName = 'dev') =>
  world.iam('PutUserPolicy', { UserName, PolicyName, PolicyDocument });
const version = (PolicyDocument: string, SetAsDefault = true) =>
  world.iam('CreatePolicyVersion', { PolicyArn: SHARED, PolicyDocument, SetAsDefault });
const versions = async () => {
  const { Versions } = await world.iam<{ Versions: { VersionId: string }[] }>('ListPolicyVersions', { PolicyArn: SHARED });
  return Versions.map(({ VersionId }) => VersionId);
};
const asked = () => world.cloud.outbox.filter(({ to }) => to === ADMIN).length;

/** The guard is told of a call that nobody has made here, or by somebody else. */
async function tell(changes: Record<string, Json>): Promise<Json> {
  const event = {
    eventID: 'e',
    eventName: 'PutUserPolicy',
    eventTime: '2026-01-05T09:00:00Z',
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::123456789012:user/eve' },
    requestParameters: { userName: 'dev', policyName: 'p' },
    ...changes,
  };
  const run = await world.cloud.stateMachine('Test/Guard').start({ event });
  await world.cloud.clock.advance(120_000); // the policy is looked for for a while
  return run.status === 'RUNNING' ? 'RUNNING' : world.ended(run);
}

describe('what is contained, and how', () => {
  test('a new policy has no force until it is attached; then who gets it is quarantined', async () => {
    const { Policy } = await world.iam<{ Policy: { Arn: string } }>('CreatePolicy', { PolicyName: 'evil', PolicyDocument: BAD });
    expect(await world.ended()).toBe('UNCONTAINED');
    expect(world.run.output).toMatchObject({ reason: expect.stringMatching(/^statement 1 grants iam:pass\* on \*, thus iam:PassRole$/) });
    expect(world.told).toEqual([`Nothing to contain: ${Policy.Arn}`]);
    await world.iam('AttachRolePolicy', { RoleName: 'app', PolicyArn: Policy.Arn });
    expect(await world.quarantined('Role', 'app')).toBe(true);
  });

  test('who is quarantined can do nothing that is restricted, and everything else as before', async () => {
    const role = world.cloud.find('AWS::IAM::Role', 'Test/App').attributes.Arn as string;
    await world.iam('PutRolePolicy', { RoleName: 'app', PolicyName: 'p', PolicyDocument: grant('*') });
    const may = (action: string) => world.cloud.access.authorize({ kind: 'role', arn: role }, { action, resource: '*' }).allowed;
    const able = ['iam:PassRole', 'organizations:LeaveOrganization', 'iam:DetachRolePolicy', 's3:GetObject', 'sqs:SendMessage'].map(may);
    expect(able).toEqual([false, false, false, true, true]);
    await world.decide('APPROVED');
    await world.ended();
    expect(may('iam:PassRole')).toBe(true);
  });

  test('a document that is as long as can be is asked about all the same', async () => {
    const Statement = [{ Sid: '"'.repeat(4500), Effect: 'Allow', NotAction: 's3:*', Resource: '*' }];
    await world.iam('PutRolePolicy', { RoleName: 'app', PolicyName: 'p', PolicyDocument: JSON.stringify({ Statement }) });
    expect([world.run.status, asked()]).toEqual(['RUNNING', 1]);
  });

  test('an AWS managed policy', async () => {
    await world.iam('AttachUserPolicy', { UserName: 'dev', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
    expect(await world.quarantined('User', 'dev')).toBe(true);
    await world.decide('APPROVED');
    expect(await world.ended()).toBe('RESTORED');
  });

  test('no compliant version: whoever has the policy is quarantined', async () => {
    await version(BAD);
    await world.decide('APPROVED');
    expect(await world.ended()).toBe('RESTORED');
    await world.iam('DeletePolicyVersion', { PolicyArn: SHARED, VersionId: 'v1' });
    await version(grant('iam:*'));
    expect([await world.defaultVersion(), await world.quarantined('Role', 'app')]).toEqual(['v3', true]);
    await world.decide('APPROVED');
    expect([await world.ended(), await world.defaultVersion(), await world.quarantined('Role', 'app')]).toEqual(['RESTORED', 'v3', false]);
  });

  test('at the limit of five versions nothing is made or deleted, and it is restored', async () => {
    for (let i = 0; i < 3; i++) await version(GOOD, false);
    await version(BAD);
    expect([await versions(), await world.defaultVersion()]).toEqual([['v5', 'v4', 'v3', 'v2', 'v1'], 'v4']);
    const kept = world.evidence[0] as { versions: { id: string; text: string }[]; live: { text: string } };
    expect(kept.versions.map(({ id }) => id)).toEqual(['v4', 'v3', 'v2', 'v1']);
    await world.decide('APPROVED');
    expect([await world.ended(), await versions(), await world.defaultVersion()]).toEqual([
      'RESTORED',
      ['v5', 'v4', 'v3', 'v2', 'v1'],
      'v5',
    ]);
  });

  test('the evidence is there before anything is changed, under its hash', async () => {
    world.cloud.fail('s3:PutObject', { times: 1000, error: 'AccessDenied', statusCode: 403 });
    await put(BAD);
    expect(await world.ended()).toMatch(/^FAILED AccessDenied/);
    expect(await world.quarantined('User', 'dev')).toBe(false);
    expect(world.cloud.calls.some(({ operation }) => operation === 'AttachUserPolicy')).toBe(false);
  });

  test('the administrator sees who, what and the difference', async () => {
    await version(BAD);
    const mail = world.cloud.outbox.find(({ to }) => to === ADMIN);
    expect(mail?.body).toMatch(/user\/operator/);
    expect(mail?.body).toMatch(/put from v2 to v1/);
    expect(mail?.body).toMatch(/- .*s3:GetObject/);
    expect(mail?.body).toMatch(/\+ .*iam:Pass\*/);
  });
});

describe('one thing after the other', () => {
  test('a second violation is contained at once and asked about next; the last approval lifts the quarantine', async () => {
    await put(BAD, 'a');
    await put(BAD, 'b');
    expect([world.holds.length, asked()]).toEqual([2, 2]);
    await world.decide('APPROVED');
    expect([await world.ended(world.runs[0]), await world.quarantined('User', 'dev')]).toEqual(['HELD', true]);
    await world.decide('APPROVED');
    expect([await world.ended(world.runs[1]), await world.quarantined('User', 'dev')]).toEqual(['RESTORED', false]);
  });

  test('what one denial holds no other approval lifts', async () => {
    await put(BAD, 'a');
    await put(BAD, 'b');
    await world.decide('REJECTED');
    await world.decide('APPROVED');
    expect([await world.ended(world.runs[0]), await world.ended(world.runs[1])]).toEqual(['KEPT', 'HELD']);
    expect(await world.quarantined('User', 'dev')).toBe(true);
  });

  test('one question at a time about one policy', async () => {
    await version(BAD);
    await version(grant('iam:*'));
    expect([await world.defaultVersion(), asked()]).toEqual(['v1', 1]);
    await world.decide('REJECTED');
    await world.driver.skip(3 * 3600);
    expect(asked()).toBe(2);
    await world.decide('APPROVED');
    expect([await world.ended(world.runs[0]), await world.ended(world.runs[1]), await world.defaultVersion()]).toEqual([
      'KEPT',
      'RESTORED',
      'v3',
    ]);
  });

  test('what was changed since it was asked about is not restored', async () => {
    await put(BAD);
    await put(GOOD);
    await world.decide('APPROVED');
    expect(await world.ended(world.runs[0])).toMatch(/^FAILED NotRestored: .*reads \w{64}, not \w{64}, which was approved/);
    expect(await world.quarantined('User', 'dev')).toBe(true);
    expect(world.told.at(-1)).toMatch(/^APPROVED, BUT NOT RESTORED: /);
  });

  test('a version that took its place meanwhile stays', async () => {
    await version(BAD);
    await version(GOOD);
    await world.decide('APPROVED');
    expect([await world.ended(world.runs[0]), await world.defaultVersion()]).toEqual([expect.stringMatching(/^FAILED NotRestored/), 'v3']);
  });

  test('the same event twice is one case', async () => {
    world.cloud.deliverTwice('sqs:SendMessage');
    world.cloud.deliverTwice('lambda:Invoke');
    await put(BAD);
    expect([world.runs.length, asked()]).toEqual([1, 1]);
  });

  test('throttled again and again: contained, and restored', async () => {
    for (const call of ['iam:GetUserPolicy', 'iam:AttachUserPolicy', 'iam:ListAttachedUserPolicies'])
      world.cloud.fail(call, { times: 3, error: 'Throttling' });
    await put(BAD);
    await world.cloud.clock.advance(300_000);
    expect(await world.quarantined('User', 'dev')).toBe(true);
    world.cloud.fail('iam:DetachUserPolicy', { times: 3, error: 'Throttling' });
    await world.decide('APPROVED');
    expect([await world.ended(), await world.quarantined('User', 'dev')]).toEqual(['RESTORED', false]);
  });
});

describe('who may', () => {
  /** A policy that grants what is restricted is there, and no case of it holds anybody: the user is one for emergencies. */
  const glass = { userName: 'glass', policyName: 'p' };
  beforeEach(() => put(BAD, 'p', 'glass'));

  test('one for emergencies is never quarantined; the team is told', async () => {
    expect(await world.ended()).toBe('UNCONTAINED');
    expect(world.run.output).toMatchObject({ contained: 'nothing was changed: only break-glass principals have the policy' });
    expect(await world.quarantined('User', 'glass')).toBe(false);
    expect(world.told).toEqual(['Nothing to contain: the inline policy p of the user glass']);
  });

  test.each<[string, Record<string, Json>]>([
    ['a role', { arn: 'arn:aws:sts::123456789012:assumed-role/Deploy/ci', sessionContext: { sessionIssuer: { arn: EXEMPT } } }],
    ['a service', { arn: 'arn:aws:sts::1:assumed-role/x/y', invokedBy: 'cloudformation.amazonaws.com' }],
  ])('%s that is exempt: kept and reported, not contained', async (_, userIdentity) => {
    const before = world.evidence.length;
    const told = world.told.length;
    expect(await tell({ userIdentity, requestParameters: glass })).toBe('EXEMPT');
    expect(world.told.slice(told)).toEqual([
      expect.stringMatching(/^An exempt principal wrote /),
      expect.stringMatching(/^ALARM: "[^"]*Exempt/),
    ]);
    expect(world.evidence).toHaveLength(before + 1);
  });

  test('who is called almost like an exempt role is not exempt', async () => {
    const userIdentity = { arn: 'arn:aws:sts::1:assumed-role/Deploy2/ci', sessionContext: { sessionIssuer: { arn: `${EXEMPT}2` } } };
    expect(await tell({ userIdentity, requestParameters: glass })).toBe('UNCONTAINED');
  });

  test('one for emergencies writes: reported apart', async () => {
    const userIdentity = { arn: 'arn:aws:iam::123456789012:user/glass' };
    const { length } = world.told;
    expect(await tell({ userIdentity, requestParameters: glass })).toBe('BREAK_GLASS');
    expect(world.told.slice(length)).toEqual([
      expect.stringMatching(/^Break-glass access was used: /),
      expect.stringMatching(/^ALARM: "[^"]*BreakGlass/),
    ]);
  });

  test('one for emergencies writes while nothing can be counted: reported all the same', async () => {
    world.cloud.fail('cloudwatch:PutMetricData', { times: 99, error: 'InternalServiceFault' });
    const userIdentity = { arn: 'arn:aws:iam::123456789012:user/glass' };
    const { length } = world.told;
    expect(await tell({ userIdentity, requestParameters: glass })).toBe('BREAK_GLASS');
    await world.cloud.clock.advance(600_000);
    expect(world.told.slice(length)).toEqual([expect.stringMatching(/^Break-glass access was used: /)]);
  });
});

describe('the guard itself', () => {
  test('its own calls start nothing', async () => {
    await put(BAD);
    await world.decide('APPROVED');
    const all = world.cloud.stateMachine('Test/Guard').runs;
    for (const run of all) await run.finished();
    const own = all.filter(({ arn }) => arn !== world.run.arn);
    expect(own.map(({ output }) => (output as { reason: string }).reason)).toEqual(Array(2).fill('the guard itself made the call'));
  });

  test('a user who is called like one of its roles is not the guard', async () => {
    const name = world.cloud.find('AWS::IAM::Role', 'Test/Guard/Functions/Contain/Role').ref;
    await put(BAD);
    expect(await tell({ userIdentity: { arn: `arn:aws:iam::123456789012:user/${name}` } })).toBe('RUNNING');
  });

  test('who writes to one of its roles is told of, and the guard does not act on itself', async () => {
    const RoleName = world.cloud.find('AWS::IAM::Role', 'Test/Guard/Functions/Contain/Role').ref;
    await world.iam('PutRolePolicy', { RoleName, PolicyName: 'p', PolicyDocument: BAD });
    expect([await world.ended(), await world.quarantined('Role', RoleName)]).toEqual(['TAMPERED', false]);
    expect(world.told.at(-1)).toMatch(/^The policy guard's own policies were written: /);
  });

  test('who changes the quarantine policy, or lifts it by hand, is told of', async () => {
    const PolicyArn = world.quarantineArn;
    await world.iam('CreatePolicyVersion', { PolicyArn, PolicyDocument: GOOD, SetAsDefault: true });
    expect(await world.ended()).toBe('TAMPERED');
    await put(BAD);
    await world.iam('DetachUserPolicy', { UserName: 'dev', PolicyArn });
    expect(await world.ended()).toBe('TAMPERED');
  });
});

describe('what can not be read', () => {
  test('no document: looked for, then contained and told', async () => {
    expect(await tell({})).toBe('RUNNING');
    expect(await world.quarantined('User', 'dev')).toBe(true);
    expect(world.told).toEqual(['Contained: the inline policy p of the user dev']);
    expect(world.cloud.calls.filter(({ operation }) => operation === 'GetUserPolicy')).toHaveLength(5);
  });

  test.each<[string, Record<string, Json>, RegExp]>([
    ['parameters that were left out', { requestParameters: null }, /has no requestParameters.userName/],
    ['a policy without a name', { requestParameters: { userName: 'dev' } }, /has no requestParameters.policyName/],
    ['a new policy without its ARN', { eventName: 'CreatePolicy', responseElements: null }, /has no responseElements.policy.arn/],
    ['a version without its policy', { eventName: 'SetDefaultPolicyVersion' }, /has no requestParameters.policyArn/],
  ])('%s: nobody knows what to contain, and the team is told', async (_, changes, reason) => {
    expect(await tell(changes)).toBe('UNCONTAINED');
    expect(world.evidence).toEqual([expect.objectContaining({ problem: expect.stringMatching(reason) })]);
    expect(world.told).toHaveLength(1);
  });

  test('IAM refuses to contain: the team is told, and the run fails', async () => {
    for (let i = 0; i < 10; i++) {
      const { Policy } = await world.iam<{ Policy: { Arn: string } }>('CreatePolicy', { PolicyName: `p${i}`, PolicyDocument: GOOD });
      await world.iam('AttachUserPolicy', { UserName: 'dev', PolicyArn: Policy.Arn });
    }
    await put(BAD);
    expect(await world.ended()).toMatch(/^FAILED NotContained: .*LimitExceeded.*The evidence is cases\//);
    expect(world.told.at(-1)).toMatch(/^NOT CONTAINED: the inline policy p of the user dev/);
  });

  test('calls that are none of its affair', async () => {
    expect(await tell({ errorCode: 'AccessDenied' })).toBe('IGNORED');
    expect(await tell({ eventName: 'GetUserPolicy' })).toBe('IGNORED');
    expect(await tell({ eventName: 'DetachUserPolicy', requestParameters: { userName: 'dev', policyArn: SHARED } })).toBe('IGNORED');
    expect([world.told, world.evidence]).toEqual([[], []]);
  });

  test.each<[Json, RegExp]>([
    [{}, /event: is missing/],
    [{ event: { eventID: 7, eventName: 'x' } }, /event.eventID: must be a text.*event.eventTime: is missing/],
  ])('the input %j is refused', async (input, cause) => {
    const run = await world.cloud.stateMachine('Test/Guard').start(input);
    expect([await run.finished().then(() => run.error), run.cause]).toEqual(['InvalidInput', expect.stringMatching(cause)]);
  });
});
