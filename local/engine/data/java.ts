/** Where the Java that AWS runs shows in results. */
import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';

const MULTIPLIER = 0x5_de_ec_e6_6dn;
const MASK = (1n << 48n) - 1n;

/** `java.util.Random`. @param seed an integer */
export class JavaRandom {
  private state: bigint;

  constructor(seed: number) {
    this.state = (BigInt(seed) ^ MULTIPLIER) & MASK;
  }

  /** From 0 to `bound`, excluded. @param bound from 1 to 2^31 - 1 */
  integer(bound: number): number {
    if ((bound & (bound - 1)) === 0) return Number((BigInt(bound) * BigInt(this.bits(31))) >> 31n);
    for (;;) {
      const bits = this.bits(31);
      // Those beyond the last whole multiple of the bound would come too often.
      if (bits - (bits % bound) + (bound - 1) < 2 ** 31) return bits % bound;
    }
  }

  /** In [0, 1). */
  double(): number {
    return (this.bits(26) * 2 ** 27 + this.bits(27)) / 2 ** 53;
  }

  private bits(count: number): number {
    this.state = (this.state * MULTIPLIER + 0xbn) & MASK;
    return Number(this.state >> BigInt(48 - count));
  }
}

/** Values, all different, in the order in which a `java.util.HashSet` gives them. */
export function inHashSetOrder(values: readonly Json[]): Json[] {
  let capacity = 16;
  while (values.length > capacity * 0.75) capacity *= 2;
  const bucket = (value: Json) => {
    const hash = hashCode(value);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return values
    .map((value) => ({ value, bucket: bucket(value) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ value }) => value);
}

function hashCode(value: Json): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1231 : 1237;
  if (typeof value === 'number') return hashOfNumber(value);
  if (typeof value === 'string') return hashOfText(value);
  if (Array.isArray(value)) return value.reduce<number>((hash, item) => (Math.imul(hash, 31) + hashCode(item)) | 0, 1);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce((sum, [key, item]) => (sum + (hashOfText(key) ^ hashCode(item))) | 0, 0);
}

function hashOfText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** Of an Integer, a Long or a Double, whichever the number would be. */
function hashOfNumber(value: number): number {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  const view = new DataView(new ArrayBuffer(8));
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) view.setBigInt64(0, BigInt(value));
  else view.setFloat64(0, value);
  return view.getInt32(0) ^ view.getInt32(4);
}
