import { App, Stack, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { InputField, InputValidation, ObservedStateMachine } from '../../../lib';
import type { Json } from '../../../local/cloud-types';
import { runDefinition } from '../../support/run-definition';

const fields = {
  id: InputField.ofString({ maxLength: 5, pattern: '[a-z/]+', format: 'lower case' }),
  name: InputField.ofObject({
    given: InputField.ofString(),
    age: InputField.ofNumber({ min: 0, max: 150, integer: true, optional: true }),
  }),
  tags: InputField.ofArray({ minItems: 1, maxItems: 2, optional: true }),
  kind: InputField.ofString({ oneOf: ['a', 'b'], optional: true }),
  agreed: InputField.ofBoolean({ optional: true }),
};

async function validate(input: Json) {
  const stack = new Stack(new App(), 'Test');
  const validation = new InputValidation(stack, 'Input', { fields });
  new ObservedStateMachine(stack, 'Workflow', { definition: validation.next(sfn.Succeed.jsonata(stack, 'Valid')) });
  return runDefinition(stack, input, () => null);
}

const valid = { id: 'a/b', name: { given: 'x' } };

test.each<[string, Json]>([
  ['the least', valid],
  ['everything', { ...valid, name: { given: 'x', age: 150 }, tags: [1, 2], kind: 'b', agreed: false }],
  ['a field that is not named', { ...valid, other: null }],
  ['characters outside of the first plane, counted as one', { ...valid, name: { given: '😀'.repeat(256) } }],
])('lets through %s, unchanged', async (_, input) => {
  const run = await validate(input);
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: input });
});

test.each<[string, Json, string]>([
  ['an empty object', {}, 'id: is missing; name: is missing'],
  ['null', null, 'the input: must be an object, is null'],
  ['a list', [valid], 'the input: must be an object, is array'],
  ['a list of one text', { ...valid, id: ['abc'] }, 'id: must be a text, is array'],
  ['nulls', { id: null, name: { given: null } }, 'id: must be a text, is null; name.given: must be a text, is null'],
  ['null for an optional field', { ...valid, kind: null }, 'kind: must be a text, is null'],
  ['an empty text', { ...valid, id: '' }, 'id: has 0 characters, at least 1 needed; id: is not lower case'],
  ['a long text of another form', { ...valid, id: 'ABCDEF' }, 'id: has 6 characters, at most 5 allowed; id: is not lower case'],
  ['a text of another form in a second line', { ...valid, id: 'ab\nC' }, 'id: is not lower case'],
  ['a list in the place of an object', { ...valid, name: [{ given: 'x' }] }, 'name: must be an object, is array'],
  ['a number that is none', { ...valid, name: { given: 'x', age: '7' } }, 'name.age: must be a number, is string'],
  ['a number out of range', { ...valid, name: { given: 'x', age: -1.5 } }, 'name.age: is not a whole number; name.age: is less than 0'],
  ['a number above the range', { ...valid, name: { given: 'x', age: 151 } }, 'name.age: is more than 150'],
  ['an empty list', { ...valid, tags: [] }, 'tags: has 0 items, at least 1 needed'],
  ['a long list', { ...valid, tags: [1, 2, 3] }, 'tags: has 3 items, at most 2 allowed'],
  ['a text that is none of them', { ...valid, kind: 'c' }, 'kind: is none of: a, b'],
  ['a text for true or false', { ...valid, agreed: 'true' }, 'agreed: must be true or false, is string'],
])('refuses %s', async (_, input, cause) => {
  const run = await validate(input);
  expect(run).toMatchObject({ status: 'FAILED', error: 'InvalidInput', cause });
});

test('says what is wrong with a field', () => {
  expect(() => InputField.ofString({ pattern: '(' })).toThrow(/pattern "\(" is not a regular expression/);
  expect(() => InputField.ofString({ oneOf: [] })).toThrow(/oneOf is empty/);
});
