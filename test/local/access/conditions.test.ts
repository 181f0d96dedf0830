// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
import { compileConditions } from '../../../local/access/conditions';
import type { PolicyStatement } from '../../../local/cloud-types';

type Values = Record<string, readonly string[]>;

function holds(condition: PolicyStatement['Condition'], keys: Values): boolean {
  const context = { values: (key: string) => keys[key] };
  return compileConditions(condition, true).every((one) => one.holds(context));
}

// What each operator makes of which values is in evaluation-table.test.ts.
test('a key without values is one that is not there', () => {
  expect(holds({ StringEquals: { key: 'a' } }, { key: [] })).toBe(false);
  expect(holds({ StringNotEquals: { key: 'a' } }, { key: [] })).toBe(true);
  expect(holds({ Null: { key: 'true' } }, { key: [] })).toBe(true);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
test('several values need a set operator: without one the answer would be a guess', () => {
  expect(() => holds({ StringEquals: { key: 'a' } }, { key: ['a', 'b'] })).toThrow(/key has 2 values: "StringEquals" needs ForAllValues/);
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
