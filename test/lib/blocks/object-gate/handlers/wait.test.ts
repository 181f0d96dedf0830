import { wait } from '../../../../../lib/blocks/object-gate/handlers/wait';
import { GateWorld, waitEvent } from './gate-world';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  jest.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  jest.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
});
afterEach(() => jest.restoreAllMocks());

const refused = (event: unknown) => wait(new GateWorld().services('test'), event).catch((error: Error) => error);

test.each<[string, Record<string, unknown>, RegExp]>([
  ['nothing', {}, /taskToken is not a text; executionArn .*; bucket .*; the key or prefix is not a text/],
  ['a prefix that is no text', waitEvent('TOKEN', { prefix: 7 }), /^the key or prefix is not a text$/],
  ['an empty prefix', waitEvent('TOKEN', { prefix: '' }), /^the key or prefix is not a text$/],
  [
    'a prefix that leads elsewhere',
    waitEvent('TOKEN', { prefix: 'marketing/' }),
    /^the key or prefix 'marketing\/' does not begin with 'sales\/'$/,
  ],
  ['a long prefix', waitEvent('TOKEN', { prefix: `sales/${'x'.repeat(1024)}` }), /has 1030 characters, at most 1024 allowed/],
  ['no instant', waitEvent('TOKEN', { newerThan: 'last week' }), /^newerThan 'last week' is not an instant$/],
  ['a size that is none', waitEvent('TOKEN', { minSize: '1' }), /^minSize is not a number of bytes$/],
  [
    'an unknown completion',
    waitEvent('TOKEN', { complete: { type: 'soon' } }),
    /^complete.type is none of key, prefix, marker, manifest, quiet$/,
  ],
  ['no time', waitEvent('TOKEN', {}, { timeoutSeconds: 0 }), /^timeoutSeconds is not a number above zero$/],
])('%s is refused, with every problem', async (_, event, message) => {
  const { name, message: told } = (await refused(event)) as Error;
  expect([name, told]).toEqual(['InvalidObjectWait', expect.stringMatching(message)]);
});

describe('the token', () => {
  test('is in no line of the log', async () => {
    const world = new GateWorld();
    world.tasks.set('SECRET-TOKEN', undefined);
    world.put('sales/a.csv');
    await wait(world.services('test'), waitEvent('SECRET-TOKEN'));
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['answered']);
    expect(lines.join()).not.toContain('SECRET-TOKEN');
  });

  test.each<[string, Error, string]>([
    ['that passes', named('ThrottlingException', 400), 'ObjectCheckFailed'],
    ['that passes', named('SlowDown', 503), 'ObjectCheckFailed'],
    ['of the network', named('ECONNRESET', undefined), 'ObjectCheckFailed'],
    ['that stays', named('AccessDenied', 403), 'AccessDenied'],
    ['of our own', new TypeError('SECRET-TOKEN'), 'TypeError'],
  ])('is in no error: one %s', async (_, error, name) => {
    const services = new GateWorld().services('test', async () => {
      throw error;
    });
    const thrown = (await wait(services, waitEvent('SECRET-TOKEN')).catch((caught) => caught)) as Error;
    expect(thrown.name).toBe(name);
    expect(`${thrown.message} ${thrown.stack}`).toContain('[hidden]');
    expect(`${thrown.message} ${thrown.stack}`).not.toContain('SECRET-TOKEN');
  });
});

test('the row says when it may go', async () => {
  const world = new GateWorld();
  world.tasks.set('TOKEN', undefined);
  await wait(world.services('test'), waitEvent('TOKEN'));
  const [row] = [...world.rows.values()] as unknown as Record<string, { S?: string; N?: string }>[];
  expect(row.expiresAt.S).toBe('2026-01-12T09:00:00.000Z');
  expect(Number(row.ttl.N)).toBe(Date.parse('2026-01-13T09:00:00Z') / 1000);
});

function named(name: string, httpStatusCode: number | undefined): Error {
  return Object.assign(new Error('the request with SECRET-TOKEN was refused'), { name, $metadata: { httpStatusCode } });
}
