import { distance, similarity } from './distance';
import type { PlainName, Word } from './plain-name';

/**
 * How alike two words must be to count as the same word at all: one slip in four letters, two in eight. Below it a pair counts
 * nothing, so that a name can't be matched by half-likenesses adding up.
 */
const WORD_FLOOR = 0.75;
/** The same sound in another spelling (sound.ts) is nearly, not wholly, the same word. */
const SAME_SOUND = 0.98;
/** The same consonants, where the vowels aren't written. */
const SAME_CONSONANTS = 0.92;
/** "V." for "Viktor" fits, but says little, so that it also weighs little. */
const INITIAL_LIKENESS = 0.7;
const INITIAL_WEIGHT = 0.3;
/** A word that only one name has (a middle name, a patronymic, a second family name) when two or more others meet … */
const EXTRA_WORD = 0.15;
/** … and when only one meets: a shared family name alone is no match. */
const EXTRA_WORD_BESIDE_ONE = 0.25;
/** All letters of both names in a row are the same, or differ by one: the words were only divided differently. */
const SAME_RUN = 0.96;
const NEARLY_SAME_RUN = 0.9;
const SHORTEST_RUN = 10;

/**
 * How alike two names are, from 0 to 1, whatever the order of their words: the mean likeness of the pairs that fit best, less something
 * for each word left over.
 */
export function likeness(a: PlainName, b: PlainName): number {
  return Math.max(byWords(a, b), byRuns(a, b));
}

function byWords(a: PlainName, b: PlainName): number {
  const unvowelled = a.unvowelled !== b.unvowelled;
  const candidates = a.words
    .flatMap((left) => b.words.map((right) => ({ left, right, likeness: wordLikeness(left, right, unvowelled) })))
    .filter((pair) => pair.likeness >= (isInitial(pair) ? INITIAL_LIKENESS : WORD_FLOOR))
    .sort((x, y) => y.likeness - x.likeness);

  // Best pair first. Names are a few words, mostly unlike each other, so that this finds the best assignment.
  const used = new Set<Word>();
  const pairs = candidates.filter(({ left, right }) => {
    if (used.has(left) || used.has(right)) return false;
    used.add(left).add(right);
    return true;
  });
  if (!pairs.some((pair) => !isInitial(pair))) return 0;

  let likenesses = 0;
  let weights = 0;
  for (const pair of pairs) {
    const weight = isInitial(pair) ? INITIAL_WEIGHT : 1;
    likenesses += weight * pair.likeness;
    weights += weight;
  }
  const extra = pairs.length > 1 ? EXTRA_WORD : EXTRA_WORD_BESIDE_ONE;
  const left = [...a.words, ...b.words].filter((word) => !used.has(word));
  const leftWeight = left.reduce((sum, word) => sum + (word.initial ? INITIAL_WEIGHT : 1), 0);
  return likenesses / (weights + extra * leftWeight);
}

function wordLikeness(a: Word, b: Word, unvowelled: boolean): number {
  if (a.text === b.text) return 1;
  if (a.initial || b.initial) return a.text[0] === b.text[0] ? INITIAL_LIKENESS : 0;
  if (a.sound === b.sound) return SAME_SOUND;
  if (unvowelled && a.consonants.length > 1 && a.consonants === b.consonants) return SAME_CONSONANTS;
  return Math.max(similarity(a.text, b.text, WORD_FLOOR), SAME_SOUND * similarity(a.sound, b.sound, WORD_FLOOR));
}

function isInitial({ left, right }: { left: Word; right: Word }): boolean {
  return left.initial || right.initial;
}

function byRuns(a: PlainName, b: PlainName): number {
  if (a.written === b.written) return 0;
  let best = 0;
  for (const run of a.runs) {
    const other = b.runs[0];
    if (run === other) return SAME_RUN;
    // Lengths are compared first: an edit can't bridge more, and most names end here.
    const close = Math.min(run.length, other.length) >= SHORTEST_RUN && Math.abs(run.length - other.length) <= 1;
    if (close && distance(run, other) <= 1) best = NEARLY_SAME_RUN;
  }
  return best;
}
