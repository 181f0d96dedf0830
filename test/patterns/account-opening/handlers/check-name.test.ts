import { handler } from '../../../../patterns/account-opening/handlers/check-name';
import { birthDateOf, compareBirthDates } from '../../../../patterns/account-opening/handlers/check-name/birth-date';
import { likeness } from '../../../../patterns/account-opening/handlers/check-name/compare-names';
import { plainName } from '../../../../patterns/account-opening/handlers/check-name/plain-name';
import { toLatin } from '../../../../patterns/account-opening/handlers/check-name/transliterate';
import { entries, THRESHOLD, type WatchListEntry } from '../../../../patterns/account-opening/handlers/check-name/watch-list';

const OTHER_DAY = '2003-06-15';

/** Splits a listed name as an applicant would: the last word is the family name. */
function parts(name: string): { given: string; family: string } {
  const words = name.split(' ');
  return { given: words.slice(0, -1).join(' '), family: words[words.length - 1] };
}

const check = (given: string, family: string, birthDate = OTHER_DAY) => handler({ name: { given, family }, birthDate });

async function entriesFor(name: { given: string; family: string }, birthDate = OTHER_DAY): Promise<string[]> {
  return (await check(name.given, name.family, birthDate)).matches.map((match) => match.entryId);
}

/** A day that fits the entry: its own, or one in the year that is all that the list knows. */
const bornOn = ({ birthDates: [first] }: WatchListEntry): string => (first.length === 4 ? `${first}-05-05` : first);

/** The longest word with two letters inside it changed over: what a tired clerk types. */
function withSlip(name: string): string {
  const longest = name.split(/[\s-]/).reduce((a, b) => (b.length > a.length ? b : a));
  const middle = Math.floor(longest.length / 2);
  const slipped = longest.slice(0, middle - 1) + longest[middle] + longest[middle - 1] + longest.slice(middle + 1);
  return name.replace(longest, slipped);
}

describe('the watch list', () => {
  test('is well formed', () => {
    expect(entries.length).toBeGreaterThanOrEqual(60);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
    for (const entry of entries) {
      expect(entry.birthDates.length).toBeGreaterThan(0);
      for (const date of entry.birthDates) expect(date).toMatch(/^\d{4}(-\d{2}-\d{2})?$/);
      for (const country of entry.countries) expect(country).toMatch(/^[A-Z]{2}$/);
      for (const name of [entry.name, ...entry.aliases, ...entry.weakAliases]) {
        expect({ name, unreadable: plainName(name).unreadable }).toEqual({ name, unreadable: false });
      }
    }
  });

  describe.each(entries.map((entry) => [entry.id, entry] as const))('%s', (id, entry) => {
    test.each([entry.name, ...entry.aliases])('catches %s', async (name) => {
      const { given, family } = parts(name);
      const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '');
      const ways = {
        listed: { given, family },
        swapped: { given: family, family: given },
        capitals: { given: given.toUpperCase(), family: family.toUpperCase() },
        'without marks': { given: plain(given), family: plain(family) },
        'without punctuation': parts(name.replace(/['’-]/g, given.includes('-') ? ' ' : '')),
        'one more name': { given: `${given} Zebulon`.trim(), family },
      };
      for (const [way, as] of Object.entries(ways)) {
        // A name of one word says little beside another.
        const date = way === 'one more name' && given === '' ? bornOn(entry) : OTHER_DAY;
        // Another birth date and another name together are two things that speak against a match.
        const caught = await entriesFor(as, way === 'one more name' ? bornOn(entry) : date);
        expect({ way, caught }).toEqual({ way, caught: expect.arrayContaining([id]) });
      }
    });

    test('catches a slip when the birth date is the same', async () => {
      for (const name of [entry.name, ...entry.aliases]) {
        const slipped = parts(withSlip(name));
        expect({ slipped, caught: await entriesFor(slipped, bornOn(entry)) }).toEqual({ slipped, caught: expect.arrayContaining([id]) });
      }
    });

    test('catches a common alias with the birth date, and not without', async () => {
      for (const name of entry.weakAliases) {
        expect(await entriesFor(parts(name), bornOn(entry))).toContain(id);
        expect(await entriesFor(parts(name), OTHER_DAY)).not.toContain(id);
      }
    });
  });
});

describe('ordinary names', () => {
  // From the regions that the list is about, so that the names are near it.
  const GIVEN = words(`Anna Maria Ivan Viktor Viktoria Yuri Sergei Aleksandr Oksana Ruslan Dmitri Olga Jan Katarzyna Zbigniew Piotr
    Lukas Jürgen Wolfgang Karl-Heinz Anneliese Sabine Bjørn Søren Ingrid Åke Astrid Georgios Eleni Dimitrios Mehmet Ayşe İsmail Emine
    Muhammad Ahmed Fatima Hussein Omar Yusuf Layla Abdullah Abdulrahman Khadija Joost Pieter Sanne Jean-Baptiste Claire Thibault Camille
    Gianfranco Giulia Marco María José Carmen Heriberto João Thiago Beatriz Seamus Aoife Fergus John Mary Percival Desmond Chukwuemeka
    Ngozi Thabo Hiroto Yuki Min-jun Raghavendra Priya Zulfikar Nguyen Linh Imre Katalin Aram Levan Nursultan`);
  const FAMILY = words(`Ivanov Petrova Sidorov Morozov Volkov Tarkovsky Shulgin Bondarenko Shevchenko Kovalchuk Kowalski Nowak
    Wiśniewska Krzyżanowski Müller Schmidt Möller Hübner Füssel Strauß Brockmann Hansen Kjær Rasmussen Ödman Svensson Ásgrímsdóttir
    Papadopoulos Hatzis Georgiou Yılmaz Demirtaş Karataş Çağlar al-Masri Haddad Karzai Zubairi Mosuli Khalidi Bouzid Nuwayri Ghazali
    van-der-Meer de-Vries Jansen Dubois Martin Lefèvre d'Ormesson Rossi Esposito Dell'Orto García Zurbarán Quintana Salazar
    Fonseca da-Silva O'Gallagher O'Sullivan MacAllister Thornton Vane Smith Jones Adeyemi Oyelaran Adichie Mokoena Kurosawa Tanaka Park Kim
    Chitra Sharma Mirza Tran Nguyen Szentgyörgyi Nagy Khachaturian Tseretelli Nazarbayev`);

  const RUNS = 1000;
  /** The share that is flagged by the name alone; a person looks at each, so that it must stay rare. */
  const MOST_FLAGGED = 0.005;

  test(`are flagged at most once in ${1 / MOST_FLAGGED}`, async () => {
    const random = generator(20250101);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const flagged: string[] = [];
    for (let i = 0; i < RUNS; i++) {
      const given = random() < 0.2 ? `${pick(GIVEN)} ${pick(GIVEN)}` : pick(GIVEN);
      const family = pick(FAMILY);
      const birthDate = `${1950 + Math.floor(random() * 55)}-0${1 + Math.floor(random() * 9)}-1${Math.floor(random() * 10)}`;
      if ((await check(given, family, birthDate)).flagged) flagged.push(`${given} ${family}`);
    }
    expect({ share: flagged.length / RUNS <= MOST_FLAGGED, flagged }).toEqual({ share: true, flagged });
  });

  test('with the given name of one entry and the family name of another are not flagged', async () => {
    const strangers = entries
      .map((entry, i) => ({ given: parts(entry.name).given, family: parts(entries[(i + 7) % entries.length].name).family }))
      .filter(({ given }) => given !== '');
    for (const stranger of strangers) expect({ stranger, caught: await entriesFor(stranger) }).toEqual({ stranger, caught: [] });
  });
});

describe('how alike names are', () => {
  const alike = (a: string, b: string) => likeness(plainName(a), plainName(b));

  test.each([
    ['Tchaïkovski Piotr', 'Pjotr Tschaikowskij'],
    ['Abdurrahman Said', 'Said Abd al-Rahman'],
    ['Mueller Soeren', 'Søren Müller'],
    ['Jeanpierre Dubois', 'Jean-Pierre Dubois'],
    ['O Brien Aoife', 'Aoife O’Brien'],
    ['Ｖｉｋｔｏｒ Hug\u200bo', 'Viktor Hugo'],
    ['Βασίλης Παπαδόπουλος', 'Vasilis Papadopulos'],
    ['حسين القاسم', 'Hussein al-Qasim'],
    ['Щербаков Юрий', 'Yury Shcherbakov'],
    ['Mohamed Umar', 'Muhammad Omar'],
    ['Wladislaw Nowak', 'Vladislav Novak'],
    ['Charlotte de la Cruz', 'Charlotte Delacruz'],
    ['IŞIK ÇETİN', 'Işık Çetin'],
    ['Strauß Anna', 'Anna Strauss'],
  ])('%s and %s are one name', (a, b) => {
    expect(alike(a, b)).toBeGreaterThanOrEqual(THRESHOLD);
    expect(alike(b, a)).toBeCloseTo(alike(a, b), 10);
  });

  test.each([
    ['Anna Berg', 'Anne Berg'],
    ['Viktor Morozov', 'Vera Morozova'],
    ['Jan Kowalski', 'Pan Kowal'],
    ['Le Minh', 'Do Minh'],
    ['J. K.', 'Joseph Kahn'],
    ['Ali Hassan', 'Hassan'],
    ['van der Berg', 'van der Laan'],
  ])('%s and %s are two', (a, b) => expect(alike(a, b)).toBeLessThan(THRESHOLD));

  test('one letter for a middle name costs less than a whole name', () => {
    expect(alike('Viktor A. Morozov', 'Viktor Morozov')).toBeGreaterThan(alike('Viktor Andreyevich Morozov', 'Viktor Morozov'));
  });
});

test.each([
  ['Хрущёв', 'khrushchev'],
  ['Київ', 'kiiv'],
  ['Ђорђе', 'djordje'],
  ['Ευάγγελος', 'evangelos'],
  ['Łódź', 'lodz'],
  ['Ærøskøbing', 'aeroskobing'],
  ['Þórður', 'thordur'],
  ['Großjährig', 'grossjahrig'],
  ['IĞDIR', 'igdir'],
  ['ﷲ', 'allh'],
  ['O’Brien', 'obrien'],
  ['王', '王'],
])('%s is %s in Latin letters', (word, latin) => expect(toLatin(word)).toBe(latin));

describe('the birth date', () => {
  test.each([
    ['1968-03-14', ['1968-03-14'], 'same'],
    ['1968-03-14', ['1970', '1968'], 'similar'],
    ['1968-03-04', ['1968-04-03'], 'similar'],
    ['1968-03-14', ['1970-01-01'], 'none'],
    ['1968-03-14', ['1971-01-01'], 'different'],
    ['1968-03-14', [], 'none'],
    [undefined, ['1968-03-14'], 'none'],
  ] as const)('%s against %j says %s', (date, listed, evidence) => expect(compareBirthDates(date, listed)).toBe(evidence));

  test.each([['1990-02-30'], ['1990-13-01'], ['1990-1-1'], ['1899-12-31'], ['2025-06-16'], ['19900101'], [19900101], [null], [{}], ['']])(
    '%j is no birth date',
    (value) => expect(birthDateOf(value, new Date('2025-06-15T12:00:00Z'))).toBeUndefined(),
  );

  test('raises and lowers a score, and never hides an exact name', async () => {
    const scores: number[] = [];
    for (const date of ['1979-05-05', '1980-12-31', '1978-01-01', '1999-01-01']) {
      scores.push((await check('Oleksandr Petrovych', 'Zhmerynets', date)).matches[0]?.score ?? 0);
    }
    expect(scores).toEqual([1, 0.98, 0.93, 0]);
    expect(await entriesFor({ given: 'Viktor', family: 'Morozenko' }, '1999-01-01')).toEqual(['WL-001']);
  });

  test('that can’t be read flags the applicant, and says why', async () => {
    expect(await check('Grace', 'Whitfield', '1990-02-30')).toEqual({
      flagged: true,
      reason: expect.stringContaining('birth date'),
      matches: [],
    });
    expect((await handler({ name: { given: 'Grace', family: 'Whitfield' } })).flagged).toBe(true);
  });
});

describe('what can’t be checked', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'Viktor Morozenko'],
    ['a list', [{ name: { given: 'A', family: 'B' } }]],
    ['no name', {}],
    ['a name of numbers', { name: { given: 1, family: 2 } }],
    ['no family name', { name: { given: 'Ada' } }],
    ['only marks', { name: { given: '\u0301', family: '\u200b' } }],
    ['only soft signs', { name: { given: 'ь', family: 'ъ' } }],
    ['only initials', { name: { given: 'V.', family: 'M.' } }],
    ['Georgian script', { name: { given: 'ლევან', family: 'Tsereladze' } }],
    ['a huge name', { name: { given: 'A', family: 'B'.repeat(250_000) } }],
    ['an inherited name', Object.create({ name: { given: 'Ada', family: 'Lovett' } })],
    ['a name that is only inherited', { name: Object.create({ given: 'Ada', family: 'Lovett' }) }],
  ])('%s throws', async (_, input) => {
    await expect(handler(input)).rejects.toMatchObject({ name: 'UnprocessableApplicant', message: expect.stringMatching(/^.{10,120}\.$/) });
  });
});

function words(text: string): string[] {
  // A hyphen between small words stands for a space: van-der-Meer.
  return text
    .trim()
    .split(/\s+/)
    .map((word) => (/^[a-z]/.test(word) && !word.startsWith('al-') ? word.replaceAll('-', ' ') : word));
}

/** Mulberry32: the same names each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
