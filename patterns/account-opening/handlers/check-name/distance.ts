/**
 * The Damerau–Levenshtein distance: how many letters must be added, dropped, replaced or swapped with their neighbour. This is the
 * unrestricted form (Lowrance and Wagner, 1975), a true metric, unlike the shorter "optimal string alignment".
 */
export function distance(a: string, b: string): number {
  const tooFar = a.length + b.length;
  const width = b.length + 2;
  const cost = new Uint16Array((a.length + 2) * width);
  cost[0] = tooFar;
  for (let i = 0; i <= a.length; i++) {
    cost[(i + 1) * width] = tooFar;
    cost[(i + 1) * width + 1] = i;
  }
  for (let j = 0; j <= b.length; j++) {
    cost[j + 1] = tooFar;
    cost[width + j + 1] = j;
  }

  const lastRowOf = new Map<string, number>();
  for (let i = 1; i <= a.length; i++) {
    let lastColumn = 0;
    for (let j = 1; j <= b.length; j++) {
      const row = lastRowOf.get(b[j - 1]) ?? 0;
      const column = lastColumn;
      const same = a[i - 1] === b[j - 1];
      if (same) lastColumn = j;
      cost[(i + 1) * width + j + 1] = Math.min(
        cost[i * width + j] + (same ? 0 : 1),
        cost[(i + 1) * width + j] + 1,
        cost[i * width + j + 1] + 1,
        cost[row * width + column] + (i - row - 1) + 1 + (j - column - 1),
      );
    }
    lastRowOf.set(a[i - 1], i);
  }
  return cost[(a.length + 1) * width + b.length + 1];
}

/** From 1, the same word, to 0; all that is below `floor` is 0. */
export function similarity(a: string, b: string, floor = 0): number {
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 1;
  // Most words of a list are nothing like the applicant's: this tells so at a hundredth of the cost.
  if (1 - fewestSteps(a, b) / longest < floor) return 0;
  const value = 1 - distance(a, b) / longest;
  return value < floor ? 0 : value;
}

/** No step adds or takes away more than one letter of the alphabet, or changes the length by more than one. */
function fewestSteps(a: string, b: string): number {
  const inA = letters(a);
  const inB = letters(b);
  return Math.max(Math.abs(a.length - b.length), countBits(inA & ~inB), countBits(inB & ~inA));
}

/** The letters a–z that a word has, a bit for each; others share bits, which only makes the count smaller. */
function letters(word: string): number {
  let bits = 0;
  for (let i = 0; i < word.length; i++) bits |= 1 << (word.charCodeAt(i) & 31);
  return bits;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
