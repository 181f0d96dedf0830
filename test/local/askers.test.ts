import { Askers } from '../../local/askers';
import { VirtualClock } from '../../local/clock';

/** An outsider that is quiet when the test says so. */
function outsider() {
  const told: string[] = [];
  let say: () => void = () => {};
  return {
    told,
    quiet: () => new Promise<void>((resolve) => (say = resolve)),
    waits: () => void told.push('waits'),
    works: () => void told.push('works'),
    sayQuiet: () => say(),
  };
}

const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

function start() {
  const clock = new VirtualClock(0);
  const askers = new Askers(clock);
  const who = outsider();
  let end!: () => void;
  const work = askers.working('id', who, () => new Promise<void>((resolve) => (end = resolve)));
  let settled = false;
  const advanced = clock.advance(10_000).then(() => {
    settled = true;
  });
  return { clock, askers, who, end: () => end(), work, advanced, passed: () => settled };
}

test('time passes while an outsider only waits, and stands still again before it has its answer', async () => {
  const { clock, askers, who, end, work, advanced } = start();
  const answer = askers.answering('id', () => clock.sleepUntil(4000));
  await turns();
  expect(who.told).toEqual([]);
  who.sayQuiet();
  await answer;
  expect(who.told).toEqual(['waits', 'works']);
  await turns();
  expect(clock.now()).toBe(4000);
  end();
  await Promise.all([work, advanced]);
  expect(clock.now()).toBe(10_000);
});

test('a question that comes before it was quiet, and each answer, is waited for anew', async () => {
  const { clock, askers, who, end, work, advanced } = start();
  const long = askers.answering('id', () => clock.sleepUntil(4000));
  await turns();
  const short = askers.answering('id', async () => 'at once');
  who.sayQuiet(); // It was, before it asked for more.
  expect(await short).toBe('at once');
  await turns();
  expect([clock.now(), who.told]).toEqual([0, []]);
  who.sayQuiet();
  await long;
  end();
  await Promise.all([work, advanced]);
});

test('one that never is quiet lets no time pass, and a stranger holds none', async () => {
  const { clock, askers, end, work, advanced, passed } = start();
  void askers.answering('id', () => clock.sleepUntil(4000));
  void askers.answering('somebody', () => clock.sleepUntil(4000));
  await turns(100);
  expect(passed()).toBe(false);
  end();
  await Promise.all([work, advanced]);
});
