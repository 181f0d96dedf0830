/** How such a place is written, in small letters without marks and punctuation, and what it is. */
type Form = readonly [RegExp, string];

/**
 * Places that take mail but where nobody lives. An account needs a street address (in the United States it is
 * law: 31 CFR 1020.220(a)(2)(i)(A)(3)), so these go to a person.
 */
const ANYWHERE: readonly Form[] = [
  [
    /\bp\s*[o0]\s*b(ox|x)?\b\s*\d|\bp\s*[o0]\s*box\b|\bpost(al)?\s*office\s*box\b|\bpost\s?box\b|\bg\s?p\s?o\s*box\b|\blocked\s*bag\b|\bprivate\s*bag\b/,
    'a post office box',
  ],
  [/\bpostfach\b|\bpostbus\b|\bpostboks\b|\bpostilokero\b|\bskrytka\s*pocztowa\b|\bskr\s*poczt\b|\bpostafiok\b/, 'a post office box'],
  [
    /\bboite\s*postale\b|\bcase\s*postale\b|\bcasella\s*postale\b|\bapartado\b|\bapdo\b|\bcaixa\s*postal\b|ταχ\S*\s*θυριδα|私書箱/,
    'a post office box',
  ],
  [/\bpackstation\b|\bparcel\s*locker\b|\bpaczkomat\b/, 'a parcel locker'],
  [/\bposte\s*restante\b|\bgeneral\s*delivery\b|\bpostlagernd\b|\blista\s*de\s*correos\b|\bfermo\s*posta\b/, 'mail held at a post office'],
  [/\bp\s?m\s?b\s*#?\s*\d/, 'a private mailbox'],
  [/\b(apo|fpo|dpo)\s+(aa|ae|ap)\b|\bpsc\s*\d+\s*box\b/, 'military or diplomatic mail'],
];

const BP: Form = [/\bb\s?p\s*\d/, 'a post office box'];
const CP: Form = [/\bc\s?p\s*\d/, 'a post office box'];
const BOX: Form = [/^box\s*\d/, 'a post office box'];

/** Short forms that mean a street, a flat or nothing in another country. */
const IN_ONE_COUNTRY: ReadonlyMap<string, readonly Form[]> = new Map([
  ['BE', [BP]],
  ['CA', [CP, BOX]],
  ['CH', [CP]],
  ['FI', [[/^pl\s*\d/, 'a post office box']]],
  ['FR', [BP, [/\bcedex\b/, 'CEDEX, which is business mail']]],
  ['GR', [[/(^|\s)τ\s?θ\s*\d/, 'a post office box']]],
  ['IT', [CP]],
  ['LU', [BP]],
  ['SE', [BOX]],
  ['US', [BOX]],
]);

/** What the text names instead of a home, or nothing. */
export function notAResidence(text: string, country: string): string | undefined {
  const plain = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}#]+/gu, ' ')
    .trim();
  return [...ANYWHERE, ...(IN_ONE_COUNTRY.get(country) ?? [])].find(([form]) => form.test(plain))?.[1];
}
