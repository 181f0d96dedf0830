/**
 * Patterns with `*` (any text) and `?` (one character), compared with each other and not with a value.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html#reference_policies_elements_resource_wildcards
 */

/** Whether some text fits both. */
export function intersects(one: string, other: string): boolean {
  return compare(one, other, (a, b) => a === b || a === '?' || b === '?', true);
}

/** Whether every text that fits `narrow` fits `wide`. Where it is hard to tell it says no. */
export function covers(wide: string, narrow: string): boolean {
  return compare(wide, narrow, (a, b) => a === b || a === '?', false);
}

/**
 * Fills a table from the ends of both: whether the rest of `one` goes with the rest of `other`.
 * @param symmetric whether a `*` of `other` may stand for characters of `one`; otherwise only a `*` of `one` takes it
 */
function compare(one: string, other: string, same: (a: string, b: string) => boolean, symmetric: boolean): boolean {
  let below: boolean[] = [];
  for (let i = one.length; i >= 0; i--) {
    const row: boolean[] = new Array(other.length + 1);
    for (let j = other.length; j >= 0; j--) {
      const [a, b] = [one[i], other[j]];
      if (a === undefined && b === undefined) row[j] = true;
      else if (a === '*') row[j] = below[j] || (b !== undefined && row[j + 1]);
      else if (b === '*') row[j] = symmetric && (row[j + 1] || (a !== undefined && below[j]));
      else row[j] = a !== undefined && b !== undefined && same(a, b) && below[j + 1];
    }
    below = row;
  }
  return below[0];
}
