/**
 * One spelling for the many that romanisation gives the same name: Tchaikovsky, Chaikovskij, Tschaikowski; Müller, Mueller;
 * Yusuf, Youssef. It is applied to both sides, so it needs to be consistent, not correct: "ch" and "k" meet as one sound because č is
 * written c, ch, cz, tch or tsch.
 */
const CONSONANTS: readonly (readonly [RegExp, string])[] = [
  [/tsch|tch/g, 'k'],
  [/sch|sh|sz/g, 's'],
  [/cz|ch|ck|c|q/g, 'k'],
  [/zh/g, 'z'],
  [/kh/g, 'h'],
  [/gh|gu(?=[ei])/g, 'g'],
  [/dh|dj/g, 'd'],
  [/th/g, 't'],
  [/ph/g, 'f'],
  [/x/g, 'ks'],
  [/w/g, 'v'],
];

/** ä, ö, ü, å and æ as the Germans and Nordics write them without a mark; French and English ways to write u and i; ji, iy, ij → i. */
const VOWELS: readonly (readonly [RegExp, string])[] = [
  [/ae|aa/g, 'a'],
  [/oe/g, 'o'],
  [/ue|ou|oo/g, 'u'],
  [/ee|[yj]/g, 'i'],
];

const replaceAll = (text: string, rules: typeof CONSONANTS): string => rules.reduce((out, [from, to]) => out.replace(from, to), text);
const single = (text: string): string => text.replace(/(.)\1+/g, '$1');

/** Arabic given names whose vowels differ with the country that wrote the passport; keys and values are sounds. */
const ARABIC_NAMES = new Map(
  Object.entries({
    muhamad: 'mohamad mohamed muhamed mohamud mahomed',
    ahmad: 'ahmed ahmet',
    husein: 'husain hosein hosain hisein',
    iusuf: 'iusef iosef iosuf iusif',
    omar: 'umar omer',
    osman: 'usman otman utman',
    halid: 'haled',
    tarik: 'tarek',
    kasim: 'kasem gasem gasim',
  }).flatMap(([name, spellings]) => spellings.split(' ').map((spelling) => [spelling, name] as const)),
);

export function sound(word: string): string {
  const folded = single(replaceAll(replaceAll(word, CONSONANTS), VOWELS));
  return ARABIC_NAMES.get(folded) ?? folded;
}

/** The consonants alone, for a name in a script that writes no short vowels. */
export function consonants(word: string): string {
  return single(replaceAll(word, CONSONANTS).replace(/[aeiouyv]/g, ''));
}
