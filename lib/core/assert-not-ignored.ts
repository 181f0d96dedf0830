/**
 * For props that say how something is made, beside one that supplies it.
 *
 * @throws with the names of those that were given; `supplied` says what is there instead
 */
export function assertNotIgnored(props: object, supplied: string): void {
  const ignored = Object.entries(props).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (ignored.length > 0) throw new Error(`${ignored.join(', ')} would change nothing: ${supplied}`);
}
