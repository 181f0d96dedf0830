import { AUSTRALIA, australiaState, BRAZIL, brazilState, CANADA, canadaProvince, ITALY, type PlacedPostcode, US, usState } from './regions';

/** The parts of an address that a rule can speak of. */
export type AddressField = 'line1' | 'line2' | 'city' | 'region' | 'postcode' | 'country';

export interface CountryRule {
  readonly name: string;
  /** Beyond line1 and city, which every country needs. */
  readonly required: readonly ('postcode' | 'region')[];
  /** The form of a postcode, an example for the reader, and what the form alone doesn't say. A country may have no postcodes. */
  readonly postcode?: {
    readonly form: RegExp;
    readonly example: string;
    /** What is wrong with a postcode of the right form, or nothing. */
    readonly problem?: (placed: PlacedPostcode) => string | undefined;
  };
  /** The codes that a region must be one of; without it any text will do. */
  readonly region?: { readonly codes: { has(code: string): boolean }; readonly example: string };
  /** Every street address has a number there. */
  readonly houseNumber?: boolean;
}

const between = (postcode: string, from: number, to: number): boolean => {
  const number = Number(postcode.replace(/\D/g, ''));
  return number >= from && number <= to;
};

const elsewhere =
  (country: string, from: number, to: number) =>
  ({ postcode }: PlacedPostcode) =>
    between(postcode, from, to) ? `belongs to ${country}, which has a country code of its own` : undefined;

const unassigned = (assigned: boolean): string | undefined => (assigned ? undefined : 'is in no assigned range');

const POSTCODE = ['postcode'] as const;
const POSTCODE_AND_REGION = ['postcode', 'region'] as const;

/**
 * Postcode forms: Universal Postal Union, "Postal addressing systems" country sheets, and the national post's own rules where named.
 * A country that isn't here is never passed: a person looks at it.
 */
const RULES: Readonly<Record<string, CountryRule>> = {
  AT: { name: 'Austria', required: POSTCODE, postcode: { form: /^[1-9]\d{3}$/, example: '1010' } },
  AU: {
    name: 'Australia',
    required: POSTCODE_AND_REGION,
    region: { codes: AUSTRALIA, example: 'NSW' },
    postcode: { form: /^\d{4}$/, example: '2000', problem: australiaState },
  },
  BE: { name: 'Belgium', required: POSTCODE, postcode: { form: /^[1-9]\d{3}$/, example: '1000' }, houseNumber: true },
  BR: {
    name: 'Brazil',
    required: POSTCODE_AND_REGION,
    region: { codes: BRAZIL, example: 'SP' },
    postcode: { form: /^\d{5}-?\d{3}$/, example: '01310-100', problem: brazilState },
  },
  CA: {
    name: 'Canada',
    required: POSTCODE_AND_REGION,
    region: { codes: CANADA, example: 'ON' },
    // Canada Post never uses D, F, I, O, Q, U, nor W and Z in the first place.
    postcode: { form: /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] ?\d[ABCEGHJ-NPRSTV-Z]\d$/, example: 'K1A 0B1', problem: canadaProvince },
  },
  CH: {
    name: 'Switzerland',
    required: POSTCODE,
    postcode: { form: /^[1-9]\d{3}$/, example: '8001', problem: elsewhere('Liechtenstein', 9485, 9498) },
  },
  CZ: { name: 'Czechia', required: POSTCODE, postcode: { form: /^[1-7]\d{2} ?\d{2}$/, example: '110 00' } },
  DE: {
    name: 'Germany',
    required: POSTCODE,
    houseNumber: true,
    // Deutsche Post: the leading regions 00, 05, 43 and 62 aren't assigned.
    postcode: {
      form: /^\d{5}$/,
      example: '10115',
      problem: ({ postcode }) => unassigned(!/^(00|05|43|62)/.test(postcode) && between(postcode, 1001, 99998)),
    },
  },
  DK: {
    name: 'Denmark',
    required: POSTCODE,
    houseNumber: true,
    postcode: { form: /^[1-9]\d{3}$/, example: '1050', problem: elsewhere('Greenland', 3900, 3999) },
  },
  ES: {
    name: 'Spain',
    required: POSTCODE,
    // Correos: the first two digits are the province, 01 (Álava) to 52 (Melilla).
    postcode: {
      form: /^\d{5}$/,
      example: '28013',
      problem: ({ postcode }) => (between(postcode.slice(0, 2), 1, 52) ? undefined : 'begins with no Spanish province (01 to 52)'),
    },
  },
  FI: {
    name: 'Finland',
    required: POSTCODE,
    postcode: { form: /^\d{5}$/, example: '00100', problem: elsewhere('Åland', 22000, 22999) },
  },
  FR: {
    name: 'France',
    required: POSTCODE,
    // La Poste: the first two digits are the department (20 is Corsica), three from 971 to 976 overseas; 98 is Monaco and the Pacific.
    postcode: {
      form: /^\d{5}$/,
      example: '75001',
      problem: ({ postcode }) =>
        between(postcode.slice(0, 2), 1, 95) || /^97[1-46]/.test(postcode)
          ? undefined
          : 'begins with no French department (01 to 95, 971 to 976)',
    },
  },
  GB: {
    name: 'the United Kingdom',
    required: POSTCODE,
    // Royal Mail's six outward forms with the letters that each place allows; C, I, K, M, O and V never end one.
    postcode: {
      form: /^([A-PR-UWYZ](\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d{1,2}|[A-HK-Y]\d[ABEHMNPRVWXY])) ?\d[ABD-HJLNP-UW-Z]{2}$/,
      example: 'SW1A 1AA',
      problem: ({ postcode }) =>
        /^(GY|JE|IM)\d/.test(postcode)
          ? 'belongs to Guernsey, Jersey or the Isle of Man, which have country codes of their own'
          : undefined,
    },
  },
  GR: { name: 'Greece', required: POSTCODE, postcode: { form: /^[1-8]\d{2} ?\d{2}$/, example: '105 57' } },
  HK: { name: 'Hong Kong', required: [] },
  HU: { name: 'Hungary', required: POSTCODE, postcode: { form: /^[1-9]\d{3}$/, example: '1051' } },
  IE: {
    name: 'Ireland',
    required: POSTCODE,
    // An Eircode: a routing key, of which D6W is the one odd, and four characters that are the one home. B, G, I, J, L, M, O, Q, S, U and Z are out.
    postcode: { form: /^([AC-FHKNPRTV-Y]\d{2}|D6W) ?[\dAC-FHKNPRTV-Y]{4}$/, example: 'D02 X285' },
  },
  IN: {
    name: 'India',
    required: POSTCODE_AND_REGION,
    // India Post: the first digit is the zone, the first two the circle; zone 9 is the Army Postal Service, where nobody resides.
    postcode: {
      form: /^[1-9]\d{2} ?\d{3}$/,
      example: '110001',
      problem: ({ postcode }) =>
        postcode.startsWith('9') ? 'is of the Army Postal Service' : unassigned(!/^(29|35|54|55|8[6-9])/.test(postcode)),
    },
  },
  IT: {
    name: 'Italy',
    required: POSTCODE_AND_REGION,
    region: { codes: ITALY, example: 'RM' },
    postcode: { form: /^\d{5}$/, example: '00184', problem: elsewhere('San Marino', 47890, 47899) },
  },
  JP: { name: 'Japan', required: POSTCODE_AND_REGION, postcode: { form: /^\d{3}-?\d{4}$/, example: '100-0001' } },
  KR: {
    name: 'South Korea',
    required: POSTCODE,
    postcode: { form: /^\d{5}$/, example: '03187', problem: ({ postcode }) => unassigned(between(postcode, 1000, 63999)) },
  },
  LU: { name: 'Luxembourg', required: POSTCODE, postcode: { form: /^[1-9]\d{3}$/, example: '1009' } },
  MX: {
    name: 'Mexico',
    required: POSTCODE_AND_REGION,
    postcode: { form: /^\d{5}$/, example: '06000', problem: ({ postcode }) => unassigned(between(postcode, 1000, 99999)) },
  },
  NL: {
    name: 'the Netherlands',
    required: POSTCODE,
    houseNumber: true,
    // PostNL: no leading 0, and never SA, SD or SS.
    postcode: { form: /^[1-9]\d{3} ?(?!SA|SD|SS)[A-Z]{2}$/, example: '1012 JS' },
  },
  NO: {
    name: 'Norway',
    required: POSTCODE,
    postcode: { form: /^\d{4}$/, example: '0155', problem: ({ postcode }) => unassigned(between(postcode, 1, 9991)) },
  },
  NZ: {
    name: 'New Zealand',
    required: POSTCODE,
    postcode: { form: /^\d{4}$/, example: '6011', problem: ({ postcode }) => unassigned(between(postcode, 110, 9999)) },
  },
  PL: { name: 'Poland', required: POSTCODE, postcode: { form: /^\d{2}-\d{3}$/, example: '00-950' } },
  PT: { name: 'Portugal', required: POSTCODE, postcode: { form: /^[1-9]\d{3}-\d{3}$/, example: '1100-148' } },
  SE: { name: 'Sweden', required: POSTCODE, postcode: { form: /^[1-9]\d{2} ?\d{2}$/, example: '111 29' } },
  SG: {
    name: 'Singapore',
    required: POSTCODE,
    postcode: { form: /^\d{6}$/, example: '018956', problem: ({ postcode }) => unassigned(between(postcode.slice(0, 2), 1, 82)) },
  },
  US: {
    name: 'the United States',
    required: POSTCODE_AND_REGION,
    region: { codes: US, example: 'OR' },
    postcode: { form: /^\d{5}(-\d{4})?$/, example: '97204', problem: usState },
  },
  ZA: {
    name: 'South Africa',
    required: POSTCODE,
    postcode: { form: /^\d{4}$/, example: '8001', problem: ({ postcode }) => unassigned(between(postcode, 1, 9999)) },
  },
};

/** By ISO 3166 code. A map, because an object also has `constructor` and its like. */
export const COUNTRY_RULES: ReadonlyMap<string, CountryRule> = new Map(Object.entries(RULES));
