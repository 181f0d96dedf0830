import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { createHttpApis, type HttpApiService } from '../../../local/services/apigatewayv2';
import { createLambda, type LambdaService } from '../../../local/services/lambda';
import { type Credentials, credentialsFor } from '../../../local/wire/credentials';
import { functionProperties, TestRuntime, World } from './world';

// AWS's own signer, with which the runner's has to agree; the client brings it along.
const { SignatureV4 } = createRequire(require.resolve('@aws-sdk/client-s3'))('@smithy/signature-v4');

let world: World;
let apis: HttpApiService;
let lambda: LambdaService;
let runtime: TestRuntime;
let endpoint: string;
let apiId: string;

beforeAll(async () => {
  runtime = new TestRuntime();
  world = await World.start((cloud) => {
    apis = createHttpApis(cloud, (arn) => `AROA-OF-${arn.split('/').at(-1)}`);
    lambda = createLambda(cloud, runtime);
    return [apis, lambda];
  });
  const made = await world.create('AWS::ApiGatewayV2::Api', 'Api', { Name: 'api', ProtocolType: 'HTTP' });
  apiId = made.ref;
  endpoint = made.attributes?.ApiEndpoint as string;
  const fn = 'arn:aws:lambda:us-east-1:123456789012:function:page';
  await world.create('AWS::Lambda::Function', 'Page', functionProperties('page', 'arn:aws:iam::123456789012:role/FnRole'));
  runtime.handlers.set('page', (event) => event);
  const { ref } = await world.create('AWS::ApiGatewayV2::Integration', 'I', {
    ApiId: apiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: fn,
    PayloadFormatVersion: '2.0',
  });
  for (const RouteKey of ['POST /pets/{id}', 'ANY /any', 'GET /pets/{id}']) {
    const route = { ApiId: apiId, RouteKey, Target: `integrations/${ref}`, AuthorizationType: 'AWS_IAM' };
    await world.create('AWS::ApiGatewayV2::Route', RouteKey, route);
  }
  for (const StageName of ['$default', 'test']) await world.create('AWS::ApiGatewayV2::Stage', StageName, { ApiId: apiId, StageName });
  await world.create('AWS::Lambda::Permission', 'P', {
    FunctionName: fn,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:us-east-1:123456789012:${apiId}/*`,
  });
  await world.role('Keeper', allow('$default/POST/pets/*'));
  await world.role('Reader', allow('*/GET/*'));
  await world.role('Tester', allow('test/*'));
  await world.role('All', allow('*'));
  await world.role('Barred', allow('*'), { ...allow('$default/POST/pets/7'), Effect: 'Deny' });
  await world.role('Nobody');
});
afterAll(() => Promise.all([apis.dispose(), lambda.dispose(), world.gateway.close()]));
beforeEach(() => {
  runtime.invocations.length = 0;
});

const allow = (resource: string) => ({
  Effect: 'Allow' as const,
  Action: 'execute-api:Invoke',
  Resource: `arn:aws:execute-api:us-east-1:123456789012:${apiId}/${resource}`,
});

const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

interface Parts {
  credentials?: Credentials;
  method?: string;
  path?: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  body?: string;
  service?: string;
  region?: string;
  /** Milliseconds later than now. */
  late?: number;
}

interface Signed {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

class Sha256 {
  private readonly hash = createHash('sha256');
  private readonly key?: Buffer;
  constructor(secret?: string | Uint8Array) {
    if (secret === undefined) return;
    // RFC 2104, over the hash above: AWS's signer asks for a constructor of both.
    const given = Buffer.from(secret as Uint8Array);
    this.key = Buffer.concat([given.length > 64 ? createHash('sha256').update(given).digest() : given, Buffer.alloc(64)]).subarray(0, 64);
    this.hash.update(this.key.map((byte) => byte ^ 0x36));
  }
  update(data: string | Uint8Array): void {
    this.hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    const inner = this.hash.digest();
    return this.key
      ? createHash('sha256')
          .update(this.key.map((byte) => byte ^ 0x5c))
          .update(inner)
          .digest()
      : inner;
  }
}

async function signed({ credentials = credentialsFor(roleArn('Keeper'), 'ann'), ...parts }: Parts = {}): Promise<Signed> {
  const { method = 'POST', path = '/pets/7', query = {}, headers = {}, body = '{"a":1}', late = 0 } = parts;
  const { service = 'execute-api', region = 'us-east-1' } = parts;
  const signer = new SignatureV4({ credentials, service, region, sha256: Sha256 });
  const request = { method, path, query, body: method === 'GET' ? undefined : body, headers: { host: new URL(endpoint).host, ...headers } };
  const made = await signer.sign(request, { signingDate: new Date(world.clock.now() + late) });
  const text = Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one].map(encodeURIComponent).join('=')));
  return { method, path: path + (text.length > 0 ? `?${text.join('&')}` : ''), headers: made.headers, body: made.body };
}

/** The event that the function gives back, or why there is none. */
interface Answered {
  readonly message?: string;
  readonly requestContext: { readonly authorizer: { readonly iam: Record<string, unknown> } };
}

async function send({ method, path, headers, body }: Signed): Promise<{ status: number; body: Answered }> {
  const { host: _, ...sent } = headers;
  const answer = await fetch(`${endpoint}${path}`, { method, headers: sent, body });
  return { status: answer.status, body: (await answer.json()) as Answered };
}

const FORBIDDEN = { status: 403, body: { message: 'Forbidden' } };

async function expectForbidden(request: Signed): Promise<void> {
  expect(await send(request)).toEqual(FORBIDDEN);
  expect(runtime.invocations).toEqual([]);
}

test('what the SDK signs is let through, and the function is told by whom it was signed', async () => {
  const { status, body } = await send(await signed());
  expect(status).toBe(200);
  expect(body.requestContext.authorizer).toEqual({
    iam: {
      accessKey: credentialsFor(roleArn('Keeper'), 'ann').accessKeyId,
      accountId: '123456789012',
      callerId: 'AROA-OF-Keeper:ann',
      cognitoIdentity: null,
      principalOrgId: null,
      userArn: 'arn:aws:sts::123456789012:assumed-role/Keeper/ann',
      userId: 'AROA-OF-Keeper:ann',
    },
  });
  expect(world.callsOf('apigatewayv2', 'InvokeRoute').at(-1)).toMatchObject({
    input: { resource: `arn:aws:execute-api:us-east-1:123456789012:${apiId}/$default/POST/pets/7` },
    principal: { kind: 'role', arn: roleArn('Keeper'), session: 'ann' },
  });
});

test('a role whose ARN has a path is named without it', async () => {
  await world.create('AWS::IAM::Role', 'Deep', {
    RoleName: 'Deep',
    Path: '/team/a/',
    AssumeRolePolicyDocument: { Statement: [] },
    Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: allow('*') } }],
  });
  const { body } = await send(await signed({ credentials: credentialsFor('arn:aws:iam::123456789012:role/team/a/Deep') }));
  expect(body.requestContext.authorizer.iam.userArn).toBe('arn:aws:sts::123456789012:assumed-role/Deep/session');
});

test.each<[string, Parts]>([
  ['characters that are encoded in the path', { path: "/pets/a%20b%2Fc!'()*~é".replace('é', '%C3%A9') }],
  ['a query, in any order', { query: { b: ['2', '1'], a: 'x y', 'c d': '', e: "!'()*" } }],
  ['a header of its own, with blanks', { headers: { 'x-custom': '  a   b  ' } }],
  ['the hash of the body as a header', { headers: { 'x-amz-content-sha256': createHash('sha256').update('{"a":1}').digest('hex') } }],
  ['no body', { body: '' }],
  ['a clock that is five minutes slow', { late: -300_000 }],
  ['a clock that is five minutes fast', { late: 300_000 }],
])('%s is let through', async (_, parts) => {
  expect((await send(await signed(parts))).status).toBe(200);
});

test('the operator may', async () => {
  const { status, body } = await send(await signed({ credentials: credentialsFor() }));
  expect([status, body.requestContext.authorizer.iam.userArn]).toEqual([200, 'arn:aws:iam::123456789012:user/operator']);
});

describe('policies', () => {
  test.each<[string, string, string, number]>([
    ['Keeper', 'POST', '/pets/8', 200],
    ['Keeper', 'GET', '/pets/8', 403],
    ['Keeper', 'POST', '/any', 403],
    ['Keeper', 'POST', '/test/pets/8', 403],
    ['Reader', 'GET', '/pets/8', 200],
    ['Reader', 'GET', '/any', 200],
    ['Reader', 'POST', '/any', 403],
    ['Tester', 'POST', '/test/pets/8', 200],
    ['Tester', 'POST', '/pets/8', 403],
    ['All', 'DELETE', '/any', 200],
    ['Barred', 'POST', '/pets/8', 200],
    ['Barred', 'POST', '/pets/7', 403],
    ['Nobody', 'POST', '/pets/8', 403],
  ])('%s sends %s %s: %d', async (role, method, path, status) => {
    const answer = await send(await signed({ credentials: credentialsFor(roleArn(role)), method, path }));
    expect(answer.status).toBe(status);
    if (status === 403) expect([answer, runtime.invocations]).toEqual([FORBIDDEN, []]);
  });

  test('what is refused is told as a refusal of the role', async () => {
    await send(await signed({ credentials: credentialsFor(roleArn('Nobody')) }));
    const resource = `arn:aws:execute-api:us-east-1:123456789012:${apiId}/$default/POST/pets/7`;
    expect(world.access.denied.at(-1)).toMatchObject({ role: 'Stack/Nobody', action: 'execute-api:Invoke', resource });
  });
});

describe('is forbidden', () => {
  test.each<[string, Parts]>([
    ['a signature from before five minutes', { late: -301_000 }],
    ['a signature from after five minutes', { late: 301_000 }],
    ['a signature for another service', { service: 'lambda' }],
    ['a signature for another region', { region: 'eu-west-1' }],
    ['another secret', { credentials: { ...credentialsFor(roleArn('Keeper')), secretAccessKey: 'guessed' } }],
    ['another session token', { credentials: { ...credentialsFor(roleArn('Keeper')), sessionToken: 'guessed' } }],
    ['an access key that nobody has', { credentials: { ...credentialsFor(), accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }],
    ['a role of another account', { credentials: credentialsFor('arn:aws:iam::999999999999:role/Keeper') }],
    ['the hash of another body as a header', { headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }],
  ])('%s', async (_, parts) => {
    await expectForbidden(await signed(parts));
  });

  test.each<[string, (request: Signed) => Signed]>([
    ['nothing signed', (request) => ({ ...request, headers: {} })],
    ['another body', (request) => ({ ...request, body: '{"a":2}' })],
    ['another path', (request) => ({ ...request, path: '/pets/8' })],
    ['another method', (request) => ({ ...request, method: 'GET', body: undefined })],
    ['a query that was not signed', (request) => ({ ...request, path: `${request.path}?a=1` })],
    ['another value of a header that was signed', (request) => withHeader(request, 'x-custom', 'b')],
    ['a header of AWS’s that was not signed', (request) => withHeader(request, 'x-amz-meta', 'b')],
    ['another time', (request) => withHeader(request, 'x-amz-date', '20260105T090001Z')],
    ['no time', (request) => withHeader(request, 'x-amz-date', '')],
    ['a scope of yesterday', (request) => authorization(request, '/20260105/', '/20260104/')],
    ['a signature with one digit changed', (request) => authorization(request, /.$/, (last) => (last === '0' ? '1' : '0'))],
    ['no signature', (request) => authorization(request, /, Signature=.*/, '')],
    ['no signed headers', (request) => authorization(request, /SignedHeaders=[^,]*/, 'SignedHeaders=')],
    ['the host not among what is signed', (request) => authorization(request, 'host;', '')],
    ['another algorithm', (request) => authorization(request, 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1')],
    ['a token of another kind', (request) => withHeader(request, 'authorization', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.AA')],
    ['an access key that is none', (request) => authorization(request, /Credential=[^/]*/, 'Credential=ASIAZZ')],
  ])('%s', async (_, tamper) => {
    const request = await signed({ headers: { 'x-custom': 'a' } });
    const tampered = tamper(request);
    expect(tampered).not.toEqual(request);
    await expectForbidden(tampered);
  });
});

test.each<[string, (request: Signed) => Signed, string]>([
  ['a query', (request) => ({ ...request, path: '/pets/7?X-Amz-Signature=a' }), 'whose signature stands in the query string'],
  ['version 4A', (request) => authorization(request, 'AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'), 'Signature Version 4A'],
])('a signature in %s is not emulated', async (_, change, message) => {
  const { method, path, headers } = change(await signed());
  const { host: _host, ...sent } = headers;
  const answer = await fetch(`${endpoint}${path}`, { method, headers: sent, body: '{"a":1}' });
  expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining(message)]);
});

test('a role that is not in the assembly is no refusal: what it may do isn’t known', async () => {
  const request = await signed({ credentials: credentialsFor('arn:aws:iam::123456789012:role/Elsewhere') });
  const { host: _, ...headers } = request.headers;
  const answer = await fetch(`${endpoint}${request.path}`, { method: 'POST', headers, body: request.body });
  expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining('role/Elsewhere')]);
});

const withHeader = (request: Signed, name: string, value: string): Signed => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

function authorization(request: Signed, from: string | RegExp, to: string | ((found: string) => string)): Signed {
  return withHeader(request, 'authorization', request.headers.authorization.replace(from, to as string));
}
