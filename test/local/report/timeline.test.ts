import type { HistoryEvent } from '../../../local/engine/types';
import { timeline } from '../../../local/report/timeline';

const failed = (cause: string): HistoryEvent => ({
  id: 1,
  previousEventId: 0,
  timestamp: 0,
  type: 'TaskFailed',
  taskFailedEventDetails: { error: 'TypeError', cause },
});
const text = (cause: string) => timeline([failed(cause)])[0]?.text;

test("a handler's error is told with the place in the handler's own code", () => {
  const trace = [
    'TypeError: no id',
    '    at parse (node:internal/json:1:1)',
    '    at send (/tmp/stepworks-a/asset.0a1b/node_modules/client/index.js:2:2)',
    '    at exports.handler (/tmp/stepworks-a/asset.0a1b/src/index.js:14:3)',
    '    at later (/tmp/stepworks-a/asset.0a1b/src/index.js:20:3)',
  ];
  const cause = JSON.stringify({ errorType: 'TypeError', errorMessage: 'no id', trace });
  expect(text(cause)).toBe('task failed: TypeError: no id, at exports.handler (src/index.js:14:3)');
});

test("a frame of the runner's own is no place; a file that can't be read is one", () => {
  const place = (...trace: readonly string[]) => text(JSON.stringify({ errorType: 'Error', errorMessage: 'no', trace }));
  expect(place('Error: no', '    at load (/work/runner/handler.cjs:20:18)')).toBe('task failed: TypeError: no');
  expect(place('/tmp/stepworks-0123456789ab/0/index.js:3', 'exports.')).toBe('task failed: TypeError: no, at index.js:3');
});

test('what ended the execution is told once', () => {
  const ended = (cause: string): HistoryEvent => ({
    id: 2,
    previousEventId: 1,
    timestamp: 0,
    type: 'ExecutionFailed',
    executionFailedEventDetails: { error: 'TypeError', cause },
  });
  const texts = (...history: readonly HistoryEvent[]) => timeline(history).map((entry) => entry.text);
  expect(texts(failed('no id'), ended('no id'))).toEqual(['task failed: TypeError: no id', 'execution failed: TypeError']);
  expect(texts(failed('no id'), ended('other'))).toEqual(['task failed: TypeError: no id', 'execution failed: TypeError: other']);
  expect(texts(failed('no id'), failed('no id'))).toHaveLength(2);
});

test.each([
  ['a text', 'out of stock', 'out of stock'],
  ['another JSON', '{"reason":"out of stock"}', '{"reason":"out of stock"}'],
  ['a JSON that was cut', '{"errorType":"Ty', '{"errorType":"Ty'],
  ['an error without a trace', '{"errorType":"TypeError","errorMessage":"no id"}', 'no id'],
  ['a long text', 'x'.repeat(401), `${'x'.repeat(400)}…`],
  [
    "the runner's own error",
    'NotImplemented: no Python\nNotImplemented: no Python\n    at run (/work/runner.ts:1:1)',
    'NotImplemented: no Python',
  ],
  ['a text of several lines', 'out of stock\n  - A1', 'out of stock - A1'],
])('%s as a cause', (_, cause, told) => expect(text(cause)).toBe(`task failed: TypeError: ${told}`));
