import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handler as checkAddress } from '../../../../patterns/account-opening/handlers/check-address';
import { handler as checkName } from '../../../../patterns/account-opening/handlers/check-name';

interface Expected {
  readonly outcome: 'clear' | 'flagged' | 'throws';
  /** checkName: the entries, best first. */
  readonly matches?: readonly string[];
  /** checkAddress: the fields, in order. */
  readonly problems?: readonly string[];
}

const FOLDER = join(__dirname, '../../../../patterns/account-opening/applicants');
const read = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
const expected = read('expected.json') as Record<string, { about: string; checkName: Expected; checkAddress: Expected }>;

test('every applicant file has its expectation, and the other way round', () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && file !== 'expected.json');
  expect(Object.keys(expected).sort()).toEqual(files.map((file) => file.replace('.json', '')).sort());
});

describe.each(Object.entries(expected))('%s', (file, { checkName: name, checkAddress: address }) => {
  const applicant = read(`${file}.json`);

  test(`the name: ${name.outcome}`, async () => {
    if (name.outcome === 'throws') return expectUnprocessable(checkName(applicant));
    const result = await checkName(applicant);
    expect(result.matches.map((match) => match.entryId)).toEqual(name.matches ?? []);
    expectFlag(result, name.outcome);
  });

  test(`the address: ${address.outcome}`, async () => {
    if (address.outcome === 'throws') return expectUnprocessable(checkAddress(applicant));
    const result = await checkAddress(applicant);
    expect(result.problems.map((problem) => problem.field)).toEqual(address.problems ?? []);
    expectFlag(result, address.outcome);
  });
});

function expectFlag(result: { flagged: boolean; reason?: string }, outcome: string): void {
  expect(result.flagged).toBe(outcome === 'flagged');
  if (result.flagged) {
    expect(result.reason).toMatch(/^[A-Z].{20,600}\.$/u);
  } else {
    expect(result).not.toHaveProperty('reason');
  }
}

async function expectUnprocessable(result: Promise<unknown>): Promise<void> {
  await expect(result).rejects.toMatchObject({ name: 'UnprocessableApplicant', message: expect.stringMatching(/^.{10,200}\.$/) });
}
