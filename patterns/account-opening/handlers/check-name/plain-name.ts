import { consonants, sound } from './sound';
import { toLatin } from './transliterate';

/** One word of a name, in the forms that are compared. */
export interface Word {
  readonly text: string;
  readonly sound: string;
  readonly consonants: string;
  /** A single letter, standing for any name that begins with it. */
  readonly initial: boolean;
}

/** A name without case, marks, script, punctuation and particles. */
export interface PlainName {
  readonly words: readonly Word[];
  /** All letters in a row, particles too, family name last and first: "van der Meer" and "Vandermeer" are the same here. */
  readonly runs: readonly string[];
  /** How many words were written, particles too. */
  readonly written: number;
  /** Written in Arabic script, so without short vowels. */
  readonly unvowelled: boolean;
  /** Letters of a script that transliterate.ts doesn't know. */
  readonly unreadable: boolean;
}

/** Words that come and go between two spellings of one name. */
const PARTICLES = new Set(
  'van von vom zu zum zur der den dem ten ter het de del della dell di da das do dos du des la le las los el al as ar bin ibn bint ben abu y e af av st'.split(
    ' ',
  ),
);

/** Name parts (given, family) to a form that can be compared. */
export function plainName(...parts: readonly string[]): PlainName {
  const partWords = parts.map(wordsOf);
  const all = partWords.flat();
  const telling = all.filter((word) => !PARTICLES.has(word));
  // Le, Do and Ben are family names too: a name isn't stripped to one word.
  const kept = telling.length < 2 ? all : telling;
  return {
    words: kept.map((text) => ({ text, sound: sound(text), consonants: consonants(text), initial: text.length === 1 })),
    runs: [partWords.flat().join(''), partWords.toReversed().flat().join('')],
    written: all.length,
    unvowelled: parts.some((part) => /\p{Script=Arabic}/u.test(part)),
    unreadable: all.some((word) => /[^a-z]/.test(word)),
  };
}

function wordsOf(part: string): string[] {
  return part
    .replace(/(^|\s)ال(?=\S{2})/gu, '$1ال ') // the Arabic article is written onto its word
    .split(/[^\p{L}\p{M}\p{Cf}\p{Nd}'’‘‛`´ʹʻʼʽʾʿˈ′]+/u)
    .map((word) => toLatin(word).replace(/[^\p{L}]/gu, ''))
    .flatMap((word) => {
      // Abdulrahman, Abdurrahman, Abd al-Rahman, Abdellah: "servant of" and the article in one word or three.
      const servant = /^abd[aeu][lr]?(.*)$/.exec(word);
      return servant ? ['abd', servant[1]] : [word];
    })
    .filter((word) => word !== '');
}
