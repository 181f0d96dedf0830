/** Regions by country, and where a postcode tells the state or province, whether the two contradict each other. */

/** A postcode and region in capitals, without outer spaces; the region is '' when not given. */
export interface PlacedPostcode {
  readonly postcode: string;
  readonly region: string;
}

export type Ranges = ReadonlyMap<string, readonly (readonly [number, number])[]>;

/** `XX 1 3-5  YY 6` */
function ranges(text: string): Ranges {
  const map = new Map<string, (readonly [number, number])[]>();
  let current: (readonly [number, number])[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (/^[A-Z]/.test(word)) {
      current = [];
      map.set(word, current);
    } else {
      const [from, to = from] = word.split('-').map(Number);
      current.push([from, to]);
    }
  }
  return map;
}

function contradiction(table: Ranges, region: string, number: number): string | undefined {
  const own = table.get(region);
  if (!own) return undefined; // the region is missing or unknown, which is told as the region's problem
  const within = (list: readonly (readonly [number, number])[]) => list.some(([from, to]) => number >= from && number <= to);
  if (within(own)) return undefined;
  const right = [...table].filter(([, list]) => within(list)).map(([name]) => name);
  return right.length === 0 ? 'is in no residential range' : `belongs to ${right.join(' or ')}, not ${region}`;
}

/** USPS Publication 65 / Domestic Mail Manual L002: the ZIP Code's first three digits by state. AA, AE and AP are military mail. */
export const US = ranges(`
  AL 350-352 354-369  AK 995-999  AZ 850-853 855-857 859-860 863-865  AR 716-729 755  CA 900-908 910-928 930-961  CO 800-816
  CT 60-69  DE 197-199  DC 200 202-205  FL 320-339 341-342 344 346-347 349  GA 300-319 398-399  HI 967-968  ID 832-838  IL 600-620 622-629
  IN 460-479  IA 500-516 520-528  KS 660-662 664-679  KY 400-427  LA 700-701 703-708 710-714  ME 39-49  MD 206-212 214-219  MA 10-27 55
  MI 480-499  MN 550-551 553-567  MS 386-397  MO 630-631 633-641 644-658  MT 590-599  NE 680-681 683-693  NV 889-891 893-895 897-898
  NH 30-38  NJ 70-89  NM 870-871 873-875 877-884  NY 5 63 100-149  NC 270-289  ND 580-588  OH 430-459  OK 730-731 734-741 743-749
  OR 970-979  PA 150-196  RI 28-29  SC 290-299  SD 570-577  TN 370-385  TX 733 750-770 772-799 885  UT 840-847  VT 50-54 56-59
  VA 201 220-246  WA 980-986 988-994  WV 247-268  WI 530-532 534-535 537-549  WY 820-831 834
  PR 6-7 9  VI 8  GU 969  MP 969  AS 967`);

export function usState({ postcode, region }: PlacedPostcode): string | undefined {
  const prefix = Number(postcode.slice(0, 3));
  const military = prefix === 340 || (prefix >= 90 && prefix <= 98) || (prefix >= 962 && prefix <= 966);
  return military ? 'is military mail, where nobody resides' : contradiction(US, region, prefix);
}

/** The letter that Canada Post gives each province, or part of one. Nunavut and the Northwest Territories share X. */
export const CANADA = new Map(
  Object.entries({
    NL: 'A',
    NS: 'B',
    PE: 'C',
    NB: 'E',
    QC: 'GHJ',
    ON: 'KLMNP',
    MB: 'R',
    SK: 'S',
    AB: 'T',
    BC: 'V',
    NT: 'X',
    NU: 'X',
    YT: 'Y',
  }),
);

export function canadaProvince({ postcode, region }: PlacedPostcode): string | undefined {
  const letters = CANADA.get(region);
  if (letters === undefined || letters.includes(postcode[0])) return undefined;
  const right = [...CANADA].filter(([, own]) => own.includes(postcode[0])).map(([name]) => name);
  return `belongs to ${right.join(' or ')}, not ${region}`;
}

/**
 * Australia Post's ranges for delivery areas. The others (1000–1999, 8000–9999, the end of each state's) are post office boxes and
 * large receivers. Some towns lie over a border, so that 2406, 2540, 2611, 2620, 3644, 0872 and 4825 are in two states or more.
 */
export const AUSTRALIA = ranges(`
  NSW 2000-2599 2611 2619-2899 2921-2999 3644  ACT 2540 2600-2618 2620 2900-2920  VIC 3000-3999  QLD 2406 4000-4999
  SA 872 5000-5799  WA 872 6000-6797  TAS 7000-7799  NT 800-899 4825`);

export function australiaState({ postcode, region }: PlacedPostcode): string | undefined {
  return contradiction(AUSTRALIA, region, Number(postcode));
}

/** Correios: the CEP's first five digits by state. */
export const BRAZIL = ranges(`
  SP 1000-19999  RJ 20000-28999  ES 29000-29999  MG 30000-39999  BA 40000-48999  SE 49000-49999  PE 50000-56999  AL 57000-57999
  PB 58000-58999  RN 59000-59999  CE 60000-63999  PI 64000-64999  MA 65000-65999  PA 66000-68899  AP 68900-68999  AM 69000-69299 69400-69899
  RR 69300-69399  AC 69900-69999  DF 70000-72799 73000-73699  GO 72800-72999 73700-76799  RO 76800-76999  TO 77000-77999  MT 78000-78899
  MS 79000-79999  PR 80000-87999  SC 88000-89999  RS 90000-99999`);

export function brazilState({ postcode, region }: PlacedPostcode): string | undefined {
  return contradiction(BRAZIL, region, Number(postcode.slice(0, 5)));
}

/** The marks of Italy's provinces, which Poste Italiane puts after the city. */
export const ITALY = new Set(
  (
    'AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ EN FC FE FG FI FM FR GE GO GR IM IS KR LC LE ' +
    'LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU OR PA PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV ' +
    'TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VT VV'
  ).split(' '),
);
