/** Part of every fingerprint: another recipe makes other segments. */
export const RECIPE = 1;
