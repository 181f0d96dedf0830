import { handler } from '../../../../patterns/account-opening/handlers/check-address';
import { COUNTRY_RULES } from '../../../../patterns/account-opening/handlers/check-address/country-rules';

const check = (address: unknown) => handler({ address });
const home = { line1: '12 Long Street', city: 'Anytown' };

async function problemsOf(address: Record<string, unknown>): Promise<string[]> {
  return (await check({ ...home, ...address })).problems.map((problem) => problem.field);
}

test('at least 20 countries have rules, and each rule accepts its own example', async () => {
  expect(COUNTRY_RULES.size).toBeGreaterThanOrEqual(20);
  for (const [country, { postcode, region }] of COUNTRY_RULES) {
    const result = await check({ ...home, country, region: region?.example ?? 'Somewhere', postcode: postcode?.example });
    expect({ country, ...result }).toEqual({ country, flagged: false, problems: [] });
  }
});

test('every country with postcodes wants one, and no letters from elsewhere', async () => {
  for (const [country, { postcode, region }] of COUNTRY_RULES) {
    if (!postcode) continue;
    const place = { country, region: region?.example ?? 'Somewhere' };
    expect({ country, missing: await problemsOf(place) }).toEqual({ country, missing: ['postcode'] });
    expect({ country, wrong: await problemsOf({ ...place, postcode: '!' }) }).toEqual({ country, wrong: ['postcode'] });
    expect({ country, longer: await problemsOf({ ...place, postcode: `${postcode.example}0` }) }).toEqual({
      country,
      longer: ['postcode'],
    });
  }
});

const GOOD: Record<string, string[]> = {
  US: ['97201 OR', '97201-1234 OR', '06390 NY', '06390 CT', '00501 NY', '88510 TX', '00901 PR', '20005 DC', '97035 or'],
  CA: ['K1A 0B1 ON', 'k1a0b1 on', 'H2X 1Y4 QC', 'X0A 0H0 NU', 'X1A 2P8 NT', 'Y1A 1A1 YT'],
  GB: ['M1 1AE', 'B33 8TH', 'CR2 6XH', 'DN55 1PT', 'W1A 0AX', 'EC1A 1BB', 'sw1a1aa'],
  DE: ['01067', '99998', 'D-10115', 'DE-10115'],
  FR: ['75001', '20000', '97400', '01000', '95880'],
  NL: ['1012 JS', '1012js', '9999 SB', 'NL-1012 JS'],
  IE: ['D02 X285', 'D6W F2K8', 'A65F4E2'],
  JP: ['100-0001 Tokyo', '1000001 Tokyo', '１００－０００１ Tokyo'],
  BR: ['01310-100 SP', '70040010 DF', '69301-000 RR', '69400-000 AM'],
  AU: ['2000 NSW', '2601 ACT', '2620 ACT', '2620 NSW', '0800 NT', '0872 WA', '6000 WA', '7000 TAS', '2915 ACT'],
  IN: ['110001 Delhi', '560 001 Karnataka'],
  CH: ['8001', 'CH-8001'],
  ES: ['01001', '52001'],
  IT: ['00184 RM', '20121 mi'],
  PL: ['00-950'],
  PT: ['1100-148'],
  SE: ['111 29', '11129', 'SE-111 29'],
  NO: ['0001', '9990'],
  LU: ['L-1009'],
  HK: [''],
};

const BAD: Record<string, string[]> = {
  US: [
    '97201 WA',
    '98101 OR',
    '10001 NJ',
    '60601 WI',
    '00000 OR',
    '9720 OR',
    '97201-12 OR',
    '972011234 OR',
    '09012 AE OR',
    '96201 CA',
    '34012 FL',
  ],
  CA: ['K1O 0B1 ON', 'D1A 0B1 ON', 'W1A 0B1 ON', 'K1A 0B1 QC', 'K1A-0B1 ON', 'KIA 0B1 ON'],
  GB: ['QW1A 1AA', 'SW1A 1CA', 'ZZ1 1AA', 'SW1A', 'A1B2C3', 'JE2 3AB', 'IM1 1AA', 'W1Z 1AA', 'AI1 1AA'],
  DE: ['00100', '05000', '43000', '62000', '01000', '99999', '1011', 'F-10115'],
  FR: ['00100', '96000', '98000', '97500', '7500', '2A004'],
  NL: ['1012 SA', '1012 SD', '1012 SS', '0999 AB', '1012', '1012 1A'],
  IE: ['D7W F2K8', 'B02 X285', 'D02 X28', 'D02 O285'],
  JP: ['100-001 Tokyo', '100–00011 Tokyo'],
  BR: ['01310-100 RJ', '00999-000 SP', '0131-100 SP'],
  AU: ['2000 VIC', '1001 NSW', '9726 QLD', '8001 VIC', '200 NSW', '6800 WA'],
  IN: ['010001 Delhi', '290001 Delhi', '900001 Delhi', '11001 Delhi'],
  CH: ['0999', '9490', '80010'],
  ES: ['00100', '53001', '2801'],
  IT: ['0184 RM', '47890 RN'],
  PL: ['00950', '0-0950'],
  PT: ['0100-148', '1100'],
  SE: ['011 29', '1112'],
  NO: ['0000', '9992'],
  DK: ['0999', '3900'],
  FI: ['22100', '0010'],
  SG: ['838956', '000956'],
  KR: ['00999', '64000'],
};

/** "postcode region" or, where a region isn't told apart, the postcode alone. */
function place(country: string, text: string): Record<string, unknown> {
  const region = COUNTRY_RULES.get(country)?.required.includes('region') ? text.split(' ').at(-1) : undefined;
  return { country, region, postcode: region === undefined ? text : text.slice(0, -region.length).trim() };
}

const rows = (table: Record<string, string[]>) => Object.entries(table).flatMap(([country, texts]) => texts.map((text) => [country, text]));

test.each(rows(GOOD))('%s takes %j', async (country, text) => {
  expect(await check({ ...home, ...place(country, text) })).toEqual({ flagged: false, problems: [] });
});

test.each(rows(BAD))('%s refuses %j', async (country, text) => {
  expect(await problemsOf(place(country, text))).toEqual(['postcode']);
});

test.each([
  ['US', 'ZZ'],
  ['CA', 'ONT'],
  ['AU', 'XX'],
  ['BR', 'ZZ'],
  ['IT', 'XR'],
  ['US', 'constructor'],
])('%s has no region %s', async (country, region) => {
  const postcode = COUNTRY_RULES.get(country)?.postcode?.example;
  expect(await problemsOf({ country, region, postcode })).toEqual(['region']);
});

test('the reason says which state a postcode belongs to', async () => {
  const result = await check({ ...home, country: 'US', region: 'WA', postcode: '97201' });
  expect(result.reason).toBe('The postcode belongs to OR, not WA.');
});

describe('a home', () => {
  const GB = { ...home, country: 'GB', postcode: 'N1 8EA' };

  test.each([
    'P.O. Box 12',
    'PO Box 12',
    'p o box 12',
    'P.0. Box 12',
    'POB 12',
    'Post Office Box 12',
    'Postbox 4',
    'GPO Box 9',
    'Locked Bag 3',
    'Private Bag X1',
    'Ｐ．Ｏ．Ｂｏｘ 12',
    'P\u200b.O. Box 12',
    'Postfach 12',
    'Postbus 99',
    'Postboks 1',
    'Boîte postale 7',
    'Casella Postale 3',
    'Apartado de Correos 5',
    'Caixa Postal 8',
    'Skrytka pocztowa 3',
    'Packstation 145',
    'Poste restante',
    'General Delivery',
    'PMB 204',
    '私書箱 第3号',
    'Ταχ. Θυρίδα 12',
    'PSC 12 Box 345',
  ])('isn’t %s', async (line) => {
    expect((await check({ ...GB, line1: line })).problems.map((problem) => problem.field)).toContain('line1');
    expect((await check({ ...GB, line2: line })).problems).toEqual([
      { field: 'line2', problem: expect.stringMatching(/^is .*, not a home$/) },
    ]);
  });

  test.each([
    '3 Box Lane',
    '7 Postern Cottages',
    '14 Apollo Court',
    'Flat 2, 9 Po Street',
    '22 Pobjoy Mews',
    'Bag End 1',
    '6 Cedex Close',
    '40 General Street',
    '12 Poplar Boxwood Way',
    'BP House 3',
    '1 CP Snow Road',
  ])('may be %s', async (line) => {
    expect(await check({ ...GB, line1: line })).toEqual({ flagged: false, problems: [] });
  });

  test.each([
    ['FR', 'BP 120', '75001', undefined],
    ['CH', 'CP 12', '8001', undefined],
    ['SE', 'Box 120', '111 29', undefined],
    ['US', 'Box 120', '97201', 'OR'],
    ['FI', 'PL 12', '00100', undefined],
    ['GR', 'Τ.Θ. 12', '105 57', undefined],
  ])('in %s isn’t %s', async (country, line1, postcode, region) => {
    expect(await problemsOf({ country, line1, postcode, region })).toEqual(['line1']);
  });
});

describe('the fields', () => {
  const GB = { ...home, country: 'GB', postcode: 'N1 8EA' };

  test('that a country needs are told one by one', async () => {
    const fields = async (address: unknown) => (await check(address)).problems.map((problem) => problem.field);
    expect(await fields({})).toEqual(['line1', 'city', 'country']);
    expect(await fields({ country: 'US' })).toEqual(['line1', 'city', 'postcode', 'region']);
    expect(await fields({ country: 'HK' })).toEqual(['line1', 'city']);
    expect(await fields({ ...GB, city: '', line1: '   ' })).toEqual(['line1', 'city']);
  });

  test.each([
    ['a number', { line1: 12 }, 'line1'],
    ['an object', { city: { name: 'London' } }, 'city'],
    ['a list', { postcode: ['N1 8EA'] }, 'postcode'],
    ['too long', { line2: 'x'.repeat(101) }, 'line2'],
    ['huge', { line1: 'x'.repeat(250_000) }, 'line1'],
    ['a line break', { line1: '1 High Street\nBcc: all@mail.example' }, 'line1'],
    ['markup', { city: '<b>London</b>' }, 'city'],
    ['half a character', { city: 'London\ud800' }, 'city'],
    ['a number for a street', { line1: '12' }, 'line1'],
    ['no letters in the city', { city: '123' }, 'city'],
  ])('that are wrong are told once: %s', async (_, wrong, field) => {
    expect(await problemsOf({ ...GB, ...wrong })).toEqual([field]);
  });

  test('null means absent', async () => {
    expect(await problemsOf({ ...GB, line2: null, region: null })).toEqual([]);
    expect(await problemsOf({ ...GB, postcode: null })).toEqual(['postcode']);
  });

  test.each(['IS', 'KP', 'XX', 'UK', 'USA', 'U', '12', 'constructor', '__proto__', 'G\u0000'])(
    'a country %j is never passed',
    async (country) => {
      expect(await problemsOf({ ...GB, country })).toEqual(['country']);
    },
  );

  test('the limits themselves pass', async () => {
    expect(await problemsOf({ ...GB, line1: `1 ${'x'.repeat(98)}`, line2: 'x'.repeat(100), city: 'x'.repeat(60) })).toEqual([]);
  });

  test('inherited fields are no data', async () => {
    expect((await check(Object.create(GB))).flagged).toBe(true);
  });

  test('a reason doesn’t repeat what the applicant wrote', async () => {
    const { reason } = await check({ ...GB, postcode: 'CLICK HERE', region: 'evil.example', line1: 'P.O. Box evil' });
    expect(reason).toBeDefined();
    expect(reason).not.toMatch(/evil|click/i);
  });
});

test.each([[undefined], [null], ['12 High Street'], [['12 High Street']], [12]])('an address that is %j throws', async (address) => {
  await expect(check(address)).rejects.toMatchObject({
    name: 'UnprocessableApplicant',
    message: expect.stringContaining('address must be an object'),
  });
});
test.each([[undefined], [null], ['text'], [[]]])('an applicant that is %j throws', async (input) => {
  await expect(handler(input)).rejects.toMatchObject({ name: 'UnprocessableApplicant' });
});
