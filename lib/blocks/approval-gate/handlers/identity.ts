/** One person has one vote, whichever way the name is written. */
export function normaliseIdentity(identity: string): string {
  return identity.normalize('NFKC').trim().toLowerCase();
}
