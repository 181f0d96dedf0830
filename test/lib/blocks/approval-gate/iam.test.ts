import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, type ApprovalGateProps, Approver, HumanApproval, IamApprover, OnExpired } from '../../../../lib';
import { verifyChain } from '../../../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../../../lib/blocks/approval-gate/handlers/audit-record';
import {
  ApproverAtWork,
  type Assembly,
  type HttpApiRequest,
  LocalCloud,
  LocalDriver,
  loadAssembly,
  type Run,
  type Signer,
} from '../../../../local';
import { type Credentials, credentialsFor } from '../../../../local/wire/credentials';
import { signingHeaders } from '../../../../local/wire/signature';
import { nagFindings } from '../../../support/nag';
import { warmStart } from '../../../support/warm-start';
import { OidcProvider } from './support/oidc-provider';

const warm = warmStart();
const outdir = mkdtempSync(join(tmpdir(), 'stepworks-iam-'));
const BOARD = ['ann@example.com', 'bob@example.com', 'cy@example.com', 'dee@example.com'];

let provider: OidcProvider;
let assembly: Assembly;

/** Ann has a role of her own; the desk's is shared, and its sessions have the names of people. */
beforeAll(async () => {
  provider = await OidcProvider.start();
  const app = new App({ outdir });
  const stack = new Stack(app, 'Desk');
  const role = (name: string) => new iam.Role(stack, name, { assumedBy: new iam.AccountRootPrincipal() });
  const [ann, desk, bob, stranger, elsewhere] = ['Ann', 'Shared', 'BobWithoutPermission', 'Stranger', 'OtherRoute'].map(role);
  const gate = new ApprovalGate(stack, 'Gate', {
    portalIssuer: provider.issuer,
    portalAudience: ['portal'],
    iamApprovers: [
      IamApprover.role('Ann@Example.com', ann),
      IamApprover.sessionsOf(desk),
      IamApprover.role('bob@example.com', bob),
      IamApprover.role('cy@example.com', elsewhere),
    ],
  });
  for (const grantee of [ann, desk, stranger]) gate.grantDecide(grantee);
  for (const path of ['/decisions/*', '/*']) {
    for (const method of path === '/*' ? ['GET', 'PUT'] : ['POST']) {
      const resources = [stack.formatArn({ service: 'execute-api', resource: gate.api.apiId, resourceName: `*/${method}${path}` })];
      elsewhere.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['execute-api:Invoke'], resources }));
    }
  }
  new HumanApproval(stack, 'Payment', {
    gate,
    question: {
      approver: Approver.quorum(2, BOARD.map(Approver.email)),
      requester: '{% $states.input.requestedBy %}',
      summary: { Amount: '{% $states.input.amount %}' },
      expiresIn: Duration.days(2),
      onExpired: OnExpired.reject(),
    },
  });
  app.synth();
  assembly = await loadAssembly(outdir);
});
afterAll(async () => {
  await provider.close();
  rmSync(outdir, { recursive: true, force: true });
});

let cloud: LocalCloud;
let driver: LocalDriver;
let run: Run;

async function askTheBoard(): Promise<void> {
  cloud = await LocalCloud.deploy(assembly, { warm });
  driver = new LocalDriver(cloud);
  run = await driver.start('Desk/Payment', { amount: 5, requestedBy: 'dee@example.com' });
}

const ANN: Signer = { role: 'Desk/Ann' };
const shared = (session: string): Signer => ({ role: 'Desk/Shared', session });
const audit = async () => (await driver.items('Desk/Gate/Audit')) as unknown as AuditRecord[];
const statusOf = async (name: string) => (await rowOf(name))?.status;

interface Row {
  readonly requestId: string;
  readonly approver: string;
  readonly summaryHash: string;
  readonly status: string;
}

async function rowOf(name: string): Promise<Row> {
  const rows = (await driver.items('Desk/Gate/Requests')) as unknown as Row[];
  return rows.find(({ approver }) => approver === name) as Row;
}

/** A decision about this person's request. */
async function requestFor(name: string, decision = 'APPROVED'): Promise<HttpApiRequest> {
  const { requestId, summaryHash } = await rowOf(name);
  return { api: 'Desk/Gate', path: `/iam-decisions/${requestId}`, json: { decision, summaryHash } };
}

async function send(request: HttpApiRequest): Promise<{ status: number; body: Record<string, unknown> }> {
  const { status, body } = await driver.callApi(request);
  return { status, body: JSON.parse(body) };
}

const decide = async (name: string, signedBy: Signer, decision?: string) => send({ ...(await requestFor(name, decision)), signedBy });

/** The same request with a signature of its own, which can be kept, sent again and tampered with. */
function signed(
  request: HttpApiRequest,
  credentials: Credentials,
  scope: { time?: number; service?: string; region?: string } = {},
): HttpApiRequest {
  const { time: at = cloud.clock.now(), service = 'execute-api', region = cloud.region } = scope;
  const { host } = new URL(String(cloud.find('AWS::ApiGatewayV2::Api', 'Desk/Gate').attributes.ApiEndpoint));
  const headers = { host, 'content-type': 'application/json' };
  const unsigned = { method: 'POST', target: request.path, headers, body: JSON.stringify(request.json) };
  const time = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  return { ...request, headers: signingHeaders(unsigned, credentials, { time, service, region }) };
}

const arnOf = (role: string) => String(cloud.find('AWS::IAM::Role', role).attributes.Arn);
const asAnn = async (decision?: string) => signed(await requestFor('ann@example.com', decision), credentialsFor(arnOf('Desk/Ann'), 'x1'));

describe('those who sign decide', () => {
  beforeEach(askTheBoard);
  afterEach(() => cloud.dispose());

  test('by a role of their own, or by the name of a shared role’s session', async () => {
    expect(await decide('ann@example.com', ANN)).toMatchObject({ status: 200, body: { status: 'VOTED', decision: 'APPROVED' } });
    expect(run.status).toBe('RUNNING');
    expect(await decide('cy@example.com', shared('Cy@example.com'))).toMatchObject({ status: 200, body: { status: 'DECIDED' } });
    await driver.finished(run);
    const votes = [{ by: 'ann@example.com' }, { by: 'cy@example.com' }];
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: { approval: { by: 'cy@example.com', votes } } });
  });

  test('the audit says which account and which session it was', async () => {
    await decide('ann@example.com', { ...ANN, session: 'laptop-7' });
    const records = await audit();
    expect(verifyChain(records)).toMatchObject({ records: 1, head: expect.any(String) });
    expect(records).toMatchObject([
      {
        approver: 'ann@example.com',
        issuer: 'arn:aws:iam::123456789012:root',
        subject: `arn:aws:sts::123456789012:assumed-role/${arnOf('Desk/Ann').split('/').at(-1)}/laptop-7`,
      },
    ]);
  });

  test('a person has one vote, over mail, token and signature', async () => {
    expect((await decide('ann@example.com', ANN)).status).toBe(200);
    const again = { status: 409, body: { error: 'you have decided before', decision: 'APPROVED' } };
    for (const decision of ['APPROVED', 'REJECTED']) {
      expect(await decide('ann@example.com', ANN, decision)).toMatchObject(again);
      expect(await decide('ann@example.com', shared('ann@example.com'), decision)).toMatchObject(again);
      const authorization = `Bearer ${provider.tokenOf(provider.claimsOf('ann@example.com', cloud.clock.now()))}`;
      const request = await requestFor('ann@example.com', decision);
      const byToken = { ...request, path: request.path.replace('/iam-decisions/', '/decisions/'), headers: { authorization } };
      expect(await send(byToken)).toMatchObject(again);
    }
    expect((await new ApproverAtWork(driver, 'ann@example.com').decide('REJECTED')).status).toBe(409);
    expect(await audit()).toHaveLength(1);
    expect(run.status).toBe('RUNNING');
  });

  test('of votes of one person at the same time, on all ways, one counts', async () => {
    const mail = await new ApproverAtWork(driver, 'ann@example.com').openMail();
    const request = await requestFor('ann@example.com');
    const authorization = `Bearer ${provider.tokenOf(provider.claimsOf('ann@example.com', cloud.clock.now()))}`;
    const answers = await Promise.all([
      driver.callApi({ ...request, signedBy: ANN }),
      driver.callApi({ ...request, signedBy: shared('ann@example.com') }),
      driver.callApi({ ...request, path: request.path.replace('/iam-decisions/', '/decisions/'), headers: { authorization } }),
      mail.submit('APPROVED'),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await audit()).toHaveLength(1);
    expect(run.status).toBe('RUNNING');
  });

  test('the mail after the signature, the token after the mail: each person once', async () => {
    await new ApproverAtWork(driver, 'bob@example.com').decide('REJECTED');
    expect((await decide('cy@example.com', shared('cy@example.com'), 'REJECTED')).body).toMatchObject({ status: 'DECIDED' });
    await driver.finished(run);
    expect(run).toMatchObject({ status: 'FAILED', error: 'ApprovalRejected' });
  });

  test('a vote after the quorum counts no more', async () => {
    await decide('ann@example.com', ANN);
    await decide('cy@example.com', shared('cy@example.com'));
    expect(await decide('bob@example.com', shared('bob@example.com'), 'REJECTED')).toMatchObject({
      status: 409,
      body: { error: 'decided without your vote', decision: 'APPROVED' },
    });
    expect(await audit()).toHaveLength(2);
  });

  test('after the expiry it is too late', async () => {
    await driver.skip(2 * 24 * 3600);
    expect(await decide('ann@example.com', ANN)).toMatchObject({ status: 410 });
    expect(await audit()).toEqual([]);
  });

  test('a request that is sent again decides nothing, and after five minutes isn’t even looked at', async () => {
    const request = await asAnn();
    expect((await send(request)).status).toBe(200);
    expect(await send(request)).toMatchObject({ status: 409, body: { error: 'you have decided before' } });
    await driver.skip(301);
    expect(await send(request)).toEqual({ status: 403, body: { message: 'Forbidden' } });
    expect(await audit()).toHaveLength(1);
  });
});

describe('everything else', () => {
  // None of them changes anything.
  beforeAll(askTheBoard);
  afterAll(() => cloud.dispose());
  afterEach(async () => {
    expect(await audit()).toEqual([]);
    expect(await statusOf('ann@example.com')).toBe('PENDING');
    expect(run.status).toBe('RUNNING');
  });

  const FORBIDDEN = { status: 403, body: { message: 'Forbidden' } };

  test.each<[string, () => Promise<HttpApiRequest>]>([
    ['an unsigned request', () => requestFor('ann@example.com')],
    [
      'a token where a signature belongs',
      async () => {
        const authorization = `Bearer ${provider.tokenOf(provider.claimsOf('ann@example.com', cloud.clock.now()))}`;
        return { ...(await requestFor('ann@example.com')), headers: { authorization } };
      },
    ],
    ['another decision than was signed', async () => ({ ...(await asAnn('REJECTED')), json: (await requestFor('ann@example.com')).json })],
    ['another request than was signed', async () => ({ ...(await asAnn()), path: (await requestFor('bob@example.com')).path })],
    ['a query that was not signed', async () => ({ ...(await asAnn()), path: `${(await asAnn()).path}?a=b` })],
    [
      'a signature with a digit changed',
      async () => {
        const request = await asAnn();
        const authorization = request.headers?.authorization.replace(/.$/, (last) => (last === '0' ? '1' : '0')) ?? '';
        return { ...request, headers: { ...request.headers, authorization } };
      },
    ],
    [
      'another secret',
      async () => signed(await requestFor('ann@example.com'), { ...credentialsFor(arnOf('Desk/Ann')), secretAccessKey: 'stepworks-guess' }),
    ],
    ['an old date', async () => signed(await requestFor('ann@example.com'), credentialsFor(arnOf('Desk/Ann')), { time: at(-301) })],
    ['a date to come', async () => signed(await requestFor('ann@example.com'), credentialsFor(arnOf('Desk/Ann')), { time: at(301) })],
    [
      'a signature for another service',
      async () => signed(await requestFor('ann@example.com'), credentialsFor(arnOf('Desk/Ann')), { service: 'states' }),
    ],
    [
      'a signature for another region',
      async () => signed(await requestFor('ann@example.com'), credentialsFor(arnOf('Desk/Ann')), { region: 'eu-west-1' }),
    ],
    [
      'a role of the same name in another account',
      async () => signed(await requestFor('ann@example.com'), credentialsFor(arnOf('Desk/Ann').replace(cloud.accountId, '999999999999'))),
    ],
    [
      'an access key that nobody has',
      async () => signed(await requestFor('ann@example.com'), { ...credentialsFor(), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }),
    ],
    [
      'an approver whose role may not call the route',
      async () => ({ ...(await requestFor('bob@example.com')), signedBy: { role: 'Desk/BobWithoutPermission' } }),
    ],
    [
      'an approver whose role may call other routes and methods',
      async () => ({ ...(await requestFor('cy@example.com')), signedBy: { role: 'Desk/OtherRoute' } }),
    ],
  ])('%s is forbidden', async (_, request) => {
    const before = cloud.invocations.length;
    expect(await send(await request())).toEqual(FORBIDDEN);
    expect(cloud.invocations).toHaveLength(before);
  });

  const at = (seconds: number) => cloud.clock.now() + seconds * 1000;

  test('a role that may call, and is no approver’s, is refused by the function', async () => {
    expect(await decide('ann@example.com', { role: 'Desk/Stranger', session: 'ann@example.com' })).toEqual({
      status: 403,
      body: { error: 'who signed the request acts as no role of an approver' },
    });
  });

  test('the operator, who may do everything, is no approver', async () => {
    expect((await send(signed(await requestFor('ann@example.com'), credentialsFor()))).status).toBe(403);
  });

  test.each<[string, Signer, string]>([
    ['the request of another', ANN, 'bob@example.com'],
    ['the request of another, by the session’s name', shared('eve@example.com'), 'ann@example.com'],
    ['a request, by a name that goes on', shared('ann@example.com.eve.com'), 'ann@example.com'],
    ['a request, by a session that has the name of a role', shared('Ann'), 'ann@example.com'],
  ])('%s is not found', async (_, signedBy, name) => {
    expect(await decide(name, signedBy)).toEqual({ status: 404, body: { error: 'no such request of yours' } });
  });

  test('the requester, a member of the board, has no request to decide about, and none of another’s', async () => {
    expect(await rowOf('dee@example.com')).toBeUndefined();
    for (const name of ['ann@example.com', 'bob@example.com']) expect((await decide(name, shared('dee@example.com'))).status).toBe(404);
  });

  test('what several vote on is nobody’s own request', async () => {
    const [quorum] = ((await driver.items('Desk/Gate/Requests')) as unknown as (Row & { needed?: number; quorumId?: string })[]).filter(
      ({ needed, quorumId }) => needed !== undefined && quorumId === undefined,
    );
    const json = { decision: 'APPROVED', summaryHash: quorum.summaryHash };
    const request = { api: 'Desk/Gate', path: `/iam-decisions/${quorum.requestId}`, json };
    expect((await send({ ...request, signedBy: ANN })).status).toBe(404);
  });

  test('a signature opens neither the route of tokens nor the page', async () => {
    const { json, path } = await requestFor('ann@example.com');
    const request = { api: 'Desk/Gate', path: path.replace('/iam-decisions/', '/decisions/'), json, signedBy: ANN };
    expect((await send(request)).status).toBe(401);
    const page = await driver.callApi({ api: 'Desk/Gate', path: path.replace('/iam-decisions', ''), method: 'GET', signedBy: ANN });
    expect(page.status).toBe(404);
  });

  test('another summary than is asked about is not decided', async () => {
    const { json, ...request } = await requestFor('ann@example.com');
    const other = { ...(json as object), summaryHash: '0'.repeat(64) };
    expect((await send({ ...request, json: other, signedBy: ANN })).status).toBe(409);
  });
});

describe('what it synthesizes', () => {
  const question = {
    approver: Approver.email('a@example.com'),
    summary: { A: 'b' },
    expiresIn: Duration.days(1),
    onExpired: OnExpired.reject(),
  };

  function gateWith(props: (stack: Stack) => ApprovalGateProps): { stack: Stack; gate: ApprovalGate } {
    const stack = new Stack(new App(), 'Test');
    const gate = new ApprovalGate(stack, 'Gate', props(stack));
    new HumanApproval(stack, 'Payment', { gate, question });
    return { stack, gate };
  }
  const roleIn = (stack: Stack, name: string) => new iam.Role(stack, name, { assumedBy: new iam.AccountRootPrincipal() });
  const oneRole = (stack: Stack) => ({ iamApprovers: [IamApprover.role('a@example.com', roleIn(stack, 'A'))] });

  test('a route with IAM authorization, and the function that knows whose role is whose', () => {
    const { stack } = gateWith((scope) => ({
      iamApprovers: [IamApprover.role('a@example.com', roleIn(scope, 'A')), IamApprover.sessionsOf(roleIn(scope, 'B'))],
    }));
    const template = Template.fromStack(stack);
    const [route] = Object.values(template.findResources('AWS::ApiGatewayV2::Route', { Properties: { AuthorizationType: 'AWS_IAM' } }));
    expect(route.Properties).toEqual({
      ApiId: { Ref: expect.stringMatching('^GateApi') },
      AuthorizationType: 'AWS_IAM',
      RouteKey: 'POST /iam-decisions/{requestId}',
      Target: expect.anything(),
    });
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0);
    const [{ Properties: portal }] = Object.values(template.findResources('AWS::Lambda::Function')).filter(
      ({ Properties }) => Properties.Environment.Variables.IAM_APPROVERS,
    );
    expect(Object.keys(portal.Environment.Variables).sort()).toEqual(['AUDIT_TABLE_NAME', 'IAM_APPROVERS', 'TABLE_NAME']);
    expect(stack.resolve(portal.Environment.Variables.IAM_APPROVERS)).toEqual({
      'Fn::Join': [
        '',
        [
          '[{"roleArn":"',
          { 'Fn::GetAtt': [expect.stringMatching('^A'), 'Arn'] },
          '","approver":"a@example.com"},{"roleArn":"',
          { 'Fn::GetAtt': [expect.stringMatching('^B'), 'Arn'] },
          '"}]',
        ],
      ],
    });
  });

  test('grantDecide allows that route, and nothing else', () => {
    const { stack, gate } = gateWith(oneRole);
    gate.grantDecide(roleIn(stack, 'Caller'));
    const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Caller'));
    expect(policies.map(([, { Properties }]) => Properties.PolicyDocument.Statement)).toEqual([
      [
        {
          Effect: 'Allow',
          Action: 'execute-api:Invoke',
          Resource: {
            'Fn::Join': [
              '',
              [
                'arn:',
                { Ref: 'AWS::Partition' },
                ':execute-api:',
                { Ref: 'AWS::Region' },
                ':',
                { Ref: 'AWS::AccountId' },
                ':',
                { Ref: expect.stringMatching('^GateApi') },
                '/*/POST/iam-decisions/*',
              ],
            ],
          },
        },
      ],
    ]);
  });

  test('nothing that cdk-nag finds is left unacknowledged', () => {
    expect(nagFindings(gateWith(oneRole).stack)).toEqual([]);
  });

  test('grantDecide without the route is refused', () => {
    const { stack, gate } = gateWith(() => ({}));
    expect(() => gate.grantDecide(roleIn(stack, 'Caller'))).toThrow('Test/Gate has no route for signed requests: give it iamApprovers');
  });

  test.each<[string, (stack: Stack) => ApprovalGateProps, string]>([
    ['no role', () => ({ iamApprovers: [] }), 'iamApprovers has 0 roles, not 1 to 20'],
    [
      '21 roles',
      (stack) => ({ iamApprovers: Array.from({ length: 21 }, (_, index) => IamApprover.sessionsOf(roleIn(stack, `R${index}`))) }),
      'iamApprovers has 21 roles, not 1 to 20',
    ],
    [
      'a role that is two approvers',
      (stack) => {
        const role = roleIn(stack, 'A');
        return { iamApprovers: [IamApprover.role('a@example.com', role), IamApprover.role('b@example.com', role)] };
      },
      'iamApprovers has the role Test/A twice',
    ],
    ['nobody', (stack) => ({ iamApprovers: [IamApprover.role('', roleIn(stack, 'A'))] }), 'the identity of IamApprover.role is empty'],
  ])('%s is refused', (_, props, message) => {
    expect(() => gateWith(props)).toThrow(message);
  });
});
