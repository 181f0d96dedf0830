import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assembly, loadAssembly, type Pattern } from '../../../local';
import {
  type FaultKind,
  type FaultResult,
  type Invariants,
  Player,
  type SweepFilter,
  type SweepOutcome,
  sweep,
  type World,
} from '../../../local/sweep';
import { shops } from './shop';

const outdir = mkdtempSync(join(tmpdir(), 'stepworks-sweep-'));
let assembly: Assembly;

beforeAll(async () => {
  shops(outdir).synth();
  assembly = await loadAssembly(outdir);
});

afterAll(() => rmSync(outdir, { recursive: true, force: true }));

const patternOn = (stack: string): Pattern => ({
  name: stack,
  title: 'An order',
  scenarios: [
    {
      name: 'one-order',
      title: 'An order is paid and packed',
      stateMachine: `${stack}/Order`,
      input: { order: 'O-1', customer: 'C-1' },
      expected: { status: 'SUCCEEDED', statesVisited: ['Lock', 'Pay', 'Pack', 'Unlock'] },
    },
  ],
});

const items = ({ cloud, scenario }: World, table: string) => cloud.table(`${scenario.stateMachine.split('/')[0]}/${table}`).items();
const paid = (world: World) => Number(items(world, 'Accounts')[0]?.paid ?? 0);
const anySucceeded = ({ runs }: World) => runs.some(({ status }) => status === 'SUCCEEDED');

const INVARIANTS: Invariants = {
  hold: [
    {
      name: 'an order that succeeded is packed',
      holds: (world) => (anySucceeded(world) && items(world, 'Parcels').length !== 1 ? ['nothing was packed'] : []),
    },
    { name: 'an order that succeeded is paid', holds: (world) => (anySucceeded(world) && paid(world) === 0 ? ['nothing was paid'] : []) },
    { name: 'an order is paid once', holds: (world) => (paid(world) > 1 ? [`paid ${paid(world)} times`] : []) },
    { name: 'no lock is left', holds: (world) => items(world, 'Locks').map(({ id }) => `${id} is locked`) },
  ],
};

async function swept(stack: string, filter: SweepFilter = {}, invariants: Invariants = INVARIANTS): Promise<SweepOutcome> {
  const player = new Player(patternOn(stack), invariants, assembly);
  try {
    return await sweep(patternOn(stack), invariants, (job) => player.play(job), { filter });
  } finally {
    await player.dispose();
  }
}

const broken = ({ results }: SweepOutcome) => results.filter(({ held }) => !held);
const whatBroke = (outcome: SweepOutcome) => [
  ...new Set(broken(outcome).flatMap(({ problems }) => problems.map((one) => one.split(':')[0]))),
];
const find = ({ results }: SweepOutcome, fault: FaultKind, at: string) =>
  results.find((result) => result.fault === fault && result.at.startsWith(`${at} `)) as FaultResult;

test('a sound workflow holds at every call, whatever happens there', async () => {
  const outcome = await swept('Good');
  expect(broken(outcome)).toEqual([]);
  const table = outcome.results.map(({ fault, at }) => `${fault} ${at}`);
  const kinds = ['error', 'throttle', 'timeout', 'crash', 'restart', 'redrive'];
  const sites = ['Lock dynamodb:PutItem', 'Pay dynamodb:UpdateItem', 'Pack dynamodb:PutItem', 'Unlock dynamodb:DeleteItem'];
  expect(table).toEqual(['none ', ...sites.flatMap((site) => kinds.map((kind) => `${kind} ${site} #1`))]);
  expect(find(outcome, 'error', 'Pay').outcome).toBe('FAILED OrderFailed; again: SUCCEEDED');
  expect(find(outcome, 'throttle', 'Pay').outcome).toBe('SUCCEEDED');
  expect(find(outcome, 'timeout', 'Lock').outcome).toBe('FAILED States.Timeout; again: SUCCEEDED');
  expect(find(outcome, 'restart', 'Pack').outcome).toBe('ABORTED Stopped; again: SUCCEEDED');
  expect(find(outcome, 'redrive', 'Pack').outcome).toBe('ABORTED; again: SUCCEEDED');
});

test('what the faults reach is added to what the scenarios reach; the rest is to be explained', async () => {
  const { coverage, problems, unusedPermissions } = await swept('Good');
  expect(coverage.scenarios.text).toBe('states 4 of 6, transitions 4 of 5, catches 0 of 2, retries 0 of 5');
  expect(coverage.all.text).toBe('states 6 of 6, transitions 5 of 5, catches 2 of 2, retries 4 of 5');
  expect(problems).toEqual([
    'never taken: Good/Order: Give up retries DynamoDB.InternalServerErrorException, DynamoDB.ThrottlingException',
  ]);
  expect(unusedPermissions).toEqual([]);
});

test('an explanation without need is an error, and so is a waiver', async () => {
  const unreached = [
    { what: '* Give up retries *', why: 'two faults at once' },
    { what: 'Good/Order: Failed', why: 'nobody fails' },
  ];
  const waived = [{ invariant: 'no lock is left', fault: 'error' as const, at: 'Pay *', why: 'somebody clears up' }];
  const { problems } = await swept('Good', {}, { ...INVARIANTS, unreached, waived });
  expect(problems).toEqual(['explained without need: Good/Order: Failed', 'waived without need: no lock is left at Pay *']);
});

test.each([
  ['lost', 'an order that succeeded is packed', 'error', 'Pack'],
  ['silent', 'an order that succeeded is paid', 'timeout', 'Pay'],
  ['twice', 'an order is paid once', 'crash', 'Pay'],
  ['untold', 'a run that does not succeed is told to somebody', 'error', 'Lock'],
] as const)('%s: %s', async (stack, invariant, fault, at) => {
  const outcome = await swept(stack, { fault });
  expect(whatBroke(outcome)).toContain(invariant);
  expect(find(outcome, fault, at).problems.join()).toContain(invariant);
});

test('locked: a lock of a run that failed stays when nobody plays it again', async () => {
  const outcome = await swept('locked', { fault: 'error', at: 'Pay dynamodb:UpdateItem #1' }, { ...INVARIANTS, recover: async () => {} });
  expect(whatBroke(outcome)).toEqual(['no lock is left']);
});

test('endless: a task without a timeout goes on for as long as its machine may', async () => {
  const outcome = await swept(
    'endless',
    { fault: 'timeout', at: 'Pay dynamodb:UpdateItem #1' },
    { ...INVARIANTS, patience: 600, afterwards: 60 },
  );
  expect(whatBroke(outcome)).toContain('every run ends, in a way that was foreseen');
});

test('an invariant that throws does not hold', async () => {
  const hold = [{ name: 'there is a table of gifts', holds: (world: World) => items(world, 'Gifts').map(() => '') }];
  const { results } = await swept('Good', { fault: 'throttle', at: 'Pay dynamodb:UpdateItem #1' }, { hold });
  expect(results[0].problems.join()).toMatch(/^there is a table of gifts: it could not be looked at: no AWS::DynamoDB::Table/);
});

test('a waiver takes one invariant at one place out', async () => {
  const waived = [{ invariant: 'an order is paid once', at: 'Pay *', why: 'the bank sorts it out' }];
  const outcome = await swept('twice', { fault: 'crash' }, { ...INVARIANTS, waived });
  expect(broken(outcome)).toEqual([]);
});
