import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { App } from 'aws-cdk-lib';
import { rehearse } from '../../bin/commands/rehearse';
import { main } from '../../bin/main';
import type { RehearsedCase } from '../../bin/rehearsal/rehearsal';
import { PolicyGuardStack } from '../../patterns/policy-guard/stack';

const folder = mkdtempSync(join(tmpdir(), 'stepworks-rehearse-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed = '';
beforeEach(() => {
  printed = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

const BAD = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }] });
const GOOD = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] });
const user = (name: string) => ({ type: 'IAMUser', arn: `arn:aws:iam::111122223333:user/${name}`, userName: name });
const role = (name: string) => ({
  type: 'AssumedRole',
  arn: `arn:aws:sts::111122223333:assumed-role/${name}/session`,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/team/${name}` } },
});
const P = 'arn:aws:iam::111122223333:policy/p';

let hour = 0;
function record(eventName: string, requestParameters: object | null, more: Record<string, unknown> = {}): Record<string, unknown> {
  hour += 1;
  return {
    eventVersion: '1.09',
    eventID: `event-${hour}`,
    eventTime: new Date(Date.UTC(2026, 0, 5, hour)).toISOString(),
    eventSource: 'iam.amazonaws.com',
    eventName,
    userIdentity: user('eve'),
    requestParameters,
    responseElements: null,
    ...more,
  };
}

/** As CloudTrail lays it out. */
function archive(name: string, ...files: Record<string, unknown>[][]): string {
  const day = join(folder, name, 'AWSLogs', '111122223333', 'CloudTrail', 'us-east-1', '2026', '01', '05');
  mkdirSync(day, { recursive: true });
  files.forEach((Records, index) => {
    const file = `111122223333_CloudTrail_us-east-1_20260105T0${index}00Z_abcdefghijklmnop.json.gz`;
    writeFileSync(join(day, file), gzipSync(JSON.stringify({ Records })));
  });
  return join(folder, name);
}

function config(rules: object): string {
  const path = join(folder, 'guard.json');
  writeFileSync(path, JSON.stringify(rules));
  return path;
}

const RULES = {
  restrictedActions: ['iam:CreateAccessKey', { action: 'iam:PassRole', allowedIf: { 'iam:PassedToService': ['lambda.amazonaws.com'] } }],
};

interface Line extends RehearsedCase {
  readonly summary?: unknown;
}

async function lines(path: string, rules: object = RULES): Promise<Line[]> {
  expect(await rehearse({ archive: path, config: config(rules), json: true })).toBe(0);
  return printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test('what would have been done, and whom it would have locked out', async () => {
  const path = archive(
    'all',
    [
      record('PutUserPolicy', { userName: 'dev', policyName: 'p', policyDocument: BAD }),
      record('CreateAccessKey', { userName: 'x' }, { userIdentity: user('dev') }),
      record('CreateAccessKey', { userName: 'x' }, { userIdentity: user('dev'), errorCode: 'AccessDenied' }),
      record('GetObject', {}, { userIdentity: user('dev'), eventSource: 's3.amazonaws.com' }),
    ],
    [
      record('CreateAccessKey', { userName: 'y' }, { userIdentity: user('dev') }),
      record('PutGroupPolicy', { groupName: 'devs', policyName: 'p', policyDocument: GOOD }),
      record('PutRolePolicy', { roleName: 'app', policyName: 'p', policyDocument: BAD }, { errorCode: 'AccessDenied' }),
      record('ListUsers', {}),
    ],
  );
  const [first, second, { summary }] = await lines(path);
  expect(first).toMatchObject({
    call: 'PutUserPolicy',
    actor: 'arn:aws:iam::111122223333:user/eve',
    policy: 'the inline policy p of the user dev',
    outcome: 'CONTAINED',
    containment: 'quarantined, with an explicit deny of all that is restricted: the user dev',
    lockedOut: [{ principal: 'the user dev', used: [{ action: 'iam:CreateAccessKey', times: 2, last: expect.any(String) }] }],
  });
  expect(second).toMatchObject({ call: 'PutGroupPolicy', outcome: 'COMPLIANT', lockedOut: [] });
  expect(summary).toEqual({ files: 2, records: 8, writes: 2, counts: { CONTAINED: 1, COMPLIANT: 1 }, unknownPrincipals: 0 });
});

test('versions, attachments and members are followed through the archive', async () => {
  const path = archive('followed', [
    record('CreatePolicy', { policyName: 'p', policyDocument: GOOD }, { responseElements: { policy: { arn: P, defaultVersionId: 'v1' } } }),
    record('AttachRolePolicy', { roleName: 'app', policyArn: P }),
    record('CreatePolicyVersion', { policyArn: P, policyDocument: BAD }, { responseElements: { policyVersion: { versionId: 'v2' } } }),
    record('SetDefaultPolicyVersion', { policyArn: P, versionId: 'v2' }),
    record('CreateAccessKey', { userName: 'x' }, { userIdentity: role('app') }),
    record('AddUserToGroup', { groupName: 'devs', userName: 'dev' }),
    record('AttachGroupPolicy', { groupName: 'devs', policyArn: P }),
    record('AttachUserPolicy', { userName: 'dev', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  ]);
  const cases = (await lines(path)).slice(0, -1);
  expect(cases.map(({ call, outcome, containment }) => [call, outcome, containment])).toEqual([
    ['CreatePolicy', 'COMPLIANT', 'nothing'],
    ['AttachRolePolicy', 'COMPLIANT', 'nothing'],
    ['CreatePolicyVersion', 'COMPLIANT', 'nothing'],
    ['SetDefaultPolicyVersion', 'CONTAINED', 'the default version was put from v2 to v1'],
    ['AttachGroupPolicy', 'CONTAINED', expect.stringMatching(/quarantined.*the group devs$/)],
    ['AttachUserPolicy', 'CONTAINED', expect.stringMatching(/quarantined.*the user dev$/)],
  ]);
  expect(cases[3].lockedOut).toEqual([
    { principal: 'the role app', used: [{ action: 'iam:CreateAccessKey', times: 1, last: expect.any(String) }] },
  ]);
  expect(cases[4].lockedOut).toEqual([{ principal: 'the user dev, through the group devs', used: [] }]);
});

test('who may, what is missing, and each event once', async () => {
  const put = (userName: string, more = {}) => record('PutUserPolicy', { userName, policyName: 'p', policyDocument: BAD }, more);
  const twice = put('dev');
  const path = archive('may', [
    twice,
    put('dev', { userIdentity: role('Deploy') }),
    put('dev', { userIdentity: user('glass') }),
    put('glass'),
    record('PutUserPolicy', null),
    record('AttachUserPolicy', { userName: 'dev', policyArn: 'arn:aws:iam::111122223333:policy/old' }),
    record('PutUserPolicy', { userName: 'dev', policyName: 'p', policyDocument: '{' }),
    twice,
  ]);
  const cases = await lines(path, {
    ...RULES,
    exemptPrincipals: ['arn:aws:iam::*:role/team/Deploy'],
    breakGlassPrincipals: ['arn:aws:iam::*:user/glass'],
  });
  expect(cases.slice(0, -1).map(({ outcome }) => outcome)).toEqual([
    ...['CONTAINED', 'EXEMPT', 'BREAK_GLASS', 'REPORTED', 'REPORTED', 'UNKNOWN', 'CONTAINED'],
  ]);
});

test('in words', async () => {
  const path = archive('words', [
    record('PutUserPolicy', { userName: 'dev', policyName: 'p', policyDocument: BAD }),
    record('CreateAccessKey', {}, { userIdentity: user('dev') }),
    record('PutUserPolicy', { userName: 'dev', policyName: 'q', policyDocument: GOOD }),
  ]);
  await rehearse({ archive: path, config: config(RULES) });
  expect(printed).toMatch(
    /^✗ \S+ {2}CONTAINED {2}PutUserPolicy by arn:aws:iam::111122223333:user\/eve\n {4}the inline policy p of the user dev\n {4}statement 1 grants iam:\* on \*, thus iam:CreateAccessKey.*\n {4}quarantined.*\n {4}locked out: the user dev, who later used iam:CreateAccessKey 1 time, last \S+\n1 files, 3 records, 2 writes of policies: 1 contained, 1 compliant\n$/,
  );
});

test('one plain file, and the guard of an app', async () => {
  const outdir = join(folder, 'cdk.out');
  const app = new App({ outdir });
  new PolicyGuardStack(app, 'Guarded', { env: { region: 'us-east-1' } });
  app.synth();
  const file = join(folder, 'one.json');
  writeFileSync(file, JSON.stringify({ Records: [record('PutRolePolicy', { roleName: 'app', policyName: 'p', policyDocument: BAD })] }));
  expect(await rehearse({ archive: file, app: outdir })).toBe(0);
  expect(printed).toMatch(/CONTAINED.*PutRolePolicy/);
  expect(printed).toMatch(/2 of the guard's principals have names that only the deployed stack knows/);
});

test('on the command line', async () => {
  const path = archive('line', [record('PutUserPolicy', { userName: 'dev', policyName: 'p', policyDocument: BAD })]);
  expect(await main(['rehearse', path, '--config', config(RULES), '--json'])).toBe(0);
  expect(JSON.parse(printed.split('\n')[0])).toMatchObject({ outcome: 'CONTAINED' });
  jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await main(['rehearse', path])).toBe(2);
  expect(await main(['rehearse', path, 'another'])).toBe(2);
});

describe('what is refused', () => {
  const some = () => archive('some', [record('ListUsers', {})]);

  test.each<[string, () => Parameters<typeof rehearse>[0], RegExp]>([
    ['no archive', () => ({ config: 'x' }), /rehearse what\?/],
    ['neither rules nor app', () => ({ archive: some() }), /either --config guard.json or --app/],
    ['rules and app', () => ({ archive: some(), config: 'x', app: 'y' }), /either --config guard.json or --app/],
    ['no such folder', () => ({ archive: '/nowhere', config: config(RULES) }), /there is no file or folder '\/nowhere'/],
    ['a folder without logs', () => ({ archive: __dirname, config: config(RULES) }), /holds no .json.gz/],
    ['a file that is no log', () => ({ archive: config(RULES), config: config(RULES) }), /it has no list 'Records'/],
    [
      'nothing restricted',
      () => ({ archive: some(), config: config({ restrictedActions: [] }) }),
      /has to be a list of one action at least/,
    ],
    ['a name that is not known', () => ({ archive: some(), config: config({ ...RULES, deny: [] }) }), /'deny' is not known/],
    ['no action', () => ({ archive: some(), config: config({ restrictedActions: ['PassRole'] }) }), /"PassRole" is no restricted action/],
    [
      'no list',
      () => ({ archive: some(), config: config({ ...RULES, exemptPrincipals: 'me' }) }),
      /exemptPrincipals has to be a list of texts/,
    ],
  ])('%s', async (_, options, message) => {
    await expect(rehearse(options())).rejects.toThrow(message);
  });

  test('a record without a time', async () => {
    await expect(rehearse({ archive: archive('bad', [{ eventName: 'x' }]), config: config(RULES) })).rejects.toThrow(
      /Records\[0\] has no eventName or no eventTime/,
    );
  });
});
