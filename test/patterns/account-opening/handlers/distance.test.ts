import { distance, similarity } from '../../../../patterns/account-opening/handlers/check-name/distance';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['martha', 'marhta', 1],
  // Where optimal string alignment says 3 and so breaks the triangle inequality.
  ['ca', 'abc', 2],
  ['a cat', 'an act', 2],
  ['morozenko', 'morosenko', 1],
])('%j to %j is %d', (a, b, steps) => {
  expect(distance(a, b)).toBe(steps);
  expect(distance(b, a)).toBe(steps);
});

test('it is a metric, over all short words of two letters', () => {
  const words = [''];
  for (let i = 0; words.length < 31; i++) words.push(`${words[i]}a`, `${words[i]}b`);
  for (const a of words) {
    for (const b of words) {
      expect(distance(a, b) === 0).toBe(a === b);
      for (const c of words) expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
    }
  }
});

test('the quick refusal refuses only what is below the floor', () => {
  const words = ['morozenko', 'morosenko', 'morozneko', 'moroz', 'zenkomoro', 'anna', 'anne', 'nana', 'an', '', 'żanna', 'x'.repeat(40)];
  for (const a of words) {
    for (const b of words) {
      const value = similarity(a, b);
      for (const floor of [0.25, 0.5, 0.75, 1]) expect(similarity(a, b, floor)).toBe(value < floor ? 0 : value);
    }
  }
});

test('likeness is the share of letters that stay', () => {
  expect(similarity('anna', 'anne')).toBe(0.75);
  expect(similarity('same', 'same')).toBe(1);
  expect(similarity('ab', 'xy')).toBe(0);
});
