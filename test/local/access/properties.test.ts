/** What must hold for any policies and any calls. */
import type { Access } from '../../../local/access';
import { allow, ask, deny, policy, seeded, trusting, world } from './world';

type Statement = ReturnType<typeof allow>;
type Call = readonly [action: string, resource: string];

const RUNS = 300;
const ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'sqs:SendMessage', 'sqs:ReceiveMessage', 's3:GetObject'];
const ACTION_PATTERNS = [...ACTIONS, 'dynamodb:*', 'sqs:*', '*', 'dynamodb:?etItem', 's3:Get*'];
const arn = (service: string, name: string) => `arn:aws:${service}:eu-west-1:123456789012:${name}`;
const RESOURCES = [
  arn('dynamodb', 'table/A'),
  arn('dynamodb', 'table/A/index/I'),
  arn('dynamodb', 'table/B'),
  arn('sqs', 'A'),
  'arn:aws:s3:::b/a:c',
];
const RESOURCE_PATTERNS = [
  ...RESOURCES,
  '*',
  arn('dynamodb', 'table/A*'),
  arn('dynamodb', 'table/*/index/*'),
  'arn:aws:sqs:*',
  'arn:aws:s3:::b/*',
];

class Random {
  readonly #next: () => number;
  constructor(seed: number) {
    this.#next = seeded(seed);
  }
  chance = (probability: number) => this.#next() < probability;
  one = <T>(from: readonly T[]): T => from[Math.floor(this.#next() * from.length)] as T;
  some = <T>(from: readonly T[], most: number): T[] => [
    ...new Set(Array.from({ length: 1 + Math.floor(this.#next() * most) }, () => this.one(from))),
  ];
}

function statement(random: Random): Statement {
  const effect = random.chance(0.15) ? deny : allow;
  const made = { ...effect(random.some(ACTION_PATTERNS, 3), random.some(RESOURCE_PATTERNS, 3)) } as Record<string, unknown>;
  if (random.chance(0.1)) {
    made.NotAction = made.Action;
    delete made.Action;
  }
  if (random.chance(0.1)) {
    made.NotResource = made.Resource;
    delete made.Resource;
  }
  return made as Statement;
}

const statements = (random: Random) => Array.from({ length: 1 + Math.floor(random.chance(0.5) ? 4 : 2) }, () => statement(random));
const calls = (random: Random): Call[] => Array.from({ length: 6 }, () => [random.one(ACTIONS), random.one(RESOURCES)] as const);
const play = (access: Access, all: readonly Call[]) => all.map(([action, resource]) => ask(access, action, resource).allowed);

const seeds = Array.from({ length: RUNS }, (_, seed) => seed);

test('the generator makes allowed and denied calls, both often', () => {
  const decisions = seeds.flatMap((seed) => {
    const random = new Random(seed);
    return play(world({ identity: statements(random) }), calls(random));
  });
  const allowed = decisions.filter(Boolean).length / decisions.length;
  expect(allowed).toBeGreaterThan(0.2);
  expect(allowed).toBeLessThan(0.8);
});

test('an explicit deny wins over everything', () => {
  for (const seed of seeds) {
    const random = new Random(seed);
    const identity = statements(random);
    const [action, resource] = random.one(calls(random));
    const denying = deny(random.chance(0.5) ? action : '*', random.chance(0.5) ? resource : '*');
    const at = random.one(['identity', 'boundary', 'resource']);
    const access = world({
      identity: at === 'identity' ? [...identity, allow('*'), denying] : [...identity, allow('*')],
      role: at === 'boundary' ? { permissionsBoundary: policy(allow('*'), denying) } : {},
      resources: {
        [resource.replace(/\/a:c$|\/index\/I$/, '')]:
          at === 'resource' ? [{ ...denying, Principal: '*' }] : [{ ...allow('*'), Principal: '*' }],
      },
    });
    expect({ seed, ...ask(access, action, resource) }).toMatchObject({
      seed,
      allowed: false,
      message: expect.stringContaining('with an explicit deny'),
    });
  }
});

test('a statement that allows more never denies a call, and one that denies more never allows one', () => {
  for (const seed of seeds) {
    const random = new Random(seed);
    const identity = statements(random);
    const all = calls(random);
    const before = play(world({ identity }), all);
    const extra = statement(random);
    const wider = play(world({ identity: [...identity, { ...extra, Effect: 'Allow' }] }), all);
    const narrower = play(world({ identity: [...identity, { ...extra, Effect: 'Deny' }] }), all);
    before.forEach((allowed, index) => {
      if (allowed) expect({ seed, wider: wider[index] }).toEqual({ seed, wider: true });
      else expect({ seed, narrower: narrower[index] }).toEqual({ seed, narrower: false });
    });
  }
});

test('taking away a used permission denies exactly its calls', () => {
  let taken = 0;
  for (const seed of seeds) {
    const random = new Random(seed);
    const identity = statements(random);
    const all = calls(random);
    const first = world({ identity });
    const before = play(first, all);
    for (const used of first.used()) {
      const access = world({ identity });
      access.takeAway(used);
      const after = play(access, all);
      const expected = before.map((allowed, i) => allowed && !(all[i]?.[0] === used.action && all[i]?.[1] === used.resource));
      expect({ seed, after }).toEqual({ seed, after: expected });
      expect(access.denied).toContainEqual(expect.objectContaining({ role: used.role, action: used.action, resource: used.resource }));
      taken++;
    }
  }
  expect(taken).toBeGreaterThan(RUNS);
});

test('used and unused together are all that a statement grants', () => {
  let reduced = 0;
  for (const seed of seeds) {
    const random = new Random(seed);
    const actions = random.some(ACTION_PATTERNS, 4);
    const resources = random.some(RESOURCE_PATTERNS, 4);
    const denies = random.chance(0.3) ? [deny(random.one(ACTION_PATTERNS), random.one(RESOURCE_PATTERNS))] : [];
    const all = calls(random);
    const access = world({ identity: [allow(actions, resources), ...denies] });
    const before = play(access, all);
    const unused = access.unused();

    // The unused parts by themselves allow none of the calls that were allowed.
    const leftover = world({ identity: unused.map((entry) => allow(entry.actions, entry.resources)) });
    expect({ seed, allowed: all.filter((call, i) => before[i] && play(leftover, [call])[0]) }).toEqual({ seed, allowed: [] });

    // Without them every call goes as before.
    const isUnused = (action: string, resource: string) =>
      unused.some((entry) => entry.actions.includes(action) && entry.resources.includes(resource));
    const parts = actions.flatMap((action) => resources.map((resource) => [action, resource] as const));
    const kept = parts.filter(([action, resource]) => !isUnused(action, resource));
    const after = play(world({ identity: [...kept.map(([action, resource]) => allow(action, resource)), ...denies] }), all);
    expect({ seed, after }).toEqual({ seed, after: before });
    reduced += parts.length - kept.length;

    // And each part is told once.
    expect(unused.reduce((sum, entry) => sum + entry.actions.length * entry.resources.length, 0)).toBe(parts.length - kept.length);
  }
  expect(reduced).toBeGreaterThan(RUNS);
});

test('a hundred thousand decisions are all right', () => {
  const identity = Array.from({ length: 20 }, (_, i) =>
    allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [arn('dynamodb', `table/T${i}`), arn('dynamodb', `table/T${i}/index/*`)]),
  );
  const access = world({ identity, role: { trust: trusting('lambda.amazonaws.com') } });
  for (let i = 0; i < 100_000; i++) ask(access, 'dynamodb:PutItem', arn('dynamodb', `table/T${i % 25}`));
  expect(access.denied).toHaveLength(20_000);
});
