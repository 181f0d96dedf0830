import { problemOf } from '../../../patterns/large-scale-map/handlers/log-line';
import { NO_TRAFFIC, together, trafficOf } from '../../../patterns/large-scale-map/handlers/traffic';

const LINE = { time: '2026-01-05T09:00:00.000Z', method: 'GET', path: '/cart/7?x=1', status: 200, bytes: 10, millis: 3 };

test.each([LINE, { ...LINE, status: 100 }, { ...LINE, status: 599 }, { ...LINE, bytes: 0, millis: 0, path: '/' }, { ...LINE, more: 1 }])(
  '%j is sound',
  (line) => {
    expect(problemOf(line)).toBeUndefined();
  },
);

test.each<[unknown, RegExp]>([
  [null, /no object/],
  ['GET / 200', /no object/],
  [[LINE], /no object/],
  [{}, /^time/],
  [{ ...LINE, time: '2026-13-05T09:00:00Z' }, /^time/],
  [{ ...LINE, time: '2026-01-05T09:00:00+01:00' }, /^time/],
  [{ ...LINE, method: 'get' }, /^method/],
  [{ ...LINE, path: 'cart' }, /^path/],
  [{ ...LINE, status: 99 }, /^status/],
  [{ ...LINE, status: 600 }, /^status/],
  [{ ...LINE, status: '200' }, /^status/],
  [{ ...LINE, bytes: -1 }, /^bytes/],
  [{ ...LINE, bytes: 2 ** 53 }, /^bytes/],
  [{ ...LINE, millis: 0.5 }, /^millis/],
])('%j: %s', (line, problem) => {
  expect(problemOf(line)).toMatch(problem);
});

test('traffic adds up in any order, whatever sections are called', () => {
  const [a, b] = [trafficOf([LINE, { ...LINE, status: 503, millis: 9 }]), trafficOf([{ ...LINE, path: '/constructor' }])];
  expect(together(a, b)).toEqual(together(b, a));
  expect(together(NO_TRAFFIC, together(a, b))).toEqual({
    requests: 3,
    bytes: 30,
    statuses: { '2xx': 2, '5xx': 1 },
    sections: {
      '/cart': { requests: 2, errors: 1, slowestMillis: 9 },
      '/constructor': { requests: 1, errors: 0, slowestMillis: 3 },
    },
  });
});
