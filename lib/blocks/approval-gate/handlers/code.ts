/** Crockford's base 32: digits and letters without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 6;

/** A code of 30 bits, taken from the front of the bytes. */
export function codeOf(bytes: Buffer): string {
  const bits = bytes.readUInt32BE(0);
  return Array.from({ length: LENGTH }, (_, index) => ALPHABET[(bits >>> (27 - 5 * index)) & 31]).join('');
}

/** As people are shown it: `K7Q-X4M`. */
export function formatCode(code: string): string {
  return `${code.slice(0, 3)}-${code.slice(3)}`;
}

/** What somebody typed, as the code it stands for: any case, with or without separators, O for 0, I and L for 1. */
export function normaliseCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐-―_.·]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
}
