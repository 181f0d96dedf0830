/**
 * `Fn::Cidr`: the first `count` blocks with `hostBits` host bits out of a block.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, hostBits?: number): string[] {
  const [address, length] = block.split('/');
  const v6 = address.includes(':');
  const width = v6 ? 128 : 32;
  const prefix = Number(length);
  const bits = hostBits ?? (v6 ? 64 : 8);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > width) throw new Error(`"${block}" is not a CIDR block`);
  if (!Number.isInteger(count) || count < 1 || count > 256) throw new Error(`the count of blocks is ${count}, which is not 1 to 256`);
  if (!Number.isInteger(bits) || bits < 1 || bits > width - prefix || BigInt(count) > 1n << BigInt(width - prefix - bits)) {
    throw new Error(`"${block}" has no room for ${count} blocks of ${bits} host bits`);
  }
  const base = (parse(address, v6) >> BigInt(width - prefix)) << BigInt(width - prefix);
  return Array.from({ length: count }, (_, index) => `${format(base + (BigInt(index) << BigInt(bits)), v6)}/${width - bits}`);
}

function parse(address: string, v6: boolean): bigint {
  if (!v6) {
    const bytes = address.split('.').map(Number);
    if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) {
      throw new Error(`"${address}" is not an IPv4 address`);
    }
    return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
  const [head, tail] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail] : head;
  if (groups.length !== 8 || groups.some((group) => !/^[\da-f]{1,4}$/i.test(group))) throw new Error(`"${address}" is not an IPv6 address`);
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

function format(value: bigint, v6: boolean): string {
  if (!v6) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':');
  const longest = [...groups.matchAll(/\b0(:0)+\b/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (!longest) return groups;
  const before = groups.slice(0, longest.index).replace(/:$/, '');
  const after = groups.slice(longest.index + longest[0].length).replace(/^:/, '');
  return `${before}::${after}`;
}
