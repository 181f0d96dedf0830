/** What is synchronized. */
export interface Load {
  readonly objects: number;
  /** `first`: the destination is empty. `changed`: it has all but one key in a hundred. */
  readonly kind: 'first' | 'changed';
}

/** Of ten thousand keys, in a run that finds most as they are: so many have changed, are new, and are gone. */
const [CHANGED, NEW, GONE] = [60, 30, 10];

export const keyOf = (i: number): string => `data/${(i % 256).toString(16).padStart(2, '0')}/${String(i).padStart(8, '0')}.json`;

/** What becomes of the i-th key. */
export function fateOf(i: number, { kind }: Load): 'same' | 'changed' | 'new' | 'gone' {
  if (kind === 'first') return 'new';
  // A multiplication spreads the few over all keys.
  const lot = (i * 7919) % 10_000;
  if (lot < CHANGED) return 'changed';
  if (lot < CHANGED + NEW) return 'new';
  return lot < CHANGED + NEW + GONE ? 'gone' : 'same';
}
