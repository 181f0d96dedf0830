import { type AttributeValue, orderOf, typeOf } from './attribute-value';
import type { KeyRange } from './collection';
import { type Comparator, type Condition, isOperand, type Operand } from './condition-parser';
import { invalidParameterValues, validationError } from './errors';
import { type KeyAttribute, type KeySchema, keyAttributes } from './key-schema';

type Operator = Exclude<Comparator, '<>'> | 'BETWEEN' | 'begins_with';

interface Term {
  readonly attribute: string;
  readonly operator: Operator;
  readonly values: readonly AttributeValue[];
}

const REVERSED: Readonly<Record<Exclude<Comparator, '<>'>, Operator>> = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `partition key = value`, and at most one condition on the sort key. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html */
export function readTerms(condition: Condition): readonly Term[] {
  const terms = flatten(condition).map(readTerm);
  if (new Set(terms.map(({ attribute }) => attribute)).size < terms.length) {
    throw validationError('Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key');
  }
  return terms;
}

export function keyRange(terms: readonly Term[], schema: KeySchema): KeyRange {
  const attributes = keyAttributes(schema);
  if (terms.length > attributes.length) {
    throw validationError(
      `The number of query conditions (${terms.length}) exceeds the number of key attributes defined in the schema (${attributes.length})`,
    );
  }
  checkSortKey(terms, attributes.slice(schema.hash.length));
  // The whole partition key, then the sort key's attributes from the left.
  const used = attributes.slice(0, Math.max(terms.length, schema.hash.length)).map((attribute) => termFor(attribute, terms));
  const hash = used.slice(0, schema.hash.length);
  const range = used.slice(schema.hash.length);
  if (hash.some(({ operator }) => operator !== '=')) throw validationError('Query key condition not supported');
  const sides = range.map(sideOf);
  return {
    hash: hash.map(({ values: [value] }) => orderOf(value)),
    side: (order) => {
      for (const [i, side] of sides.entries()) {
        const found = side(order[i]);
        if (found !== 0) return found;
      }
      return 0;
    },
  };
}

/** Of a sort key's attributes, those before the last that is named need an equality each. */
function checkSortKey(terms: readonly Term[], attributes: readonly KeyAttribute[]): void {
  const named = (name: string) => terms.find(({ attribute }) => attribute === name);
  const last = attributes.findLastIndex(({ name }) => named(name));
  const lacking = attributes.slice(0, Math.max(last, 0)).filter(({ name }) => named(name)?.operator !== '=');
  if (lacking.length === 0) return;
  const names = lacking.map(({ name }) => name).join(', ');
  throw validationError(
    `RANGE key attributes ${names} must have equality conditions specified in the query because a condition is present on key attribute ${attributes[last].name}`,
  );
}

function flatten(condition: Condition): readonly Exclude<Condition, { kind: 'and' }>[] {
  return condition.kind === 'and' ? [...flatten(condition.left), ...flatten(condition.right)] : [condition as never];
}

function readTerm(condition: Condition): Term {
  if (condition.kind === 'or' || condition.kind === 'not' || condition.kind === 'in') throw invalidOperator(condition.kind.toUpperCase());
  if (condition.kind === 'comparison') {
    const { operator, left, right } = condition;
    if (operator === '<>') throw invalidOperator(operator);
    return right.kind === 'path' && left.kind !== 'path' ? term(right, REVERSED[operator], [left]) : term(left, operator, [right]);
  }
  if (condition.kind === 'between') {
    const { operand, low, high } = condition;
    if (operand.kind !== 'path') throw notFirst('BETWEEN');
    return term(operand, 'BETWEEN', [low, high]);
  }
  if (condition.kind !== 'function' || condition.name !== 'begins_with') throw invalidOperator((condition as { name: string }).name);
  const [first, ...rest] = condition.operands;
  if (first.kind !== 'path') throw notFirst('begins_with');
  return term(first, 'begins_with', rest);
}

function term(subject: Operand, operator: Operator, operands: readonly Operand[]): Term {
  if ([subject, ...operands].some(({ kind }) => kind === 'size')) {
    throw validationError('KeyConditionExpressions cannot contain nested operations');
  }
  if (subject.kind !== 'path') throw validationError('Invalid condition in KeyConditionExpression: No key attribute specified');
  if (subject.path.length > 1) throw validationError('KeyConditionExpressions cannot have conditions on nested attributes');
  const values = operands.map((operand) => {
    if (isOperand(operand) && operand.kind === 'value') return operand.value;
    throw validationError('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition');
  });
  return { attribute: String(subject.path[0]), operator, values };
}

function termFor({ name, type }: KeyAttribute, terms: readonly Term[]): Term {
  const found = terms.find(({ attribute }) => attribute === name);
  if (!found) throw validationError(`Query condition missed key schema element: ${name}`);
  for (const value of found.values) {
    if (typeOf(value) !== type) throw invalidParameterValues('Condition parameter type does not match schema type');
    if (('S' in value && value.S === '') || ('B' in value && value.B.byteLength === 0)) {
      throw validationError(
        `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'S' ? 'string' : 'binary'} value. Key: ${name}`,
      );
    }
  }
  return found;
}

/** Whether a sort key lies before what a term takes (-1), in it (0) or behind it (1). Every operator takes what lies together. */
function sideOf({ operator, values }: Term): (order: string) => number {
  const [low, high] = values.map(orderOf);
  switch (operator) {
    case '=':
      return (order) => (order < low ? -1 : order > low ? 1 : 0);
    case '<':
      return (order) => (order < low ? 0 : 1);
    case '<=':
      return (order) => (order <= low ? 0 : 1);
    case '>':
      return (order) => (order > low ? 0 : -1);
    case '>=':
      return (order) => (order >= low ? 0 : -1);
    case 'BETWEEN':
      return (order) => (order < low ? -1 : order > high ? 1 : 0);
    case 'begins_with':
      return (order) => (order.startsWith(low) ? 0 : order < low ? -1 : 1);
  }
}

const invalidOperator = (operator: string) => validationError(`Invalid operator used in KeyConditionExpression: ${operator}`);

const notFirst = (operator: string) =>
  validationError(`Invalid condition in KeyConditionExpression: ${operator} operator must have the key attribute as its first operand`);
