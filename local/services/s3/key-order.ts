/**
 * S3 lists keys by their UTF-8 bytes, JavaScript compares UTF-16 units: they differ where a surrogate pair (U+10000 and up) meets
 * U+E000 to U+FFFF. With those two ranges changed over, comparing units is comparing bytes.
 */
const HIGH = /[\uD800-\uFFFF]/;

export function toOrdered(key: string): string {
  return HIGH.test(key) ? shifted(key, (unit) => (unit < 0xe000 ? unit + 0x2000 : unit - 0x800)) : key;
}

export function fromOrdered(ordered: string): string {
  return HIGH.test(ordered) ? shifted(ordered, (unit) => (unit < 0xf800 ? unit + 0x800 : unit - 0x2000)) : ordered;
}

function shifted(text: string, shift: (unit: number) => number): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    result += unit < 0xd800 ? text[i] : String.fromCharCode(shift(unit));
  }
  return result;
}
