import { parseItem } from '../../../../local/services/dynamodb/attribute-value';
import { fulfils } from '../../../../local/services/dynamodb/condition';
import { readExpressions } from '../../../../local/services/dynamodb/expressions';

const item = parseItem({
  id: { S: 'x-1' },
  n: { N: '10' },
  word: { S: 'hello' },
  bin: { B: Uint8Array.from([1, 2, 3]) },
  flag: { BOOL: true },
  nothing: { NULL: true },
  tags: { SS: ['b', 'a'] },
  marks: { NS: ['1', '2.50'] },
  blobs: { BS: [Uint8Array.from([9])] },
  parts: { L: [{ S: 'a' }, { N: '2' }, { M: { deep: { L: [{ S: 'end' }] } } }] },
  doc: { M: { k: { S: 'v' }, 'a.b': { N: '1' }, constructor: { S: 'c' } } },
});

function condition(expression: string, values?: object, names?: Record<string, string>) {
  return readExpressions({ ConditionExpression: expression, ExpressionAttributeValues: values as never, ExpressionAttributeNames: names })
    .condition as NonNullable<ReturnType<typeof readExpressions>['condition']>;
}

const holds = (expression: string, values?: object, names?: Record<string, string>) => fulfils(item, condition(expression, values, names));
const fault = (expression: string, values?: object, names?: Record<string, string>) => {
  try {
    condition(expression, values, names);
  } catch (error) {
    return (error as Error).message.replace(/^Invalid ConditionExpression: /, '');
  }
  return undefined;
};

describe('true', () => {
  test.each<[string, object?, Record<string, string>?]>([
    ['n = :v', { ':v': { N: '1e1' } }],
    ['n <> :v', { ':v': { S: '10' } }],
    ['absent <> :v', { ':v': { S: '10' } }],
    ['n > :v', { ':v': { N: '9' } }],
    ['n >= :v AND n <= :v', { ':v': { N: '10.0' } }],
    ['word < :v', { ':v': { S: 'help' } }],
    ['bin > :v', { ':v': { B: Uint8Array.from([1, 2]) } }],
    ['n BETWEEN :a AND :b AND word = :t', { ':a': { N: '9' }, ':b': { N: '10' }, ':t': { S: 'hello' } }],
    ['n IN (:a, :b)', { ':a': { S: '10' }, ':b': { N: '10' } }],
    ['tags = :v', { ':v': { SS: ['a', 'b'] } }],
    ['marks = :v', { ':v': { NS: ['2.5', '1.0'] } }],
    ['doc = :v', { ':v': { M: { 'a.b': { N: '1.0' }, k: { S: 'v' }, constructor: { S: 'c' } } } }],
    ['attribute_exists(parts[2].deep[0])'],
    ['attribute_not_exists(parts[3])'],
    ['attribute_not_exists(parts.x) AND attribute_not_exists(n.x) AND attribute_not_exists(toString)'],
    ['attribute_exists(doc.#c)', undefined, { '#c': 'constructor' }],
    ['doc.#ab = :one', { ':one': { N: '1' } }, { '#ab': 'a.b' }],
    ['attribute_type(nothing, :t)', { ':t': { S: 'NULL' } }],
    ['begins_with(word, :v)', { ':v': { S: 'hel' } }],
    ['begins_with(bin, :v)', { ':v': { B: Uint8Array.from([1, 2]) } }],
    ['contains(word, :v)', { ':v': { S: 'ell' } }],
    ['contains(bin, :v)', { ':v': { B: Uint8Array.from([2, 3]) } }],
    ['contains(tags, :v)', { ':v': { S: 'a' } }],
    ['contains(marks, :v)', { ':v': { N: '2.5' } }],
    ['contains(blobs, :v)', { ':v': { B: Uint8Array.from([9]) } }],
    ['contains(parts, :v)', { ':v': { N: '2.0' } }],
    ['size(word) = :five AND size(parts) < :five AND size(tags) = :two', { ':five': { N: '5' }, ':two': { N: '2' } }],
    [':v < n', { ':v': { N: '1' } }],
    ['not n = :v', { ':v': { N: '1' } }],
    ['n = :v or n = :w and word = :w', { ':v': { N: '10' }, ':w': { N: '1' } }],
    ['(n = :v OR n = :w) AND (word) = (:t)', { ':v': { N: '10' }, ':w': { N: '1' }, ':t': { S: 'hello' } }],
    ['NOT (n = :w AND word = :t)', { ':w': { N: '1' }, ':t': { S: 'hello' } }],
    ['#n = :v', { ':v': { N: '10' } }, { '#n': 'n' }],
  ])('%s', (...input) => expect(holds(...input)).toBe(true));
});

describe('false', () => {
  test.each<[string, object?, Record<string, string>?]>([
    ['n = :v', { ':v': { S: '10' } }],
    ['absent = :v', { ':v': { S: '' } }],
    ['absent < :v', { ':v': { S: 'z' } }],
    ['nowhere = absent'],
    ['n < :v', { ':v': { N: '9' } }],
    ['n < :v', { ':v': { S: '99' } }],
    ['n BETWEEN :a AND :b', { ':a': { N: '11' }, ':b': { N: '12' } }],
    ['NOT attribute_exists(n)'],
    ['size(n) = :v', { ':v': { N: '2' } }],
    ['contains(word, :v)', { ':v': { N: '1' } }],
    ['contains(doc, :v)', { ':v': { S: 'k' } }],
    ['begins_with(n, :v)', { ':v': { S: '1' } }],
    ['(n = :v OR n = :w) AND word = :w', { ':v': { N: '10' }, ':w': { N: '1' } }],
  ])('%s', (...input) => expect(holds(...input)).toBe(false));
});

describe('refused', () => {
  test.each<[string, string, object?, Record<string, string>?]>([
    ['', 'The expression can not be empty;'],
    ['n', 'Syntax error; token: "<EOF>", near: "n"'],
    ['attribute_not_exists(', 'Syntax error; token: "<EOF>", near: "("'],
    ['n = 5', 'Syntax error; token: "5", near: "= 5"'],
    ['n == :v', 'Syntax error; token: "=", near: "== :v"', { ':v': { N: '1' } }],
    ['n = :v AND', 'Syntax error; token: "<EOF>", near: "AND"', { ':v': { N: '1' } }],
    ['n AND n = :v', 'Syntax error; token: "AND", near: "n AND n"', { ':v': { N: '1' } }],
    ['n = :v n', 'Syntax error; token: "n", near: ":v n"', { ':v': { N: '1' } }],
    ['a-b = :v', 'Syntax error; token: "-", near: "a-b"', { ':v': { N: '1' } }],
    ['a[b] = :v', 'Syntax error; token: "b", near: "[b]"', { ':v': { N: '1' } }],
    ['status = :v', 'Attribute name is a reserved keyword; reserved keyword: status', { ':v': { N: '1' } }],
    ['doc.Name = :v', 'Attribute name is a reserved keyword; reserved keyword: Name', { ':v': { N: '1' } }],
    ['size = :v', 'Attribute name is a reserved keyword; reserved keyword: size', { ':v': { N: '1' } }],
    ['((n = :v))', 'The expression has redundant parentheses;', { ':v': { N: '1' } }],
    ['exists(n)', 'Invalid function name; function: exists'],
    ['size(n)', 'The function is not allowed to be used this way in an expression; function: size'],
    [
      'attribute_exists(n) = :v',
      'The function is not allowed to be used this way in an expression; function: attribute_exists',
      { ':v': { N: '1' } },
    ],
    [
      'attribute_exists(n, word)',
      'Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2',
    ],
    ['attribute_exists(:v)', 'Operator or function requires a document path; operator or function: attribute_exists', { ':v': { N: '1' } }],
    [
      'begins_with(n, :v)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
      { ':v': { N: '1' } },
    ],
    ['n < :v', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL', { ':v': { BOOL: true } }],
    [
      'attribute_type(n, :v)',
      'Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
      { ':v': { S: 'X' } },
    ],
    ['n = :v', 'An expression attribute value used in expression is not defined; attribute value: :v'],
    ['#n = :v', 'An expression attribute name used in the document path is not defined; attribute name: #n', { ':v': { N: '1' } }],
    [
      'contains(#n, n)',
      'The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [n]',
      undefined,
      { '#n': 'n' },
    ],
    [
      'n BETWEEN :a AND :b',
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
      { ':a': { N: '2' }, ':b': { N: '1' } },
    ],
  ])('%s', (expression, message, ...placeholders) => expect(fault(expression, ...placeholders)).toBe(message));

  test('what nothing uses', () => {
    expect(fault('attribute_exists(n)', { ':v': { N: '1' }, ':w': { N: '1' } })).toBe(
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:v, :w}',
    );
    expect(fault('attribute_exists(n)', undefined, { '#n': 'n' })).toBe(
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}',
    );
  });

  test('placeholders of the wrong form', () => {
    expect(fault('attribute_exists(n)', {})).toBe('ExpressionAttributeValues must not be empty');
    expect(fault('attribute_exists(n)', { v: { N: '1' } })).toBe('ExpressionAttributeValues contains invalid key: Syntax error; key: "v"');
    expect(fault('attribute_exists(n)', undefined, { n: 'n' })).toBe(
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "n"',
    );
  });

  test('classes of error in their order: parentheses, function, reserved word, then clause by clause', () => {
    expect(fault('status = :v AND foo(a) AND ((b = :v))')).toBe('The expression has redundant parentheses;');
    expect(fault('status = :v AND foo(a)')).toBe('Invalid function name; function: foo');
    expect(fault('a = :missing AND status = :v')).toBe('Attribute name is a reserved keyword; reserved keyword: status');
    const values = { ':n': { N: '1' } };
    expect(fault('a = :missing AND begins_with(b, :n)', values)).toContain('attribute value: :missing');
    expect(fault('begins_with(b, :n) AND a = :missing', values)).toContain('operand type: N');
  });

  test('more than 4 KB', () => {
    const long = `attribute_exists(${'a'.repeat(4079)})`;
    expect(fault(long.replace('aa', 'a'))).toBeUndefined();
    expect(fault(long)).toBe('Expression size has exceeded the maximum allowed size; expression size: 4097');
  });
});
