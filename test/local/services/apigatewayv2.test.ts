import { createHttpApis, type HttpApiService } from '../../../local/services/apigatewayv2';
import { createLambda, type LambdaService } from '../../../local/services/lambda';
import { functionProperties, type Handler, TestRuntime, World } from './world';

let world: World;
let apis: HttpApiService;
let lambda: LambdaService;
let runtime: TestRuntime;
let apiId: string;
let endpoint: string;

beforeEach(async () => {
  runtime = new TestRuntime();
  world = await World.start((cloud) => {
    apis = createHttpApis(cloud, () => 'AROATEST');
    lambda = createLambda(cloud, runtime);
    return [apis, lambda];
  });
});
afterEach(async () => {
  await Promise.all([apis.dispose(), lambda.dispose(), world.gateway.close()]);
});

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:page';

/** An API with these routes to one function. */
async function api(
  routes: readonly string[],
  handler: Handler,
  { stage = {}, cors = undefined as unknown, permission = '*/*', integration = {} } = {},
) {
  const made = await world.create('AWS::ApiGatewayV2::Api', 'Api', { Name: 'api', ProtocolType: 'HTTP', CorsConfiguration: cors });
  apiId = made.ref;
  endpoint = made.attributes?.ApiEndpoint as string;
  await world.create('AWS::Lambda::Function', 'Page', functionProperties('page', 'arn:aws:iam::123456789012:role/FnRole'));
  runtime.handlers.set('page', handler);
  const { ref } = await world.create('AWS::ApiGatewayV2::Integration', 'I', {
    ApiId: apiId,
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: FUNCTION,
    PayloadFormatVersion: '2.0',
    ...integration,
  });
  for (const RouteKey of routes)
    await world.create('AWS::ApiGatewayV2::Route', RouteKey, { ApiId: apiId, RouteKey, Target: `integrations/${ref}` });
  await world.create('AWS::ApiGatewayV2::Stage', 'S', { ApiId: apiId, StageName: '$default', AutoDeploy: true, ...stage });
  await world.create('AWS::Lambda::Permission', 'P', {
    FunctionName: FUNCTION,
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:us-east-1:123456789012:${apiId}/${permission}`,
  });
}

/** The routeKey and path parameters that a request reaches. */
const routed: Handler = (event) => {
  const { routeKey, pathParameters } = event as { routeKey: string; pathParameters?: object };
  return { routeKey, pathParameters };
};
const get = async (path: string, init?: RequestInit) => fetch(`${endpoint}${path}`, init);

describe('requests', () => {
  test('the event has format 2.0', async () => {
    await api(['ANY /pets/{id}'], (event) => event);
    const answer = await get('/pets/5%206?a=1&a=2&b=', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: 'x=1; y=2', 'X-Custom': 'v', 'User-Agent': 'test' },
      body: '{"é":1}',
    });
    expect(await answer.json()).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /pets/{id}',
      rawPath: '/pets/5%206',
      rawQueryString: 'a=1&a=2&b=',
      cookies: ['x=1', 'y=2'],
      headers: { 'content-type': 'application/json', 'x-custom': 'v', 'x-forwarded-proto': 'http', host: new URL(endpoint).host },
      queryStringParameters: { a: '1,2', b: '' },
      pathParameters: { id: '5 6' },
      requestContext: {
        accountId: '123456789012',
        apiId,
        http: { method: 'POST', path: '/pets/5%206', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        routeKey: 'ANY /pets/{id}',
        stage: '$default',
        time: '05/Jan/2026:09:00:00 +0000',
        timeEpoch: world.clock.now(),
      },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  test('a form and other bytes come in base64, an empty body not at all', async () => {
    await api(['ANY /'], (event) => event);
    const form = (await (await get('/', { method: 'POST', body: new URLSearchParams({ code: '1 2' }) })).json()) as {
      body: string;
      isBase64Encoded: boolean;
    };
    expect([Buffer.from(form.body, 'base64').toString(), form.isBase64Encoded]).toEqual(['code=1+2', true]);
    const empty = (await (await get('/')).json()) as object;
    expect(empty).toMatchObject({ isBase64Encoded: false });
    expect(empty).not.toHaveProperty('body');
  });

  test.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', undefined],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
    ['GET', '/pets/cat/2', 'GET /pets/{proxy+}', { proxy: 'cat/2' }],
    ['POST', '/pets/dog/1', 'ANY /{proxy+}', { proxy: 'pets/dog/1' }],
    ['HEAD', '/pets/dog/1', 'ANY /{proxy+}', { proxy: 'pets/dog/1' }],
    ['GET', '/', '$default', undefined],
  ])('%s %s reaches %s', async (method, path, routeKey, pathParameters) => {
    await api(['$default', 'ANY /{proxy+}', 'GET /pets/{proxy+}', 'GET /pets/dog/{id}', 'GET /pets/dog/1'], routed);
    const answer = await get(path, { method });
    if (method === 'HEAD') expect([answer.status, await answer.text()]).toEqual([200, '']);
    else expect(await answer.json()).toEqual({ routeKey, ...(pathParameters && { pathParameters }) });
    expect(runtime.invocations).toMatchObject([{ event: { routeKey } }]);
  });

  test('no route, no answer: HEAD is no GET', async () => {
    await api(['GET /a'], routed);
    for (const [method, path] of [
      ['GET', '/b'],
      ['POST', '/a'],
      ['GET', '/a/'],
    ]) {
      const answer = await get(path, { method });
      expect([answer.status, await answer.text()]).toEqual([404, '{"message":"Not Found"}']);
    }
    expect((await get('/a', { method: 'HEAD' })).status).toBe(404);
    expect(runtime.invocations).toEqual([]);
  });

  test('a named stage stands in the path', async () => {
    await api(['GET /a'], (event) => event, { stage: { StageName: 'prod', StageVariables: { v: '1' } } });
    expect(await (await get('/prod/a')).json()).toMatchObject({
      rawPath: '/prod/a',
      routeKey: 'GET /a',
      stageVariables: { v: '1' },
      requestContext: { stage: 'prod' },
    });
    expect((await get('/a')).status).toBe(404);
  });

  test('a body over 10 MB is refused', async () => {
    await api(['ANY /'], routed);
    const answer = await get('/', { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
    expect([answer.status, await answer.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    expect(
      (await get('/', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: Buffer.alloc(7 * 1024 * 1024, 'x') })).status,
    ).toBe(413);
    expect(runtime.invocations).toEqual([]);
  });
});

describe('responses', () => {
  test('status, headers, cookies and body', async () => {
    await api(['GET /'], () => ({
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Number': 5, 'Content-Length': 99 },
      cookies: ['a=1; Path=/', 'b=2'],
      body: '<p>é</p>',
    }));
    const answer = await get('/');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-number'), await answer.text()]).toEqual([
      201,
      'text/html',
      '5',
      '<p>é</p>',
    ]);
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    expect(answer.headers.get('date')).toBe(new Date(world.clock.now()).toUTCString());
  });

  test.each<[string, unknown, number, string, string]>([
    ['an object without a status is JSON', { hello: 1 }, 200, 'application/json', '{"hello":1}'],
    ['text without a status is the body', 'hello', 200, 'application/json', 'hello'],
    ['base64 is decoded', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 200, 'text/plain; charset=utf-8', 'hi'],
    ['no body', { statusCode: 303, headers: { Location: '/x' } }, 303, 'text/plain; charset=utf-8', ''],
    ['a status in text', { statusCode: '404', body: 'x' }, 404, 'text/plain; charset=utf-8', 'x'],
    [
      'a body that is no text is malformed',
      { statusCode: 200, body: { a: 1 } },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
    ['a status that is none is malformed', { statusCode: 'ok', body: 'x' }, 500, 'application/json', '{"message":"Internal Server Error"}'],
    [
      'headers that are none are malformed',
      { statusCode: 200, headers: ['x'] },
      500,
      'application/json',
      '{"message":"Internal Server Error"}',
    ],
  ])('%s', async (_name, result, status, type, body) => {
    await api(['GET /'], () => result);
    const answer = await get('/', { redirect: 'manual' });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, type, body]);
  });

  test('a handler that throws is an Internal Server Error, with its reason in the access log only', async () => {
    await api(
      ['GET /'],
      () => {
        throw new Error('a secret');
      },
      {
        stage: {
          AccessLogSettings: { DestinationArn: 'arn:log', Format: '{"status":"$context.status","why":"$context.integrationErrorMessage"}' },
        },
      },
    );
    const answer = await get('/');
    expect([answer.status, await answer.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(apis.accessLogs).toMatchObject([{ logGroupArn: 'arn:log', line: expect.stringMatching(/^\{"status":"500","why":".*a secret/) }]);
  });
});

test('the function must allow the route', async () => {
  await api(['GET /a', 'GET /b/{id}'], routed, { permission: '*/*/b/{id}' });
  expect((await get('/a')).status).toBe(500);
  expect((await get('/b/1')).status).toBe(200);
  expect(world.access.denied).toMatchObject([{ role: 'apigateway.amazonaws.com', action: 'lambda:InvokeFunction', resource: FUNCTION }]);
});

test('the access log is rendered from its format', async () => {
  const Format =
    '$context.identity.sourceIp [$context.requestTime] "$context.httpMethod $context.routeKey $context.path" $context.status $context.responseLength $context.nobody';
  await api(['GET /a'], () => ({ statusCode: 200, body: 'four' }), { stage: { AccessLogSettings: { DestinationArn: 'arn:log', Format } } });
  await get('/a?secret=1');
  await get('/b');
  expect(apis.accessLogs.map(({ line }) => line)).toEqual([
    '127.0.0.1 [05/Jan/2026:09:00:00 +0000] "GET GET /a /a" 200 4 -',
    '127.0.0.1 [05/Jan/2026:09:00:00 +0000] "GET - /b" 404 23 -',
  ]);
});

test('CORS: preflight is answered, answers carry the origin, the handler has no say', async () => {
  await api(['GET /'], () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://evil.example' } }), {
    cors: { AllowOrigins: ['https://good.example'], AllowMethods: ['GET'], AllowHeaders: ['x-a'], MaxAge: 60 },
  });
  const pre = await get('/', { method: 'OPTIONS', headers: { Origin: 'https://good.example', 'Access-Control-Request-Method': 'GET' } });
  expect([
    pre.status,
    pre.headers.get('access-control-allow-origin'),
    pre.headers.get('access-control-allow-methods'),
    pre.headers.get('access-control-max-age'),
  ]).toEqual([204, 'https://good.example', 'GET', '60']);
  expect((await get('/', { headers: { Origin: 'https://good.example' } })).headers.get('access-control-allow-origin')).toBe(
    'https://good.example',
  );
  expect((await get('/', { headers: { Origin: 'https://evil.example' } })).headers.get('access-control-allow-origin')).toBeNull();
});

test('what is not emulated says so', async () => {
  await api(['GET /'], routed, { integration: { PayloadFormatVersion: '1.0' } });
  const answer = await get('/');
  expect([answer.status, await answer.text()]).toEqual([
    501,
    'Not served by the local runner (stepworks): the payload format 1.0 (route GET /).',
  ]);
  await expect(world.create('AWS::ApiGatewayV2::Api', 'Socket', { ProtocolType: 'WEBSOCKET' })).rejects.toThrow(
    'WEBSOCKET APIs (Stack/Socket)',
  );
});

describe('function URLs', () => {
  const url = async (AuthType: string, allowed: boolean) => {
    await world.create('AWS::Lambda::Function', 'Page', functionProperties('page', 'arn:aws:iam::123456789012:role/FnRole'));
    runtime.handlers.set('page', (event) => ({ statusCode: 200, body: (event as { rawPath: string }).rawPath }));
    if (allowed) {
      await world.create('AWS::Lambda::Permission', 'P', {
        FunctionName: 'page',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      });
    }
    const { attributes } = await world.create('AWS::Lambda::Url', 'Url', { TargetFunctionArn: FUNCTION, AuthType });
    return attributes?.FunctionUrl as string;
  };

  test('answers, if everybody may', async () => {
    const answer = await fetch(`${await url('NONE', true)}a/b`);
    expect([answer.status, await answer.text()]).toEqual([200, '/a/b']);
  });

  test('is forbidden otherwise', async () => {
    expect((await fetch(await url('NONE', false))).status).toBe(403);
    expect(runtime.invocations).toEqual([]);
  });

  test('with IAM is not emulated', async () => {
    expect(await (await fetch(await url('AWS_IAM', true))).text()).toContain('function URLs with the authorization AWS_IAM');
  });
});
