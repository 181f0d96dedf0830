import { type AttributeValue, equal, type Item, parseValue, typeOf } from './attribute-value';
import { type DocumentPath, valueAt } from './document-path';
import { validationError } from './errors';
import { addNumbers, subtractNumbers } from './number';
import type { UpdateAction, UpdateOperand } from './update-parser';

/**
 * The item after an update. Every value is read from the item as it was, whatever the order of the actions. List elements that are
 * removed, or set past the end, leave holes that close at the very end: so `REMOVE l[0], l[1]` means the positions before the update.
 */
export function update(item: Item, actions: readonly UpdateAction[]): Item {
  const values = actions.map((action) => (action.kind === 'set' ? evaluate(item, action.value) : undefined));
  const draft = thaw({ M: item });
  for (const [index, action] of actions.entries()) {
    const place = placeOf(draft, action.path);
    if (action.kind === 'remove') place.set(undefined);
    else if (action.kind === 'set') place.set(thaw(values[index] as AttributeValue));
    else {
      const current = valueAt(item, action.path);
      const next = action.kind === 'add' ? add(current, action.value) : subtract(current, action.value);
      place.set(next && thaw(next));
    }
  }
  return (freeze(draft) as { M: Item }).M;
}

// biome-ignore lint/suspicious/noExplicitAny: an attribute value while it is changed, with holes in lists
type Draft = any;

function thaw(value: AttributeValue): Draft {
  if ('M' in value) return { M: new Map(Object.entries(value.M).map(([name, member]) => [name, thaw(member)])) };
  if ('L' in value) return { L: value.L.map(thaw) };
  return value;
}

function freeze(draft: Draft): AttributeValue {
  if (draft.M) return { M: Object.fromEntries([...draft.M].map(([name, member]) => [name, freeze(member)])) };
  // Object.values() skips holes without counting through them.
  if (draft.L)
    return {
      L: Object.values(draft.L)
        .filter((element) => element !== undefined)
        .map(freeze),
    };
  return draft;
}

function placeOf(root: Draft, path: DocumentPath): { set(value: Draft): void } {
  let parent = root;
  for (const element of path.slice(0, -1)) {
    parent = typeof element === 'string' ? parent?.M?.get(element) : parent?.L?.[element];
  }
  const last = path[path.length - 1];
  if (typeof last === 'string' ? !parent?.M : !parent?.L) {
    throw validationError('The document path provided in the update expression is invalid for update');
  }
  return {
    set(value) {
      if (typeof last === 'number') parent.L[last] = value;
      else if (value === undefined) parent.M.delete(last);
      else parent.M.set(last, value);
    },
  };
}

function evaluate(item: Item, operand: UpdateOperand): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') {
    const value = valueAt(item, operand.path);
    if (!value) throw validationError('The provided expression refers to an attribute that does not exist in the item');
    return value;
  }
  const [first, second] = operand.operands;
  if (operand.name === 'if_not_exists') {
    return (first.kind === 'path' ? valueAt(item, first.path) : undefined) ?? evaluate(item, second);
  }
  const left = evaluate(item, first);
  const right = evaluate(item, second);
  if (operand.name === 'list_append') {
    if (!('L' in left && 'L' in right)) throw incorrectType();
    return { L: [...left.L, ...right.L] };
  }
  if (!('N' in left && 'N' in right)) throw incorrectType();
  return { N: operand.name === '+' ? addNumbers(left.N, right.N) : subtractNumbers(left.N, right.N) };
}

function add(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (!current) return value;
  if (typeOf(current) !== typeOf(value)) throw incorrectType();
  if ('N' in current && 'N' in value) return { N: addNumbers(current.N, value.N) };
  const present = members(current);
  return setOf(current, [...present, ...members(value).filter((member) => !present.some((other) => equal(other, member)))]);
}

/** A set that loses its last member is no attribute any more. */
function subtract(current: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (!current) return undefined;
  if (typeOf(current) !== typeOf(value)) throw incorrectType();
  const removed = members(value);
  const rest = members(current).filter((member) => !removed.some((other) => equal(other, member)));
  return rest.length > 0 ? setOf(current, rest) : undefined;
}

function members(set: AttributeValue): readonly AttributeValue[] {
  if ('SS' in set) return set.SS.map((S) => ({ S }));
  if ('NS' in set) return set.NS.map((N) => ({ N }));
  if ('BS' in set) return set.BS.map((B) => ({ B }));
  throw incorrectType();
}

function setOf(like: AttributeValue, values: readonly AttributeValue[]): AttributeValue {
  return parseValue({ [typeOf(like)]: values.map((value) => Object.values(value)[0]) });
}

const incorrectType = () => validationError('An operand in the update expression has an incorrect data type');
