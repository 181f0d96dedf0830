import { Duration } from 'aws-cdk-lib';
import { BulkConcurrency } from '../../../../lib';

test.each([
  [BulkConcurrency.of(1), 1],
  [BulkConcurrency.of(10_000), 10_000],
  [BulkConcurrency.ofReserved(100), 90],
  [BulkConcurrency.ofReserved(1), 1],
  [BulkConcurrency.ofReserved(11), 9],
  [BulkConcurrency.ofRate(50, Duration.millis(400)), 20],
  [BulkConcurrency.ofRate(0.1, Duration.seconds(1)), 1],
  [BulkConcurrency.ofRate(1000, Duration.minutes(5)), 10_000],
])('%#: so many children', (concurrency, children) => {
  expect(concurrency._children).toBe(children);
});

test.each([0, -1, 1.5, 10_001, Number.NaN])('of(%d) is refused', (children) => {
  expect(() => BulkConcurrency.of(children)).toThrow(/from 1 to 10000 are possible/);
});

test.each([0, -5, Number.NaN, Number.POSITIVE_INFINITY])('%d is nothing to derive from', (value) => {
  expect(() => BulkConcurrency.ofReserved(value)).toThrow(/not above 0/);
  expect(() => BulkConcurrency.ofRate(value, Duration.seconds(1))).toThrow(/not above 0/);
});
