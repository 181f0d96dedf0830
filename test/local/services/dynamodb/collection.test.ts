import type { AttributeValue } from '../../../../local/services/dynamodb/attribute-value';
import { orderOf } from '../../../../local/services/dynamodb/attribute-value';
import { Collection } from '../../../../local/services/dynamodb/collection';
import { random } from './world';

const S = (text: string): AttributeValue => ({ S: text });

test('strings sort by their UTF-8 bytes, which UTF-16 would not', () => {
  // U+FF5E is one code unit above the surrogates that make up the emoji.
  expect(orderOf(S('～')) < orderOf(S('😀'))).toBe(true);
  expect('～' < '😀').toBe(false);
  expect(orderOf(S('a')) < orderOf(S('ab'))).toBe(true);
  expect(orderOf(S('Z')) < orderOf(S('a'))).toBe(true);
});

test('random strings sort as their bytes do', () => {
  const next = random(5);
  const text = () => Array.from({ length: Math.floor(next() * 6) }, () => String.fromCodePoint(1 + Math.floor(next() * 0xd000))).join('');
  for (let i = 0; i < 500; i++) {
    const [a, b] = [text(), text()];
    const expected = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(orderOf(S(a)) < orderOf(S(b)) ? -1 : orderOf(S(a)) > orderOf(S(b)) ? 1 : 0).toBe(expected);
  }
});

test('binary sorts by unsigned bytes', () => {
  const B = (...bytes: number[]): AttributeValue => ({ B: Uint8Array.from(bytes) });
  expect(orderOf(B(127)) < orderOf(B(128))).toBe(true);
  expect(orderOf(B(1)) < orderOf(B(1, 0))).toBe(true);
});

/** A whole partition. */
const all = (...hash: string[]) => ({ hash, side: () => 0 });

describe('a collection', () => {
  const schema = { hash: [{ name: 'p', type: 'S' as const }], range: [{ name: 's', type: 'N' as const }] };
  const item = (p: string, s: number) => ({ p: S(p), s: { N: String(s) } });

  test('holds each partition in order, whatever the order of arrival, and finds, replaces and forgets', () => {
    const collection = new Collection(schema);
    const next = random(3);
    const expected = new Map<string, Set<number>>();
    for (let i = 0; i < 1000; i++) {
      const p = `p${Math.floor(next() * 7)}`;
      const s = Math.floor(next() * 60) - 30;
      const values = expected.get(p) ?? new Set();
      expected.set(p, values);
      if (next() < 0.7) {
        values.add(s);
        collection.put(item(p, s));
      } else {
        values.delete(s);
        collection.delete(item(p, s));
      }
    }
    expect(collection.size).toBe([...expected.values()].reduce((sum, { size }) => sum + size, 0));
    for (const [p, values] of expected) {
      const sorted = [...values].sort((a, b) => a - b).map((s) => item(p, s));
      expect([...collection.query(all(p), true)].map((entry) => entry.item)).toEqual(sorted);
      expect([...collection.query(all(p), false)].map((entry) => entry.item)).toEqual(sorted.reverse());
    }
  });

  test('is scanned whole by its segments, each item once, and from any position on', () => {
    const collection = new Collection(schema);
    for (let i = 0; i < 200; i++) collection.put(item(`p${i % 90}`, i));
    const whole = [...collection.scan()].map((entry) => entry.item);
    expect(new Set(whole).size).toBe(200);
    for (const total of [1, 3, 16]) {
      const segments = Array.from({ length: total }, (_, index) => [...collection.scan({ index, total })].map((entry) => entry.item));
      // Segments are ranges of one order.
      expect(segments.flat()).toEqual(whole);
    }
    for (const at of [0, 57, 198, 199]) {
      const after = collection.position(whole[at]);
      expect([...collection.scan(undefined, after)].map((entry) => entry.item)).toEqual(whole.slice(at + 1));
    }
  });

  test('goes on behind an item that was deleted meanwhile', () => {
    const collection = new Collection(schema);
    for (let i = 0; i < 30; i++) collection.put(item(`p${i % 3}`, i));
    const whole = [...collection.scan()].map((entry) => entry.item);
    const gone = whole[12];
    const after = collection.position(gone);
    collection.delete(gone);
    expect([...collection.scan(undefined, after)].map((entry) => entry.item)).toEqual(whole.slice(13));
  });
});

test('two key attributes are never taken for one', () => {
  const attribute = (name: string) => ({ name, type: 'S' as const });
  const collection = new Collection({ hash: [attribute('a'), attribute('b')], range: [] }, { hash: [attribute('id')], range: [] });
  collection.put({ id: S('1'), a: S('x'), b: S('yz') });
  collection.put({ id: S('2'), a: S('xy'), b: S('z') });
  expect([...collection.query(all('x', 'yz'), true)].map((entry) => entry.item.id)).toEqual([S('1')]);
  expect([...collection.query(all('xy', 'z'), true)].map((entry) => entry.item.id)).toEqual([S('2')]);
});
