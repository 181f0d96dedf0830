import { childOutcome, type RecordOptions } from '../../../../../lib/blocks/bulk-map/handlers/child-outcome';

const OPTIONS: RecordOptions = { batches: false, ordered: false, folders: false, businessErrors: ['InvalidItem'] };
const text = JSON.stringify;

test('an item that succeeded', () => {
  expect(childOutcome({ Status: 'SUCCEEDED', Input: '5', Output: '10' }, OPTIONS)).toEqual({ succeeded: 1, skipped: 0, failures: [] });
});

test.each([
  ['FAILED', 'InvalidItem', 'REJECTED'],
  ['FAILED', 'TypeError', 'CRASHED'],
  ['FAILED', undefined, 'CRASHED'],
  ['TIMED_OUT', 'States.Timeout', 'CRASHED'],
  // What timed out was not refused, whatever its error is called.
  ['TIMED_OUT', 'InvalidItem', 'CRASHED'],
  ['ABORTED', undefined, 'UNFINISHED'],
  ['PENDING', undefined, 'UNFINISHED'],
  [undefined, undefined, 'UNFINISHED'],
])('a child that is %s with %s is %s', (Status, error, kind) => {
  const { succeeded, failures } = childOutcome({ Status, Error: error, Input: '"x"', ExecutionArn: 'arn' }, OPTIONS);
  expect(succeeded).toBe(0);
  expect(failures).toEqual([{ kind, error, cause: undefined, item: 'x', execution: 'arn' }]);
});

test.each([
  [text({ errorType: 'E', errorMessage: 'the message', trace: ['at secret'] }), 'the message'],
  ['plain', 'plain'],
  ['5', '5'],
  ['null', 'null'],
  [text({ errorMessage: 7 }), text({ errorMessage: 7 })],
])('of the cause %s the message is kept', (Cause, cause) => {
  expect(childOutcome({ Status: 'FAILED', Cause, Input: '1' }, OPTIONS).failures[0].cause).toBe(cause);
});

test('a crashed batch fails with all of its items', () => {
  const record = { Status: 'FAILED', Error: 'E', Input: text({ Items: ['a', 'b'], BatchInput: {} }) };
  expect(childOutcome(record, { ...OPTIONS, batches: true }).failures.map(({ item, kind }) => [item, kind])).toEqual([
    ['a', 'CRASHED'],
    ['b', 'CRASHED'],
  ]);
});

test('a batch names the items that were rejected', () => {
  const Output = text({ result: 1, failures: [{ item: 'b', error: 'E', cause: 'c' }] });
  const record = { Status: 'SUCCEEDED', Input: text({ Items: ['a', 'b', 'c'] }), Output, ExecutionArn: 'arn' };
  expect(childOutcome(record, { ...OPTIONS, batches: true })).toEqual({
    succeeded: 2,
    skipped: 0,
    failures: [{ kind: 'REJECTED', item: 'b', error: 'E', cause: 'c', execution: 'arn' }],
  });
});

test('objects of zero bytes that stand for folders are skipped, in batches too, and no others', () => {
  const folder = { Key: 'a/', Size: 0 };
  const options = { ...OPTIONS, folders: true };
  expect(childOutcome({ Status: 'SUCCEEDED', Input: text(folder), Output: '{}' }, options)).toMatchObject({ succeeded: 0, skipped: 1 });
  for (const item of [
    { Key: 'a/', Size: 1 },
    { Key: 'a', Size: 0 },
  ]) {
    expect(childOutcome({ Status: 'SUCCEEDED', Input: text(item), Output: '{}' }, options)).toMatchObject({ succeeded: 1, skipped: 0 });
  }
  const Items = [folder, { Key: 'a/b', Size: 3 }];
  const batches = { ...options, batches: true };
  expect(childOutcome({ Status: 'SUCCEEDED', Input: text({ Items }), Output: '{}' }, batches)).toMatchObject({ succeeded: 1, skipped: 1 });
  expect(childOutcome({ Status: 'FAILED', Input: text({ Items }) }, batches).failures).toHaveLength(1);
});

test('an ordered item keeps its place', () => {
  const record = { Status: 'ABORTED', Input: text({ index: 4, item: { a: 1 } }) };
  expect(childOutcome(record, { ...OPTIONS, ordered: true }).failures).toMatchObject([{ kind: 'UNFINISHED', item: { a: 1 }, index: 4 }]);
});

test('a record without its input is an error: its items would be lost', () => {
  expect(() => childOutcome({ Status: 'FAILED', ExecutionArn: 'arn:x' }, OPTIONS)).toThrow(/no input of arn:x/);
});
