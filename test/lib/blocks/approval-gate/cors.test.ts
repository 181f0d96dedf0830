import { App, Duration, aws_iam as iam, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, type ApprovalGateProps, Approver, HumanApproval, IamApprover, OnExpired } from '../../../../lib';
import { ApproverAtWork, type BrowserResponse, LocalCloud, LocalDriver } from '../../../../local';

const DESK = 'https://desk.example.com';
const LOCALHOST = 'http://localhost:3000';

function gateWith(props: (role: iam.Role) => ApprovalGateProps): Stack {
  const stack = new Stack(new App(), 'Desk');
  const role = new iam.Role(stack, 'Ann', { assumedBy: new iam.AccountRootPrincipal() });
  const gate = new ApprovalGate(stack, 'Gate', props(role));
  const question = {
    approver: Approver.email('ann@example.com'),
    summary: { A: 'b' },
    expiresIn: Duration.days(1),
    onExpired: OnExpired.reject(),
  };
  new HumanApproval(stack, 'Payment', { gate, question });
  if (props(role).iamApprovers) gate.grantDecide(role);
  return stack;
}
const bySignature = (role: iam.Role) => ({ iamApprovers: [IamApprover.role('ann@example.com', role)] });

describe('a portal in the browser', () => {
  let cloud: LocalCloud;
  let driver: LocalDriver;
  beforeAll(async () => {
    cloud = await LocalCloud.fromStack(gateWith((role) => ({ ...bySignature(role), portalOrigins: [DESK, LOCALHOST] })));
    driver = new LocalDriver(cloud);
    await driver.start('Desk/Payment', {});
  });
  afterAll(() => cloud.dispose());

  const preflight = (origin: string, path = '/iam-decisions/AAAAAAAAAAAAAAAAAAAAAA'): Promise<BrowserResponse> => {
    const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    return driver.callApi({ api: 'Desk/Gate', path, method: 'OPTIONS', headers });
  };
  const corsHeaders = ({ headers }: BrowserResponse) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

  test.each([DESK, LOCALHOST])('is told by %s what it may send, before it is signed in', async (origin) => {
    const before = cloud.invocations.length;
    const answer = await preflight(origin);
    expect(answer.status).toBe(204);
    expect(corsHeaders(answer)).toEqual({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization,content-type,x-amz-date,x-amz-security-token,x-amz-content-sha256',
      'access-control-max-age': '3600',
    });
    expect(cloud.invocations).toHaveLength(before);
  });

  test.each([
    'https://eve.example.com',
    'https://desk.example.com.eve.com',
    'https://desk.example.com:8443',
    'http://desk.example.com',
    'http://localhost',
    'https://DESK.example.com',
    'null',
    '*',
  ])('the origin %s is told nothing', async (origin) => {
    expect(corsHeaders(await preflight(origin))).toEqual({});
  });

  test('may read the answer; another origin may not', async () => {
    const [{ requestId }] = await driver.items('Desk/Gate/Requests');
    const request = {
      api: 'Desk/Gate',
      path: `/iam-decisions/${requestId}`,
      json: { decision: 'APPROVED', summaryHash: '0' },
      signedBy: { role: 'Desk/Ann' },
    };
    const answer = await driver.callApi({ ...request, headers: { origin: DESK } });
    expect([answer.status, corsHeaders(answer)]).toEqual([409, { 'access-control-allow-origin': DESK }]);
    const other = await driver.callApi({ ...request, headers: { origin: 'https://eve.example.com' } });
    expect([other.status, corsHeaders(other)]).toEqual([409, {}]);
  });

  test('an approver’s page is not for other origins', async () => {
    const { link } = await new ApproverAtWork(driver, 'ann@example.com').openMail();
    const path = new URL(link).pathname;
    const answer = await driver.callApi({ api: 'Desk/Gate', path, method: 'GET', headers: { origin: 'https://eve.example.com' } });
    expect([answer.status, corsHeaders(answer)]).toEqual([200, {}]);
  });
});

test('without origins there are no CORS headers, and no answer to a preflight', async () => {
  const stack = gateWith(bySignature);
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ApiGatewayV2::Api'));
  expect(Properties).not.toHaveProperty('CorsConfiguration');
  const cloud = await LocalCloud.fromStack(stack);
  const headers = { origin: DESK, 'access-control-request-method': 'POST' };
  const answer = await new LocalDriver(cloud).callApi({ api: 'Desk/Gate', path: '/iam-decisions/A', method: 'OPTIONS', headers });
  await cloud.dispose();
  expect(answer.status).toBe(404);
});

describe('what it synthesizes', () => {
  const tokens = { portalIssuer: 'https://issuer.example', portalAudience: ['portal'] };
  const corsOf = (props: ApprovalGateProps) => {
    const [{ Properties }] = Object.values(Template.fromStack(gateWith(() => props)).findResources('AWS::ApiGatewayV2::Api'));
    return Properties.CorsConfiguration;
  };

  test('for tokens, only what tokens need', () => {
    expect(corsOf({ ...tokens, portalOrigins: [DESK, 'https://desk.example.com:8443', 'http://127.0.0.1:5173'] })).toEqual({
      AllowOrigins: [DESK, 'https://desk.example.com:8443', 'http://127.0.0.1:5173'],
      AllowMethods: ['POST'],
      AllowHeaders: ['authorization', 'content-type'],
      MaxAge: 3600,
    });
  });

  test.each([
    '*',
    'https://*',
    'https://*.example.com',
    'http://desk.example.com',
    'https://desk.example.com/',
    'https://desk.example.com/app',
    'https://Desk.example.com',
    'desk.example.com',
    'https://ann@desk.example.com',
    'null',
    '',
  ])('the origin %j is refused', (origin) => {
    expect(() => corsOf({ ...tokens, portalOrigins: [origin] })).toThrow(`'${origin}' in portalOrigins is no origin`);
  });

  test('no origins, and origins without a route to call, are refused', () => {
    expect(() => corsOf({ ...tokens, portalOrigins: [] })).toThrow('portalOrigins is empty');
    expect(() => corsOf({ portalOrigins: [DESK] })).toThrow('portalOrigins go with portalIssuer or iamApprovers');
  });
});
