import type { AttributeValue, Item } from './attribute-value';
import { validationError } from './errors';
import { numberSize } from './number';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
const MAX_ITEM_SIZE = 400 * 1024;

/** In bytes. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export function itemSize(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueSize(value), 0);
}

export function checkItemSize(item: Item, subject: 'Item size' | 'Item size to update'): void {
  if (itemSize(item) > MAX_ITEM_SIZE) throw validationError(`${subject} has exceeded the maximum allowed size`);
}

/** A document costs three bytes, and one for each element. */
function valueSize(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return value.B.byteLength;
  if ('SS' in value) return sum(value.SS, (member) => Buffer.byteLength(member));
  if ('NS' in value) return sum(value.NS, numberSize);
  if ('BS' in value) return sum(value.BS, (member) => member.byteLength);
  if ('L' in value) return 3 + sum(value.L, (element) => 1 + valueSize(element));
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

function sum<T>(members: readonly T[], size: (member: T) => number): number {
  return members.reduce((total, member) => total + size(member), 0);
}
