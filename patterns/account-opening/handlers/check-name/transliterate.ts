/**
 * Any of the scripts below to plain a–z, one letter at a time. What isn't in a table stays as it is, so that the caller sees a
 * script it can't read instead of a name with holes.
 *
 * NFKD goes first and does most of the work: é → e, й → и, ﷲ → الله, fullwidth Ｖ → V. The tables hold only what Unicode
 * doesn't decompose.
 */

/** Latin letters that are no "letter plus mark" to Unicode: German, Nordic, Polish, Turkish, South Slavic, Azerbaijani, Maltese. */
const LATIN = table(`ß ss  æ ae  œ oe  ø o  ł l  đ d  ð d  þ th  ı i  ħ h  ə a  ŋ ng  ŧ t`);

/**
 * ICAO Doc 9303-3 (2021), section 6.B, which is what passports carry, with Ukrainian, Serbian, Macedonian and Kazakh letters. Two
 * departures: г is g in every language, and щ is shch as in Ukrainian and Russian. Marks are gone by now, so that й is и and ё is е.
 */
const CYRILLIC = table(`
  а a  б b  в v  г g  д d  е e  ж zh з z  и i  к k  л l  м m  н n  о o  п p  р r  с s  т t  у u  ф f  х kh  ц ts  ч ch  ш sh  щ shch
  ъ -  ы y  ь -  э e  ю iu я ia  є ie  і i  ґ g  ђ dj  ј j  љ lj  њ nj  ћ c  џ dz  ѕ dz  ә a  ғ g  қ k  ң n  ө o  ұ u  ү u  һ h`);

/** ISO 843 / ELOT 743. Digraphs are replaced before letters. */
const GREEK_DIGRAPHS = table('ου ou  ευ ev  αυ av  γγ ng  γκ gk  γχ nch  μπ b');
const GREEK = table(`
  α a  β v  γ g  δ d  ε e  ζ z  η i  θ th  ι i  κ k  λ l  μ m  ν n  ξ x  ο o  π p  ρ r  σ s  ς s  τ t  υ y  φ f  χ ch  ψ ps  ω o`);

/** Consonants and long vowels; short vowels aren't written, which is why such a name is compared by its consonants. */
const ARABIC = table(`
  ا a  ب b  ت t  ث th  ج j  ح h  خ kh  د d  ذ dh  ر r  ز z  س s  ش sh  ص s  ض d  ط t  ظ z  ع a  غ gh  ف f  ق q  ك k  ل l  م m  ن n
  ه h  و u  ي i  ى a  ة -  ء -  ٱ a  پ p  چ ch  ژ zh  ک k  گ g  ی i  ہ h  ے i`);

const LETTERS = new Map([...LATIN, ...CYRILLIC, ...GREEK, ...ARABIC]);

/** Marks, invisible characters, apostrophes of every make and the Arabic stretching line: they part no word and spell nothing. */
const SILENT = /[\p{M}\p{Cf}\p{Cc}'’‘‛`´ʹʻʼʽʾʿˈ′\u0640]/gu;

export function toLatin(word: string): string {
  // The acute and its like decompose to a space and a mark; as an apostrophe they must go before that.
  const plain = word.replace(SILENT, '').normalize('NFKD').replace(SILENT, '').toLowerCase().replace(/\p{M}/gu, '');
  const withDigraphs = plain.replace(/ου|ευ|αυ|γγ|γκ|γχ|μπ/g, (pair) => GREEK_DIGRAPHS.get(pair) ?? pair);
  return Array.from(withDigraphs, (letter) => LETTERS.get(letter) ?? letter).join('');
}

/** `from to  from to …`; "-" stands for nothing. */
function table(text: string): Map<string, string> {
  const parts = text.trim().split(/\s+/);
  const pairs = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) pairs.set(parts[i], parts[i + 1] === '-' ? '' : parts[i + 1]);
  return pairs;
}
