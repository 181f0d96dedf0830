import { VirtualClock } from '../../local/clock';
import { seededRandom } from '../../local/seeded-random';

const clock = () => new VirtualClock(0);

test('timers fire in the order of their times, at their times, and at one instant in the order of their creation', async () => {
  const virtual = clock();
  const fired: [number, number][] = [];
  const random = seededRandom(7);
  const times = Array.from({ length: 2000 }, () => Math.floor(random() * 500));
  for (const [i, at] of times.entries()) virtual.sleepUntil(at).then(() => fired.push([virtual.now(), i]));
  await virtual.advance(1000);
  const expected = times.map((at, i): [number, number] => [at, i]).sort(([a, i], [b, j]) => a - b || i - j);
  expect(fired).toEqual(expected);
  expect(virtual.now()).toBe(1000);
});

test('a cancelled timer does not fire, and rejects with the reason', async () => {
  const virtual = clock();
  const controllers = Array.from({ length: 3000 }, () => new AbortController());
  const outcomes = Promise.allSettled(controllers.map(({ signal }, i) => virtual.sleepUntil(i, signal)));
  for (const [i, controller] of controllers.entries()) if (i % 3 > 0) controller.abort(new Error(`not ${i}`));
  await virtual.advance(5000);
  expect((await outcomes).map(({ status }) => status)).toEqual(controllers.map((_, i) => (i % 3 > 0 ? 'rejected' : 'fulfilled')));
});

test('time stands still while something is in flight', async () => {
  const virtual = clock();
  const seen: number[] = [];
  virtual.sleepUntil(1000).then(() => seen.push(virtual.now()));
  const work = virtual.busy(async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    seen.push(virtual.now());
  });
  await virtual.advance(2000);
  await work;
  expect(seen).toEqual([0, 1000]);
});

test('what is in flight is waited for without turning the event loop', async () => {
  const virtual = clock();
  const turns = jest.spyOn(globalThis, 'setImmediate');
  const work = [20, 40].map((ms) => virtual.busy(() => new Promise((resolve) => setTimeout(resolve, ms))));
  await Promise.all([virtual.settle(), virtual.settle()]);
  expect(turns.mock.calls.length).toBeLessThan(20);
  turns.mockRestore();
  await Promise.all(work);
});

test('what follows from a timer happens at its time, before the next one', async () => {
  const virtual = clock();
  const seen: string[] = [];
  virtual.sleepUntil(10).then(async () => {
    for (let i = 0; i < 50; i++) await null;
    seen.push(`then at ${virtual.now()}`);
  });
  virtual.sleepUntil(11).then(() => seen.push(`next at ${virtual.now()}`));
  await virtual.advance(20);
  expect(seen).toEqual(['then at 10', 'next at 11']);
});

test('runUntil says so when nothing is left to wait for, or it would take years', async () => {
  await expect(clock().runUntil(() => false, 'the answer')).rejects.toThrow(/the answer waits for something that nothing will ever bring/);
  const virtual = clock();
  const tick = (): void => void virtual.sleepUntil(virtual.now() + 100 * 86_400_000).then(tick);
  tick();
  await expect(virtual.runUntil(() => false, 'the answer')).rejects.toThrow(/the answer has not happened within 1200 days/);
});

test('time only goes forward', async () => {
  await expect(clock().advance(-1)).rejects.toThrow(/0 or more/);
  await expect(clock().advance(Number.NaN)).rejects.toThrow(/0 or more/);
});
