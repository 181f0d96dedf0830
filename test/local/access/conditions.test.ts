// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
import { compileConditions } from '../../../local/access/conditions';
import type { PolicyStatement } from '../../../local/cloud-types';

type Values = Record<string, readonly string[]>;

function holds(condition: PolicyStatement['Condition'], keys: Values): boolean {
  const context = { values: (key: string) => keys[key] };
  return compileConditions(condition, true).every((test) => test(context));
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
describe('each operator', () => {
  test.each<[string, string | readonly string[], string, boolean]>([
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', ['b', 'a'], 'a', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', 'a', 'a', false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringEqualsIgnoreCase', 'a.B', 'A.b', true],
    ['StringEqualsIgnoreCase', 'a.B', 'Axb', false],
    ['StringNotEqualsIgnoreCase', 'a', 'A', false],
    ['StringNotEqualsIgnoreCase', 'a', 'b', true],
    ['StringLike', 'a*c?', 'abbcd', true],
    ['StringLike', 'a*', 'Ab', false],
    ['StringLike', '', '', true],
    ['StringNotLike', 'a*', 'ab', false],
    ['StringNotLike', 'a*', 'ba', true],
    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', '10', 'ten', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThan', '10', '', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericLessThanEquals', '10', '11', false],
    ['NumericGreaterThan', '10', '11', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericGreaterThanEquals', '10', '9', false],
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateEquals', '1767225600', '2026-01-01T00:00:00Z', true],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateLessThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z', true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z', false],
    ['Bool', 'TRUE', 'true', true],
    ['Bool', 'false', 'true', false],
    ['BinaryEquals', 'QQ==', 'QQ==', true],
    ['BinaryEquals', 'QQ==', 'QQ', true],
    ['BinaryEquals', 'QQ==', 'Qg==', false],
    ['IpAddress', '203.0.113.0/24', '203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.9', false],
    ['IpAddress', '203.0.113.9', '203.0.113.9', true],
    ['IpAddress', '203.0.113.9', '203.0.113.8', false],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', ['10.0.0.0/8', '2001:db8::/32'], '2001:db8::1', true],
    ['IpAddress', '0.0.0.0/0', 'nowhere', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '10.0.0.1', true],
    ['ArnEquals', 'arn:aws:sns:*:123456789012:News', 'arn:aws:sns:eu-west-1:123456789012:News', true],
    ['ArnLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:News', true],
    ['ArnLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:999999999999:News', false],
    ['ArnNotEquals', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:News', false],
    ['ArnNotLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:Old', true],
  ])('%s %j of %s is %s', (operator, expected, actual, result) => {
    expect(holds({ [operator]: { 'My:Key': expected } }, { 'my:key': [actual] })).toBe(result);
  });
});

// "If the key that you specify in a policy condition is not present in the request context …"
describe('a key that is not there', () => {
  test.each<[string, string, boolean]>([
    ['StringEquals', 'a', false],
    ['StringLike', '*', false],
    ['StringNotEquals', 'a', true],
    ['StringNotLike', 'a', true],
    ['NumericLessThan', '1', false],
    ['NumericNotEquals', '1', true],
    ['DateNotEquals', '2026-01-01', true],
    ['Bool', 'false', false],
    ['NotIpAddress', '10.0.0.0/8', true],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', true],
    ['StringEqualsIfExists', 'a', true],
    ['StringNotEqualsIfExists', 'a', true],
    ['BoolIfExists', 'true', true],
    ['ForAllValues:StringEquals', 'a', true],
    ['ForAllValues:StringNotEquals', 'a', true],
    ['ForAnyValue:StringEquals', 'a', false],
    ['ForAnyValue:StringNotEquals', 'a', false],
    ['ForAnyValue:StringEqualsIfExists', 'a', true],
    ['Null', 'true', true],
    ['Null', 'false', false],
  ])('%s %s is %s', (operator, value, result) => {
    expect(holds({ [operator]: { key: value } }, {})).toBe(result);
    expect(holds({ [operator]: { key: value } }, { key: [] })).toBe(result);
  });

  test('Null is the other way round for a key that is there', () => {
    expect(holds({ Null: { key: 'true' } }, { key: ['x'] })).toBe(false);
    expect(holds({ Null: { key: 'false' } }, { key: ['x'] })).toBe(true);
  });

  test('IfExists checks a key that is there', () => {
    expect(holds({ StringEqualsIfExists: { key: 'a' } }, { key: ['b'] })).toBe(false);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
describe('several values', () => {
  test.each<[string, readonly string[], readonly string[], boolean]>([
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'a'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAllValues:StringLike', ['user-*'], ['user-1', 'user-2'], true],
    ['ForAnyValue:ArnLike', ['arn:aws:sns:*:*:N*'], ['x', 'arn:aws:sns:a:b:News'], true],
  ])('%s %j of %j is %s', (operator, expected, actual, result) => {
    expect(holds({ [operator]: { key: expected } }, { key: actual })).toBe(result);
  });

  test('need a set operator: without one the answer would be a guess', () => {
    expect(() => holds({ StringEquals: { key: 'a' } }, { key: ['a', 'b'] })).toThrow(/key has 2 values: "StringEquals" needs ForAllValues/);
  });
});

test('all operators and all keys must hold', () => {
  const condition = { StringEquals: { a: '1', b: '2' }, Bool: { c: 'true' } };
  expect(holds(condition, { a: ['1'], b: ['2'], c: ['true'] })).toBe(true);
  expect(holds(condition, { a: ['1'], b: ['3'], c: ['true'] })).toBe(false);
  expect(holds(condition, { a: ['1'], b: ['2'], c: ['false'] })).toBe(false);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
describe('a policy variable', () => {
  test.each<[string, string | readonly string[], Values, boolean]>([
    ['StringEquals', '${who}', { key: ['ann'], who: ['ann'] }, true],
    ['StringEquals', '${who}', { key: ['ann'] }, false],
    ['StringEquals', ['${who}', 'ann'], { key: ['ann'] }, true],
    // "Inverted condition operators … do match against a null value"
    ['StringNotEquals', '${who}', { key: ['ann'] }, true],
    ['StringNotLike', '${who}', {}, true],
    ['StringNotEquals', ['${who}', 'bob'], { key: ['ann'] }, true],
    ['StringNotEquals', ['${who}', 'bob'], { key: ['bob'] }, false],
    ['StringNotEquals', "${who, 'bob'}", { key: ['ann'] }, true],
    ['StringLike', '${who}', { key: ['ann'], who: ['ann', 'bob'] }, false],
    ['ArnLike', 'arn:aws:sns:*:*:${who}', { key: ['arn:aws:sns:a:b:ann'], who: ['ann'] }, true],
    ['NumericEquals', '${who}', { key: ['1'], who: ['1'] }, false],
  ])('%s %j with %j is %s', (operator, value, keys, result) => {
    expect(holds({ [operator]: { key: value } }, keys)).toBe(result);
  });
});

test.each(['StringEqual', 'stringequals', 'ForSomeValues:StringEquals', 'toString', 'NullIfExists'])('%s is no operator', (operator) => {
  expect(() => holds({ [operator]: { key: 'a' } }, {})).toThrow(`there is no condition operator "${operator}"`);
});

test('what is no address is refused', () => {
  expect(() => holds({ IpAddress: { key: '10.0.0' } }, {})).toThrow('"10.0.0" is no IP address');
});

test.each(['*', 'arn:aws:sns:*'])('%s is no ARN to compare with', (value) => {
  expect(() => holds({ ArnLike: { key: value } }, {})).toThrow(`"${value}" is no ARN of six parts`);
});
