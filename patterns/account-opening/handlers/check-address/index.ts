/** Is this an address where somebody can live, written as its country's post would? */
import { type Fields, field, fieldsOf, kindOf } from '../applicant';
import { type AddressField, COUNTRY_RULES, type CountryRule } from './country-rules';
import { notAResidence } from './not-a-residence';

export interface AddressProblem {
  readonly field: AddressField;
  readonly problem: string;
}

export interface AddressCheck {
  readonly flagged: boolean;
  /** For the person who reviews it; present when flagged. */
  readonly reason?: string;
  readonly problems: readonly AddressProblem[];
}

type Address = Readonly<Record<AddressField, string>>;

const LONGEST: Readonly<Record<AddressField, number>> = { line1: 100, line2: 100, city: 60, region: 60, postcode: 12, country: 2 };
const FIELDS = Object.keys(LONGEST) as readonly AddressField[];
const EVERYWHERE: readonly AddressField[] = ['line1', 'city', 'country'];
const SAID: Readonly<Record<AddressField, string>> = {
  line1: 'The first address line',
  line2: 'The second address line',
  city: 'The city',
  region: 'The region',
  postcode: 'The postcode',
  country: 'The country',
};

export async function handler(input: unknown): Promise<AddressCheck> {
  const given = fieldsOf(field(fieldsOf(input, 'The applicant'), 'address'), 'address');
  const unreadable = FIELDS.flatMap((name) => formProblem(given, name));
  // A field that can't be read is told once, and counts as empty for the rules.
  const bad = new Set(unreadable.map((problem) => problem.field));
  const text = (name: AddressField): string =>
    bad.has(name)
      ? ''
      : String(field(given, name) ?? '')
          .normalize('NFC')
          .trim();
  const code = (name: AddressField): string => text(name).normalize('NFKC').replace(DASHES, '-').toUpperCase();
  const address: Address = {
    line1: text('line1'),
    line2: text('line2'),
    city: text('city'),
    region: code('region'),
    postcode: code('postcode').replace(/\s+/g, ' '),
    country: code('country'),
  };

  const problems = [...unreadable, ...contentProblems(address).filter((problem) => !bad.has(problem.field))];
  const reason = problems.map(({ field: name, problem }) => `${SAID[name]} ${problem}.`).join(' ');
  return { flagged: problems.length > 0, ...(problems.length > 0 && { reason }), problems };
}

/** Japanese and other input methods write full-width and typographic dashes. */
const DASHES = /[\u2010-\u2015\u2212\u30fc\uff0d]/g;

/** What keeps a field from being read: its type, its length, or characters that nobody writes in an address. */
function formProblem(address: Fields, name: AddressField): AddressProblem[] {
  const value = field(address, name);
  if (value === undefined || value === null) return []; // absent: whether it may be is the country's rule
  if (typeof value !== 'string') return [{ field: name, problem: `must be text, but is ${kindOf(value)}` }];
  if (value.length > LONGEST[name]) {
    const problem = name === 'country' ? 'must be a code of two letters (ISO 3166)' : `is longer than ${LONGEST[name]} characters`;
    return [{ field: name, problem }];
  }
  return /[\p{Cc}\p{Cs}<>]/u.test(value) ? [{ field: name, problem: 'has characters that no address has' }] : [];
}

function contentProblems(address: Address): AddressProblem[] {
  const rule = COUNTRY_RULES.get(address.country);
  return [
    ...missing(address, [...EVERYWHERE, ...(rule?.required ?? [])]),
    ...street(address, rule),
    ...residence(address),
    ...(rule ? [...region(address, rule), ...postcode(address, rule)] : unknownCountry(address.country)),
  ];
}

function missing(address: Address, required: readonly AddressField[]): AddressProblem[] {
  return required.filter((name) => address[name] === '').map((name) => ({ field: name, problem: 'is missing' }));
}

function street({ line1, line2, city }: Address, rule: CountryRule | undefined): AddressProblem[] {
  const problems: AddressProblem[] = [];
  if (line1 !== '' && !/\p{L}/u.test(line1)) problems.push({ field: 'line1', problem: 'names no street or place' });
  if (line1 !== '' && rule?.houseNumber && !/\p{Nd}/u.test(line1 + line2))
    problems.push({ field: 'line1', problem: 'has no house number' });
  if (city !== '' && !/\p{L}/u.test(city)) problems.push({ field: 'city', problem: 'has no letters' });
  return problems;
}

function residence(address: Address): AddressProblem[] {
  return (['line1', 'line2', 'city'] as const).flatMap((name) => {
    const instead = notAResidence(address[name], address.country);
    return instead === undefined ? [] : [{ field: name, problem: `is ${instead}, not a home` }];
  });
}

function region({ region: value }: Address, { region: rule, name }: CountryRule): AddressProblem[] {
  if (value === '' || !rule || rule.codes.has(value)) return [];
  return [{ field: 'region', problem: `must be a code as used in ${name}, such as ${rule.example}` }];
}

function postcode(address: Address, { postcode: rule, name }: CountryRule): AddressProblem[] {
  if (address.postcode === '' || !rule) return [];
  const value = withoutCountryPrefix(address.postcode, address.country);
  if (!rule.form.test(value)) return [{ field: 'postcode', problem: `isn’t of the form used in ${name}, such as ${rule.example}` }];
  const problem = rule.problem?.({ postcode: value, region: address.region });
  return problem === undefined ? [] : [{ field: 'postcode', problem }];
}

/** D-10115, CH-8001, L-1009: an old European habit (CEPT), still on many letters. */
function withoutCountryPrefix(value: string, country: string): string {
  const [, prefix, rest] = /^([A-Z]{1,2})-(\d.*)$/.exec(value) ?? [];
  return prefix === country || prefix === country[0] ? rest : value;
}

function unknownCountry(country: string): AddressProblem[] {
  if (country === '') return [];
  if (country === 'UK') return [{ field: 'country', problem: 'is written GB in ISO 3166, not UK' }];
  const problem = /^[A-Z]{2}$/.test(country)
    ? `${country} has no address rules here, so that a person must look`
    : 'must be a code of two letters (ISO 3166)';
  return [{ field: 'country', problem }];
}
