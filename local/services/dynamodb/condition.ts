import { type AttributeValue, equal, type Item, isOrdered, orderOf, typeOf } from './attribute-value';
import type { Comparator, Condition, Operand } from './condition-parser';
import { type DocumentPath, valueAt } from './document-path';

/** Whether an item fulfils a condition. A comparison with an attribute that isn't there, or that has another type, is false; `<>` is true. */
export function fulfils(item: Item, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return fulfils(item, condition.left) && fulfils(item, condition.right);
    case 'or':
      return fulfils(item, condition.left) || fulfils(item, condition.right);
    case 'not':
      return !fulfils(item, condition.condition);
    case 'comparison':
      return compare(condition.operator, evaluate(item, condition.left), evaluate(item, condition.right));
    case 'between': {
      const value = evaluate(item, condition.operand);
      return compare('>=', value, evaluate(item, condition.low)) && compare('<=', value, evaluate(item, condition.high));
    }
    case 'in': {
      const value = evaluate(item, condition.operand);
      return condition.candidates.some((candidate) => compare('=', value, evaluate(item, candidate)));
    }
    case 'function':
      return call(
        condition.name,
        condition.operands.map((operand) => evaluate(item, operand)),
      );
  }
}

/** Every attribute that a condition looks at. */
export function pathsOf(node: Condition | Operand): readonly DocumentPath[] {
  switch (node.kind) {
    case 'path':
      return [node.path];
    case 'value':
      return [];
    case 'and':
    case 'or':
    case 'comparison':
      return [...pathsOf(node.left), ...pathsOf(node.right)];
    case 'not':
      return pathsOf(node.condition);
    case 'between':
      return [node.operand, node.low, node.high].flatMap(pathsOf);
    case 'in':
      return [node.operand, ...node.candidates].flatMap(pathsOf);
    case 'function':
    case 'size':
      return node.operands.flatMap(pathsOf);
  }
}

function evaluate(item: Item, operand: Operand): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return valueAt(item, operand.path);
  const size = sizeOf(evaluate(item, operand.operands[0]));
  return size === undefined ? undefined : { N: String(size) };
}

function compare(operator: Comparator, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  if (operator === '=' || operator === '<>') {
    const same = left !== undefined && right !== undefined && equal(left, right);
    return same === (operator === '=');
  }
  if (!left || !right || typeOf(left) !== typeOf(right) || !isOrdered(typeOf(left))) return false;
  const [a, b] = [orderOf(left), orderOf(right)];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function call(name: string, [subject, argument]: readonly (AttributeValue | undefined)[]): boolean {
  switch (name) {
    case 'attribute_exists':
      return subject !== undefined;
    case 'attribute_not_exists':
      return subject === undefined;
    case 'attribute_type':
      return subject !== undefined && argument !== undefined && 'S' in argument && typeOf(subject) === argument.S;
    case 'begins_with':
      return subject !== undefined && argument !== undefined && beginsWith(subject, argument);
    case 'contains':
      return subject !== undefined && argument !== undefined && contains(subject, argument);
    default:
      throw new Error(`No condition function ${name}`);
  }
}

function beginsWith(subject: AttributeValue, prefix: AttributeValue): boolean {
  if (typeOf(subject) !== typeOf(prefix) || !('S' in subject || 'B' in subject)) return false;
  return orderOf(subject).startsWith(orderOf(prefix));
}

function contains(subject: AttributeValue, part: AttributeValue): boolean {
  if ('S' in subject) return 'S' in part && subject.S.includes(part.S);
  if ('B' in subject) return 'B' in part && orderOf(subject).includes(orderOf(part));
  if ('SS' in subject) return 'S' in part && subject.SS.includes(part.S);
  if ('NS' in subject) return 'N' in part && subject.NS.includes(part.N);
  if ('BS' in subject) return 'B' in part && subject.BS.some((member) => equal({ B: member }, part));
  return 'L' in subject && subject.L.some((element) => equal(element, part));
}

/** Characters, bytes, members or elements; other types have no size. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (!value) return undefined;
  if ('S' in value) return value.S.length;
  if ('B' in value) return value.B.byteLength;
  if ('M' in value) return Object.keys(value.M).length;
  if ('SS' in value) return value.SS.length;
  if ('NS' in value) return value.NS.length;
  if ('BS' in value) return value.BS.length;
  return 'L' in value ? value.L.length : undefined;
}
