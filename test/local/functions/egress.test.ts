import { Harness } from './harness';

describe('the network of a handler', () => {
  let harness: Harness;
  let url: string;
  const seen: string[] = [];
  beforeAll(async () => {
    harness = new Harness();
    url = await harness.endpoint((request) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host}`);
      return { ok: true };
    });
  });
  afterAll(() => harness.dispose());

  const attempt = async (expression: string) => {
    const code = `exports.handler = async (event) => { try { return await (${expression}) } catch (e) { return { message: e.message, code: e.code ?? e.cause?.code } } }`;
    return (await harness.run(code, {}, { url, port: new URL(url).port })).payload;
  };
  const get = (options: string) =>
    `new Promise((ok, no) => require('node:http').get(${options}, (r) => { r.resume(); ok(r.statusCode) }).on('error', no))`;

  test.each([
    ['fetch', 'fetch(event.url).then((r) => r.json())', { ok: true }],
    ['fetch of localhost', 'fetch(event.url.replace("127.0.0.1", "localhost")).then((r) => r.json())', { ok: true }],
    ['http.get', get('event.url'), 200],
    ['a host with the SDK’s prefix', get('{ host: "sync-127.0.0.1", port: event.port }'), 200],
    [
      'the same with an agent that keeps alive',
      get('{ host: "sync-127.0.0.1", port: event.port, agent: new (require("node:http").Agent)({ keepAlive: true }) }'),
      200,
    ],
    ['net.connect', `new Promise((ok, no) => require('node:net').connect(event.port, '127.0.0.1', () => ok(1)).on('error', no))`, 1],
    [
      'net.connect to a port alone',
      `new Promise((ok, no) => require('node:net').connect({ port: event.port, family: 4 }, () => ok(1)).on('error', no))`,
      1,
    ],
    ['dns.lookup', `new Promise((ok, no) => require('node:dns').lookup('sync-127.0.0.1', (e, a) => e ? no(e) : ok(a)))`, '127.0.0.1'],
    ['dns.promises.lookup', `require('node:dns').promises.lookup('localhost', { family: 4 }).then((r) => r.address)`, '127.0.0.1'],
  ])('%s reaches this machine', async (_, expression, expected) => {
    expect(await attempt(expression)).toEqual(expected);
  });

  test('a prefixed host keeps its Host header', () => {
    expect(seen).toContain(`GET / sync-127.0.0.1:${new URL(url).port}`);
  });

  test.each([
    ['fetch', 'fetch("https://example.com/")', 'example.com'],
    ['fetch of an address', 'fetch("http://93.184.215.14/")', '93.184.215.14'],
    ['http.get', get('"http://example.com/"'), 'example.com'],
    ['http.get of an IPv6 address', get('"http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/"'), '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
    [
      'https with an agent',
      `new Promise((ok, no) => { const h = require('node:https'); h.get('https://example.com', { agent: new h.Agent({ keepAlive: true }) }, ok).on('error', no) })`,
      'example.com',
    ],
    [
      'http2',
      `new Promise((ok, no) => require('node:http2').connect('https://example.com').on('error', no).on('connect', ok))`,
      'example.com',
    ],
    ['tls.connect', `new Promise((ok, no) => require('node:tls').connect(443, 'example.com', ok).on('error', no))`, 'example.com'],
    ['net.connect', `new Promise((ok, no) => require('node:net').connect(80, '10.0.0.1', ok).on('error', no))`, '10.0.0.1'],
    ['instance metadata', get('"http://169.254.169.254/latest/meta-data"'), '169.254.169.254'],
    ['dns.lookup', `new Promise((ok, no) => require('node:dns').lookup('example.com', (e, a) => e ? no(e) : ok(a)))`, 'example.com'],
    ['dns.promises.lookup', `require('node:dns/promises').lookup('example.com')`, 'example.com'],
    ['dns.resolve4', `new Promise((ok, no) => require('node:dns').resolve4('example.com', (e, a) => e ? no(e) : ok(a)))`, 'example.com'],
    ['a resolver', `new (require('node:dns').promises.Resolver)().resolveTxt('example.com')`, 'example.com'],
    [
      'a datagram',
      `new Promise((ok, no) => require('node:dgram').createSocket('udp4').send('x', 53, '8.8.8.8', (e) => e ? no(e) : ok(1)))`,
      '8.8.8.8',
    ],
    ['a look-alike', 'fetch("http://127.0.0.1.example.com/")', '127.0.0.1.example.com'],
  ])('%s reaches no other host', async (_, expression, host) => {
    const { message, code } = await attempt(expression);
    expect(message).toBe(`stepworks: egress blocked: ${host} is not this machine, and a function that runs locally reaches nothing else`);
    expect(code).toBe('EGRESS_BLOCKED');
  });

  test.each([
    ['sqs.eu-west-1.amazonaws.com', 'sqs'],
    ['my-bucket.s3.eu-west-1.amazonaws.com', 's3'],
    ['my-bucket.s3.amazonaws.com', 's3'],
    ['abc123.execute-api.us-east-1.amazonaws.com', 'execute-api'],
    ['sts.amazonaws.com', 'sts'],
    ['states.cn-north-1.amazonaws.com.cn', 'states'],
  ])('%s: the client of %s is named', async (host, service) => {
    const { message } = await attempt(`fetch("https://${host}/")`);
    expect(message).toContain(`stepworks: egress blocked: ${host} `);
    expect(message).toContain(`It is the address of the AWS service "${service}"`);
  });

  test('ES modules that name what they import are guarded as well', async () => {
    const { payload } = await harness.run({
      'index.mjs': `import { lookup } from 'node:dns/promises'; import { execSync } from 'node:child_process';
        export const handler = async () => { execSync('true'); return lookup('example.com').catch((e) => e.code) }`,
    });
    expect(payload).toBe('EGRESS_BLOCKED');
  });
});
