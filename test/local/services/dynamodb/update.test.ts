import { parseItem } from '../../../../local/services/dynamodb/attribute-value';
import { readExpressions } from '../../../../local/services/dynamodb/expressions';
import { update } from '../../../../local/services/dynamodb/update';

const before = parseItem({
  id: { S: 'x' },
  n: { N: '10' },
  parts: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] },
  doc: { M: { k: { S: 'v' }, nest: { M: { x: { N: '1' } } } } },
  tags: { SS: ['a', 'b'] },
  marks: { NS: ['1', '2'] },
});

function apply(expression: string, values?: object, names?: Record<string, string>) {
  const input = { UpdateExpression: expression, ExpressionAttributeValues: values as never, ExpressionAttributeNames: names };
  return update(before, readExpressions(input).update ?? []);
}

/** What has changed, `undefined` for what is gone. */
function changed(...input: Parameters<typeof apply>) {
  const after = apply(...input);
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return Object.fromEntries(
    names
      .filter((name) => before[name] !== after[name] && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
      .map((name) => [name, after[name]]),
  );
}

const fault = (...input: Parameters<typeof apply>) => {
  try {
    apply(...input);
  } catch (error) {
    return (error as Error).message.replace(/^Invalid UpdateExpression: /, '');
  }
  return undefined;
};

const L = (...texts: string[]) => ({ L: texts.map((S) => ({ S })) });

test.each<[string, object | undefined, object]>([
  ['SET a = :v', { ':v': { S: '1' } }, { a: { S: '1' } }],
  ['set n = n + :v', { ':v': { N: '0.5' } }, { n: { N: '10.5' } }],
  ['SET n = :v - n', { ':v': { N: '3' } }, { n: { N: '-7' } }],
  ['SET a = (n + :v)', { ':v': { N: '1' } }, { a: { N: '11' } }],
  ['SET a = doc.nest.x + n', undefined, { a: { N: '11' } }],
  // Everything on the right is the item as it was.
  ['SET n = :v, a = n', { ':v': { N: '1' } }, { n: { N: '1' }, a: { N: '10' } }],
  ['SET a = n REMOVE n', undefined, { a: { N: '10' }, n: undefined }],
  ['SET a = if_not_exists(a, :v), n = if_not_exists(n, :v)', { ':v': { N: '1' } }, { a: { N: '1' } }],
  ['SET a = if_not_exists(a, n) + :v', { ':v': { N: '1' } }, { a: { N: '11' } }],
  ['SET parts = list_append(parts, :v)', { ':v': L('d') }, { parts: L('a', 'b', 'c', 'd') }],
  ['SET parts = list_append(:v, parts)', { ':v': L('0') }, { parts: L('0', 'a', 'b', 'c') }],
  ['SET a = list_append(if_not_exists(a, :none), :v)', { ':none': { L: [] }, ':v': L('d') }, { a: L('d') }],
  ['SET parts[1] = :v', { ':v': { S: 'B' } }, { parts: L('a', 'B', 'c') }],
  // Past the end is at the end, without gaps.
  ['SET parts[9] = :v, parts[7] = :w', { ':v': { S: 'z' }, ':w': { S: 'y' } }, { parts: L('a', 'b', 'c', 'y', 'z') }],
  ['SET parts[4000000000] = :v', { ':v': { S: 'z' } }, { parts: L('a', 'b', 'c', 'z') }],
  // Positions are those before the update.
  ['REMOVE parts[0], parts[1]', undefined, { parts: L('c') }],
  ['REMOVE parts[0] SET parts[2] = :v', { ':v': { S: 'C' } }, { parts: L('b', 'C') }],
  ['REMOVE parts[9], absent, doc.nope', undefined, {}],
  [
    'SET doc.k = :v, doc.nest.y = :v',
    { ':v': { S: 'w' } },
    { doc: { M: { k: { S: 'w' }, nest: { M: { x: { N: '1' }, y: { S: 'w' } } } } } },
  ],
  ['REMOVE doc.nest.x', undefined, { doc: { M: { k: { S: 'v' }, nest: { M: {} } } } }],
  ['ADD n :v, extra :v', { ':v': { N: '-2.5' } }, { n: { N: '7.5' }, extra: { N: '-2.5' } }],
  ['ADD tags :v', { ':v': { SS: ['c', 'a'] } }, { tags: { SS: ['a', 'b', 'c'] } }],
  ['ADD marks :v', { ':v': { NS: ['2.0', '1.5'] } }, { marks: { NS: ['1', '1.5', '2'] } }],
  ['DELETE tags :v', { ':v': { SS: ['a', 'z'] } }, { tags: { SS: ['b'] } }],
  ['DELETE tags :v, absent :v', { ':v': { SS: ['b', 'a'] } }, { tags: undefined }],
])('%s', (expression, values, expected) => expect(changed(expression, values)).toEqual(expected));

test.each<[string, string, object?]>([
  ['', 'The expression can not be empty;'],
  ['INVALID SYNTAX HERE', 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'],
  ['SET a = :v,', 'Syntax error; token: "<EOF>", near: ","', { ':v': { N: '1' } }],
  ['SET a = 5', 'Syntax error; token: "5", near: "= 5"'],
  ['SET a = n + :v + :v', 'Syntax error; token: "+", near: ":v + :v"', { ':v': { N: '1' } }],
  ['SET name = :v', 'Attribute name is a reserved keyword; reserved keyword: name', { ':v': { N: '1' } }],
  ['SET a = :v SET b = :v', 'The "SET" section can only be used once in an update expression;', { ':v': { N: '1' } }],
  [
    'SET a = :v, a = :v',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
    { ':v': { N: '1' } },
  ],
  [
    'SET a.b = :v REMOVE a',
    'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]',
    { ':v': { N: '1' } },
  ],
  [
    'SET a[0] = :v, a.b = :v',
    'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [0]], path two: [a, b]',
    { ':v': { N: '1' } },
  ],
  ['SET a = foo(:v)', 'Invalid function name; function: foo', { ':v': { N: '1' } }],
  [
    'SET a = list_append(parts)',
    'Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1',
  ],
  [
    'SET a = list_append(parts, :v)',
    'Incorrect operand type for operator or function; operator or function: list_append, operand type: S',
    { ':v': { S: '' } },
  ],
  ['SET a = n + :v', 'Incorrect operand type for operator or function; operator or function: +, operand type: S', { ':v': { S: '1' } }],
  [
    'SET a = if_not_exists(:v, :v)',
    'Operator or function requires a document path; operator or function: if_not_exists',
    { ':v': { N: '1' } },
  ],
  ['ADD a :v', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING', { ':v': { S: '1' } }],
  ['DELETE a :v', 'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER', { ':v': { N: '1' } }],
  ['SET a = :v', 'An expression attribute value used in expression is not defined; attribute value: :v'],
  ['SET a = absent', 'The provided expression refers to an attribute that does not exist in the item'],
  ['SET absent.a = :v', 'The document path provided in the update expression is invalid for update', { ':v': { N: '1' } }],
  ['SET n.a = :v', 'The document path provided in the update expression is invalid for update', { ':v': { N: '1' } }],
  ['REMOVE absent.a', 'The document path provided in the update expression is invalid for update'],
  ['SET a = id + :v', 'An operand in the update expression has an incorrect data type', { ':v': { N: '1' } }],
  ['ADD tags :v', 'An operand in the update expression has an incorrect data type', { ':v': { NS: ['1'] } }],
  ['ADD id :v', 'An operand in the update expression has an incorrect data type', { ':v': { N: '1' } }],
])('%s is refused', (expression, message, ...values) => expect(fault(expression, ...values)).toBe(message));

test('the item before is not touched', () => {
  const copy = structuredClone(before);
  apply('SET doc.nest.x = :v, parts[0] = :v REMOVE parts[1] ADD n :v DELETE tags :t', { ':v': { N: '1' }, ':t': { SS: ['a'] } });
  expect(before).toEqual(copy);
});
