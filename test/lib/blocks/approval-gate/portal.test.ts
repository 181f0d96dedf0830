import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, type ApprovalGateProps, Approver, HumanApproval, OnExpired } from '../../../../lib';
import { verifyChain } from '../../../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../../../lib/blocks/approval-gate/handlers/audit-record';
import { ApproverAtWork, type Assembly, LocalCloud, LocalDriver, loadAssembly, type Run } from '../../../../local';
import { nagFindings } from '../../../support/nag';
import { warmStart } from '../../../support/warm-start';
import { encoded, OidcProvider } from './support/oidc-provider';

const warm = warmStart();

const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 });
const outdir = mkdtempSync(join(tmpdir(), 'stepworks-portal-'));

let provider: OidcProvider;
let issuer: string;
let assembly: Assembly;

beforeAll(async () => {
  provider = await OidcProvider.start();
  issuer = provider.issuer;
  const app = new App({ outdir });
  const stack = new Stack(app, 'Desk');
  const gate = new ApprovalGate(stack, 'Gate', { portalIssuer: issuer, portalAudience: ['portal'], portalScopes: ['approve'] });
  new HumanApproval(stack, 'Payment', {
    gate,
    question: {
      approver: Approver.quorum(2, ['ann@example.com', 'bob@example.com', 'cy@example.com'].map(Approver.email)),
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
  run = await driver.start('Desk/Payment', { amount: 5, requestedBy: 'cy@example.com' });
}

const claimsOf = (email: string) => provider.claimsOf(email, cloud.clock.now());
const tokenOf = (claims: object, header?: object, key?: KeyObject) => provider.tokenOf(claims, header, key);

interface Row {
  readonly requestId: string;
  readonly approver: string;
  readonly summaryHash: string;
}

async function rowOf(name: string): Promise<Row> {
  const rows = (await driver.items('Desk/Gate/Requests')) as unknown as Row[];
  return rows.find(({ approver }) => approver === name) as Row;
}

/** A decision about this person's request, with this token. */
async function send(
  name: string,
  token: string | undefined,
  decision = 'APPROVED',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const { requestId, summaryHash } = await rowOf(name);
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` };
  const json = { decision, summaryHash };
  const { status, body } = await driver.callApi({ api: 'Desk/Gate', path: `/decisions/${requestId}`, headers, json });
  return { status, body: JSON.parse(body) };
}

const audit = async () => (await driver.items('Desk/Gate/Audit')) as unknown as AuditRecord[];

/** The claims with one changed, of a token that is otherwise good. */
const changed = (change: () => object) => () => tokenOf({ ...claimsOf('ann@example.com'), ...change() });
const seconds = () => Math.floor(cloud.clock.now() / 1000);

describe('a good token', () => {
  beforeEach(askTheBoard);
  afterEach(() => cloud.dispose());

  test('two who are signed in decide, or one by the portal and one by the link', async () => {
    expect(await send('ann@example.com', tokenOf(claimsOf('ann@example.com')))).toMatchObject({ status: 200, body: { status: 'VOTED' } });
    expect(run.status).toBe('RUNNING');
    await new ApproverAtWork(driver, 'bob@example.com').decide('APPROVED');
    await driver.finished(run);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: { approval: { votes: [{ by: 'ann@example.com' }, { by: 'bob@example.com' }] } },
    });
    const records = await audit();
    expect(verifyChain(records)).toMatchObject({ records: 2, head: expect.any(String) });
    const byPortal = records.filter(({ approver }) => approver === 'ann@example.com');
    expect(byPortal).toMatchObject([{ issuer, subject: 'id of ann@example.com' }]);
  });

  test("the issuer's keys are asked for once", async () => {
    provider.keysAsked = 0;
    await send('ann@example.com', tokenOf(claimsOf('ann@example.com')));
    await send('bob@example.com', tokenOf(claimsOf('bob@example.com')));
    expect(provider.keysAsked).toBe(1);
  });

  test('a token that was good is not when its time is over, and a decision that was sent is not taken again', async () => {
    const token = tokenOf(claimsOf('ann@example.com'));
    expect((await send('ann@example.com', token)).status).toBe(200);
    for (const decision of ['APPROVED', 'REJECTED'])
      expect(await send('ann@example.com', token, decision)).toMatchObject({
        status: 409,
        body: { error: 'you have decided before', decision: 'APPROVED' },
      });
    await driver.skip(301);
    expect((await send('ann@example.com', token)).status).toBe(401);
    expect(await audit()).toHaveLength(1);
  });

  test('the requester has no request to decide about', async () => {
    expect(await rowOf('cy@example.com')).toBeUndefined();
  });
});

describe('instead of a good token', () => {
  // None of them changes anything.
  beforeAll(askTheBoard);
  afterAll(() => cloud.dispose());

  test.each<[string, number, () => string | undefined]>([
    ['no token', 401, () => undefined],
    ['something that is none', 401, () => 'hello'],
    ['a token of another key', 401, () => tokenOf(claimsOf('ann@example.com'), {}, OTHER.privateKey)],
    ['a token of a key that is not the issuer’s', 401, () => tokenOf(claimsOf('ann@example.com'), { kid: 'other' }, OTHER.privateKey)],
    ['a token without a key id', 401, () => tokenOf(claimsOf('ann@example.com'), { kid: undefined })],
    ['an unsigned token', 401, () => `${encoded({ alg: 'none', kid: 'own' })}.${encoded(claimsOf('ann@example.com'))}.`],
    ['a token that says it needs no signature', 401, () => tokenOf(claimsOf('ann@example.com'), { alg: 'none' })],
    [
      'a token signed with the public key as a secret',
      401,
      () => {
        const text = `${encoded({ alg: 'HS256', kid: 'own' })}.${encoded(claimsOf('ann@example.com'))}`;
        const secret = provider.keys.publicKey.export({ type: 'spki', format: 'pem' });
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      },
    ],
    [
      'claims that were changed',
      401,
      () => {
        const [header, , signature] = tokenOf(claimsOf('eve@example.com')).split('.');
        return `${header}.${encoded(claimsOf('ann@example.com'))}.${signature}`;
      },
    ],
    ['another issuer', 401, changed(() => ({ iss: 'http://127.0.0.1:1' }))],
    ['another audience', 401, changed(() => ({ aud: 'shop' }))],
    ['no audience', 401, changed(() => ({ aud: undefined }))],
    ['an audience that its client id belies', 401, changed(() => ({ aud: 'shop', client_id: 'portal' }))],
    ['an end that has come', 401, changed(() => ({ exp: seconds() }))],
    ['no end', 401, changed(() => ({ exp: undefined }))],
    ['an end that is a text', 401, changed(() => ({ exp: '9999999999' }))],
    ['a beginning in the future', 401, changed(() => ({ nbf: seconds() + 60 }))],
    ['an issue in the future', 401, changed(() => ({ iat: seconds() + 60 }))],
    ['no scope', 403, changed(() => ({ scope: 'openid' }))],
    ["somebody else's name", 404, changed(() => ({ email: 'eve@example.com' }))],
    ['the name of another voter', 404, changed(() => ({ email: 'bob@example.com' }))],
    ['an address that nobody has verified', 403, changed(() => ({ email_verified: false }))],
  ])('%s gets %d, and nothing is decided', async (_, status, token) => {
    expect((await send('ann@example.com', token())).status).toBe(status);
    expect(await audit()).toEqual([]);
    expect(run.status).toBe('RUNNING');
  });
});

describe('what it synthesizes', () => {
  function gateWith(props: ApprovalGateProps): Stack {
    const stack = new Stack(new App(), 'Test');
    const gate = new ApprovalGate(stack, 'Gate', props);
    const question = {
      approver: Approver.email('a@example.com'),
      summary: { A: 'b' },
      expiresIn: Duration.days(1),
      onExpired: OnExpired.reject(),
    };
    new HumanApproval(stack, 'Payment', { gate, question });
    return stack;
  }
  const portal = { portalIssuer: 'https://issuer.example', portalAudience: ['portal'] };

  test('a route that only tokens of the issuer open, for the audience and with a scope', () => {
    const template = Template.fromStack(gateWith({ ...portal, portalScopes: ['approve'], portalIdentityClaim: 'upn' }));
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['portal'] },
    });
    const [route] = Object.values(template.findResources('AWS::ApiGatewayV2::Route', { Properties: { AuthorizationType: 'JWT' } }));
    expect(route.Properties).toMatchObject({ RouteKey: 'POST /decisions/{requestId}', AuthorizationScopes: ['approve'] });
    template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { IDENTITY_CLAIM: 'upn' } } });
  });

  test('a function that may decide and answer, and make no links', () => {
    const template = Template.fromStack(gateWith(portal));
    const [policy] = Object.entries(template.findResources('AWS::IAM::Policy'))
      .filter(([id]) => id.startsWith('GatePortalRoleDefaultPolicy'))
      .map(([, { Properties }]) => Properties.PolicyDocument.Statement);
    expect(policy.filter(({ Action }: { Action: unknown }) => !JSON.stringify(Action).includes('logs:'))).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching('GateRequests'), 'Arn'] },
      },
      {
        Effect: 'Allow',
        Action: ['dynamodb:PutItem', 'dynamodb:Query'],
        Resource: { 'Fn::GetAtt': [expect.stringMatching('GateAudit'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'states:SendTaskSuccess', Resource: { Ref: expect.stringMatching('PaymentWorkflow') } },
    ]);
  });

  test('nothing that cdk-nag finds is left unacknowledged', () => {
    expect(nagFindings(gateWith(portal))).toEqual([]);
  });

  test.each<[string, ApprovalGateProps, string]>([
    ['an issuer without an audience', { portalIssuer: 'https://issuer.example' }, 'portalAudience is missing'],
    ['an audience alone', { portalAudience: ['portal'] }, 'go with portalIssuer'],
    ['scopes alone', { portalScopes: ['approve'] }, 'go with portalIssuer'],
    ['a claim alone', { portalIdentityClaim: 'upn' }, 'go with portalIssuer'],
  ])('%s is refused', (_, props, message) => {
    expect(() => gateWith(props)).toThrow(message);
  });
});
