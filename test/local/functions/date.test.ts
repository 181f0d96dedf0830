import { Harness, START } from './harness';

describe('Date in a handler', () => {
  let harness: Harness;
  beforeAll(() => {
    harness = new Harness();
  });
  afterAll(() => harness.dispose());

  const evaluate = async (expression: string, environment: Record<string, string> = {}) =>
    (await harness.run(`exports.handler = async () => (${expression})`, { environment })).payload;

  test('now, in all its forms', async () => {
    const iso = new Date(START).toISOString();
    const payload = await evaluate('[Date.now(), new Date().toISOString(), new Date().getTime(), +new Date(), Date(), String(new Date())]');
    const text = 'Tue Mar 04 2031 05:06:07 GMT+0000 (Coordinated Universal Time)';
    expect(payload).toEqual([START, iso, START, START, text, text]);
  });

  test('a warm worker sees a skip of time, to the millisecond, at the boundary of an expiry', async () => {
    const cloud = new Harness();
    const fn = cloud.function(`let loads = 0; loads++;
      exports.handler = async ({ expiresAt }) => ({ expired: Date.now() >= expiresAt, byDate: new Date() >= new Date(expiresAt), now: Date.now(), loads })`);
    const expiresAt = START + 2 * 86_400_000;
    const ask = async () => (await cloud.invoke(fn, { expiresAt })).payload;
    expect(await ask()).toEqual({ expired: false, byDate: false, now: START, loads: 1 });
    await cloud.clock.advance(2 * 86_400_000 - 1);
    expect(await ask()).toEqual({ expired: false, byDate: false, now: expiresAt - 1, loads: 1 });
    await cloud.clock.advance(1);
    expect(await ask()).toEqual({ expired: true, byDate: true, now: expiresAt, loads: 1 });
    await cloud.clock.advance(1);
    expect(await ask()).toEqual({ expired: true, byDate: true, now: expiresAt + 1, loads: 1 });
    await cloud.dispose();
  });

  test('time does not move by itself during an invocation, and real time can be measured', async () => {
    const payload = await evaluate(
      '(async () => { const a = Date.now(), p = performance.now(); await new Promise((r) => setTimeout(r, 30)); return [Date.now() - a, performance.now() - p] })()',
    );
    expect(payload[0]).toBe(0);
    expect(payload[1]).toBeGreaterThan(25);
  });

  test('a clock that runs in real time is followed during an invocation', async () => {
    const clock = {
      now: () => START + performance.now(),
      sleepUntil: () => Promise.reject(new Error('not needed')),
      busy: <T>(work: Promise<T> | (() => Promise<T>)) => (typeof work === 'function' ? work() : work),
    };
    const live = new Harness({ clock });
    const code =
      'exports.handler = async () => { const a = Date.now(); await new Promise((r) => setTimeout(r, 100)); return Date.now() - a }';
    const { payload } = await live.run(code);
    expect(payload).toBeGreaterThan(80);
    await live.dispose();
  });

  test('what modules take at load is virtual too', async () => {
    const { payload } = await harness.run(
      'const { now } = Date; const loaded = new Date(); exports.handler = async () => [now(), loaded.getTime()]',
    );
    expect(payload).toEqual([START, START]);
  });

  test('everything else is as ever', async () => {
    const payload = await evaluate(`(() => {
      class Day extends Date { next() { return new Day(this.getTime() + 86400000) } }
      const mtime = require('node:fs').statSync(__filename).mtime;
      return [
        new Date() instanceof Date, mtime instanceof Date, structuredClone(new Date()) instanceof Date,
        new Day(0) instanceof Day, new Day(0) instanceof Date, new Day(0).next().getTime(), new Day().getTime(), new Day().constructor.name,
        Date.UTC(2020, 1, 29), Date.parse('2020-02-29T12:00:00+02:00'), Date.parse('2020-02-29'), new Date(5).getTime(), new Date('x').getTime(),
        Object.prototype.toString.call(new Date()), typeof Date(), Date.name, Date.length, new Date(new Date(7)).getTime(),
        new Date(2020, 0, 31, 23).toISOString(), Object.keys(new Date()).length, JSON.stringify({ d: new Date(0) }),
        require('node:util').types.isDate(new Date()), new Date().constructor === Date, new Date(NaN) + '', new Date(undefined) + '', new Date(null).getTime(),
      ] })()`);
    expect(payload).toEqual([
      true, true, true,
      true, true, 86_400_000, START, 'Day',
      1_582_934_400_000, 1_582_970_400_000, 1_582_934_400_000, 5, null,
      '[object Date]', 'string', 'Date', 7, 7,
      '2020-01-31T23:00:00.000Z', 0, '{"d":"1970-01-01T00:00:00.000Z"}',
      true, true, 'Invalid Date', 'Invalid Date', 0,
    ]); // biome-ignore format: one row for each row above
  });

  const LOCAL = `(() => { const d = new Date('2031-07-04T05:06:07.890Z'); const s = new Date(d); s.setHours(0, 0, 0, 0);
    return [d.getFullYear(), d.getMonth(), d.getDate(), d.getDay(), d.getHours(), d.getMinutes(), d.getTimezoneOffset(), d.toString(),
      d.toDateString(), d.toTimeString(), d.toLocaleString(), s.toISOString(), new Date('2031-07-04T00:00:00').toISOString(),
      new Date('July 4, 2031 10:00').toISOString(), new Date(2031, 6, 4).toISOString(), new Date(2031, 0, 4).getTimezoneOffset(),
      new Intl.DateTimeFormat().resolvedOptions().timeZone, new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(d),
      new Date('2031-07-04T00:00:00Z').toISOString(), new Date('Fri, 04 Jul 2031 00:00:00 GMT').toISOString()] })()`;

  test('local time is UTC, wherever the host is', async () => {
    expect(await evaluate(LOCAL)).toEqual([
      2031, 6, 4, 5, 5, 6, 0, 'Fri Jul 04 2031 05:06:07 GMT+0000 (Coordinated Universal Time)',
      'Fri Jul 04 2031', '05:06:07 GMT+0000 (Coordinated Universal Time)', '7/4/2031, 5:06:07 AM', '2031-07-04T00:00:00.000Z', '2031-07-04T00:00:00.000Z',
      '2031-07-04T10:00:00.000Z', '2031-07-04T00:00:00.000Z', 0,
      'UTC', '05:06',
      '2031-07-04T00:00:00.000Z', '2031-07-04T00:00:00.000Z',
    ]); // biome-ignore format: one row for each row above
  });

  test('a function may have a time zone of its own', async () => {
    expect(await evaluate(LOCAL, { TZ: 'America/New_York' })).toEqual([
      2031, 6, 4, 5, 1, 6, 240, 'Fri Jul 04 2031 01:06:07 GMT-0400 (Eastern Daylight Time)',
      'Fri Jul 04 2031', '01:06:07 GMT-0400 (Eastern Daylight Time)', '7/4/2031, 1:06:07 AM', '2031-07-04T04:00:00.000Z', '2031-07-04T04:00:00.000Z',
      '2031-07-04T14:00:00.000Z', '2031-07-04T04:00:00.000Z', 300,
      'America/New_York', '01:06',
      '2031-07-04T00:00:00.000Z', '2031-07-04T00:00:00.000Z',
    ]); // biome-ignore format: one row for each row above
  });

  test('Intl formats now as the virtual now', async () => {
    expect(await evaluate('[new Intl.DateTimeFormat("en-GB").format(), new Intl.DateTimeFormat().formatToParts()[0].value]')).toEqual([
      '04/03/2031',
      '3',
    ]);
  });
});
