import { EventBridgeClient, PutRuleCommand, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import type { Pattern } from '../../../local/services/event-pattern';
import { createEvents } from '../../../local/services/events';
import { refusal, World } from './world';

let world: World;
let client: EventBridgeClient;
beforeAll(async () => {
  world = await World.start((cloud) => [createEvents(cloud)]);
  client = new EventBridgeClient(world.client());
});
afterAll(() => world.gateway.close());

const event = {
  id: '1',
  account: '123456789012',
  time: '2026-01-05T09:00:00Z',
  region: 'us-east-1',
  resources: [],
  'detail-type': 'Something',
  source: 'aws.states',
  detail: {
    status: 'FAILED',
    count: 5,
    flag: true,
    none: null,
    text: 'Some-File.PNG',
    path: 'a/b*c\\d/e',
    ip: '10.1.2.3',
    ip6: '2001:db8::1',
    list: ['x', 'y'],
    rows: [
      { k: 'a', v: 1 },
      { k: 'b', v: 2 },
    ],
  },
};

const tested = (pattern: unknown) =>
  client.send(
    new TestEventPatternCommand({
      EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern),
      Event: JSON.stringify(event),
    }),
  );

test.each<[string, Pattern, boolean]>([
  ['exact', { source: ['aws.s3', 'aws.states'] }, true],
  ['exact, other', { source: ['aws.s3'] }, false],
  ['exact is of one type', { detail: { count: ['5'] } }, false],
  ['number, boolean, null', { detail: { count: [5], flag: [true], none: [null] } }, true],
  ['null is no missing field', { detail: { missing: [null] } }, false],
  ['all fields', { source: ['aws.states'], detail: { status: ['SUCCEEDED'] } }, false],
  ['any element of a list', { detail: { list: ['y', 'z'] } }, true],
  ['a nested field that is missing', { detail: { deep: { er: ['x'] } } }, false],
  ['prefix', { detail: { text: [{ prefix: 'Some' }] } }, true],
  ['prefix, case matters', { detail: { text: [{ prefix: 'some' }] } }, false],
  ['prefix, ignoring case', { detail: { text: [{ prefix: { 'equals-ignore-case': 'some' } }] } }, true],
  ['suffix', { detail: { text: [{ suffix: '.PNG' }] } }, true],
  ['suffix, ignoring case', { detail: { text: [{ suffix: { 'equals-ignore-case': '.png' } }] } }, true],
  ['suffix of a number', { detail: { count: [{ suffix: '5' }] } }, false],
  ['equals-ignore-case', { detail: { text: [{ 'equals-ignore-case': 'SOME-file.png' }] } }, true],
  ['anything-but', { detail: { status: [{ 'anything-but': 'FAILED' }] } }, false],
  ['anything-but a list', { detail: { status: [{ 'anything-but': ['A', 'B'] }] } }, true],
  ['anything-but a number', { detail: { count: [{ 'anything-but': [5] }] } }, false],
  ['anything-but needs the field', { detail: { missing: [{ 'anything-but': 'x' }] } }, false],
  ['anything-but a prefix', { detail: { text: [{ 'anything-but': { prefix: 'Some' } }] } }, false],
  ['anything-but a list of suffixes', { detail: { text: [{ 'anything-but': { suffix: ['.gif', '.PNG'] } }] } }, false],
  ['anything-but, ignoring case', { detail: { text: [{ 'anything-but': { 'equals-ignore-case': 'other' } }] } }, true],
  ['anything-but a wildcard', { detail: { text: [{ 'anything-but': { wildcard: '*.PNG' } }] } }, false],
  ['numeric', { detail: { count: [{ numeric: ['>', 4, '<=', 5] }] } }, true],
  ['numeric, outside', { detail: { count: [{ numeric: ['>', 5] }] } }, false],
  ['numeric, equal', { detail: { count: [{ numeric: ['=', 5.0] }] } }, true],
  ['numeric of a text', { detail: { status: [{ numeric: ['>', 0] }] } }, false],
  ['exists', { detail: { status: [{ exists: true }] } }, true],
  ['exists, null', { detail: { none: [{ exists: true }] } }, true],
  ['exists, missing', { detail: { missing: [{ exists: true }] } }, false],
  ['exists false', { detail: { missing: [{ exists: false }] } }, true],
  ['exists false, there', { detail: { status: [{ exists: false }] } }, false],
  ['exists false or a value', { detail: { missing: [{ exists: false }, 'x'] } }, true],
  ['cidr', { detail: { ip: [{ cidr: '10.1.0.0/16' }] } }, true],
  ['cidr, outside', { detail: { ip: [{ cidr: '10.2.0.0/16' }] } }, false],
  ['cidr, IPv6', { detail: { ip6: [{ cidr: '2001:db8::/32' }] } }, true],
  ['cidr, of a text', { detail: { status: [{ cidr: '10.0.0.0/8' }] } }, false],
  ['wildcard', { detail: { text: [{ wildcard: 'Some*.PNG' }] } }, true],
  ['wildcard, whole text', { detail: { text: [{ wildcard: '*File' }] } }, false],
  ['wildcard, escaped', { detail: { path: [{ wildcard: 'a/*\\*c\\\\d/*' }] } }, true],
  ['wildcard, a dot is a dot', { detail: { text: [{ wildcard: 'Some-File?PNG' }] } }, false],
  ['$or', { $or: [{ source: ['x'] }, { detail: { count: [5] } }] }, true],
  ['$or, none', { $or: [{ source: ['x'] }, { detail: { count: [6] } }] }, false],
  ['$or and another field', { detail: { status: ['X'], $or: [{ count: [5] }, { flag: [true] }] } }, false],
  ['a list of objects: one must match all', { detail: { rows: { k: ['b'], v: [2] } } }, true],
  ['a list of objects: not one field each', { detail: { rows: { k: ['a'], v: [2] } } }, false],
  ['anything-but a list of numbers', { detail: { count: [{ 'anything-but': [1, 2] }] } }, true],
  ['anything-but, any element of a list', { detail: { list: [{ 'anything-but': 'x' }] } }, true],
  ['exists, of an object: only leaves exist', { detail: [{ exists: true }] }, false],
  ['several matchers: any of them', { detail: { count: [{ numeric: ['>', 100] }, { numeric: ['<', 6] }] } }, true],
  ['a wildcard for nothing', { detail: { text: [{ wildcard: 'Some-File*.PNG' }] } }, true],
])('%s', async (_name, pattern, expected) => {
  expect((await tested(pattern)).Result).toBe(expected);
});

test.each<[string, unknown]>([
  ['text that is no JSON', '{'],
  ['a list', []],
  ['nothing at all', {}],
  ['a value that is no list', { source: 'aws.states' }],
  ['an empty list', { source: [] }],
  ['an empty object', { detail: {} }],
  ['an unknown operator', { source: [{ sounds: 'like' }] }],
  ['an unknown operator on a field that the event lacks', { missing: [{ sounds: 'like' }] }],
  ['two operators in one', { source: [{ prefix: 'a', suffix: 's' }] }],
  ['a list in a list', { source: [['aws.states']] }],
  ['prefix of a number', { source: [{ prefix: 5 }] }],
  ['exists with a text', { source: [{ exists: 'true' }] }],
  ['anything-but of nothing', { source: [{ 'anything-but': [] }] }],
  ['anything-but of mixed types', { source: [{ 'anything-but': ['a', 1] }] }],
  ['numeric without a list', { detail: { count: [{ numeric: 5 }] } }],
  ['numeric with a text', { detail: { count: [{ numeric: ['=', '5'] }] } }],
  ['numeric with a wrong operator', { detail: { count: [{ numeric: ['!=', 5] }] } }],
  ['numeric with its bounds the wrong way round', { detail: { count: [{ numeric: ['>', 5, '<', 4] }] } }],
  ['numeric beyond five billion', { detail: { count: [{ numeric: ['>', 5_000_000_001] }] } }],
  ['cidr that is none', { detail: { ip: [{ cidr: '10.0.0/8' }] } }],
  ['wildcards in a row', { source: [{ wildcard: 'a**b' }] }],
  ['a wildcard that escapes another character', { source: [{ wildcard: 'a\\b' }] }],
  ['$or of one', { $or: [{ source: ['x'] }] }],
])('%s is refused', async (_name, pattern) => {
  expect(await refusal(tested(pattern))).toMatchObject({ name: 'InvalidEventPatternException' });
  const rule = new PutRuleCommand({ Name: 'r', EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern) });
  expect(await refusal(client.send(rule))).toMatchObject({ name: 'InvalidEventPatternException' });
});

test('the reason is told', async () => {
  const { message } = await refusal(tested({ source: 'aws.states' }));
  expect(message).toContain('Event pattern is not valid. Reason: "source" must be an object or an array');
});

test('an event that lacks what every event has is refused', async () => {
  const { id: _, ...lacking } = event;
  const command = new TestEventPatternCommand({ EventPattern: '{"source":["x"]}', Event: JSON.stringify(lacking) });
  expect((await refusal(client.send(command))).$metadata.httpStatusCode).toBe(400);
});
