import { arrived } from '../../../../../lib/blocks/object-gate/handlers/arrived';
import { type GateServices, resolve } from '../../../../../lib/blocks/object-gate/handlers/resolve';
import { search } from '../../../../../lib/blocks/object-gate/handlers/search';
import { sweep } from '../../../../../lib/blocks/object-gate/handlers/sweep';
import { wait } from '../../../../../lib/blocks/object-gate/handlers/wait';
import { readWaiter } from '../../../../../lib/blocks/object-gate/handlers/waiter';
import { register } from '../../../../../lib/blocks/object-gate/handlers/waiters';
import { arrivedEvent, GateWorld, waitEvent } from './gate-world';
import { everyInterleaving, type Stage } from './schedules';

/** Who may be there besides the run that waits and the object that comes. */
interface Cast {
  /** How often the event comes, after the object. */
  readonly events: number;
  /** A sweep at any time. */
  readonly sweep?: boolean;
  /** The run is stopped, or its time is over, at any time. */
  readonly stop?: boolean;
  /** A second run waits for the same already. */
  readonly second?: boolean;
  /** Where something crashes: at which call of which actor, before or after its effect. */
  readonly crash?: { readonly actor: string; readonly call: number; readonly after: boolean };
  readonly waits?: (services: GateServices, event: unknown) => Promise<void>;
}

const KEY = 'sales/2026-W02.csv';

const { log, error } = console;
beforeAll(() => {
  // No spy, which would keep every line of every play.
  console.log = console.error = () => {};
});
afterAll(() => {
  Object.assign(console, { log, error });
});

/** Sets the stage anew for each play; `world()` is that of the play. */
function scene({ events, crash, second, stop, sweep: sweeps, waits = wait }: Cast) {
  let world: GateWorld;
  const crashed = { yes: false };
  const set = ({ begin }: Stage): void => {
    world = new GateWorld();
    world.now = NOW;
    crashed.yes = false;
    const actor = (name: string, act: (services: GateServices) => Promise<unknown>): void => {
      let calls = 0;
      begin(name, (turn) => {
        const services = world.services(name, async (call) => {
          const number = calls++;
          await turn(call);
          if (crash?.actor !== name || crash.call !== number) return undefined;
          crashed.yes = true;
          if (!crash.after) throw new Error('crashed before');
          return () => {
            throw new Error('crashed after');
          };
        });
        return act(services);
      });
    };
    world.tasks.set('token', undefined);
    actor('wait', (services) => waits(services, event('token')));
    if (second) {
      world.tasks.set('token2', undefined);
      world.add(readWaiter(event('token2')));
    }
    begin('producer', async (turn) => {
      await turn('PutObject');
      world.put(KEY);
      for (let i = 1; i <= events; i++) actor(`event ${i}`, (services) => arrived(services, arrivedEvent(KEY)));
    });
    if (sweeps) actor('sweep', sweep);
    if (stop) {
      begin('stop', async (turn) => {
        await turn('StopExecution');
        if (world.tasks.get('token') === undefined) world.tasks.delete('token');
      });
    }
  };
  return { set, world: () => world, crashed };
}

const NOW = Date.now();
const event = (token: string) => waitEvent(token, {}, { enteredAt: new Date(NOW).toISOString() });
const answers = (world: GateWorld) => [...world.tasks.values()].map((answer) => answer && JSON.parse(answer).key);

describe('in every interleaving', () => {
  test.each<[string, Cast, number]>([
    ['an object and its event', { events: 1 }, 20],
    ['an event that comes twice', { events: 2 }, 400],
    ['a sweep at any time', { events: 1, sweep: true }, 400],
  ])('%s: the run is answered once, with the object, and no row is left', async (_, cast, least) => {
    const { set, world } = scene(cast);
    const plays = await everyInterleaving(
      set,
      () => world().state,
      (made) => {
        const seen = { answers: answers(world()), rows: world().rows.size };
        if (seen.answers[0] !== KEY || seen.rows !== 0) expect({ made, ...seen }).toEqual({ made, answers: [KEY], rows: 0 });
      },
    );
    expect(plays).toBeGreaterThan(least);
  });

  test('two runs that wait for the same object are both answered', async () => {
    const { set, world } = scene({ events: 1, second: true });
    const seen = new Set<string>();
    const look = () => void seen.add(JSON.stringify([answers(world()), world().rows.size]));
    await everyInterleaving(set, () => world().state, look);
    expect([...seen]).toEqual([JSON.stringify([[KEY, KEY], 0])]);
  });

  test('an event that is lost: the next sweep answers', async () => {
    const { set, world } = scene({ events: 0 });
    const before = new Set<string | undefined>();
    await everyInterleaving(
      set,
      () => world().state,
      async () => {
        before.add(answers(world())[0]);
        await sweep(world().services('later'));
        expect([answers(world()), world().rows.size]).toEqual([[KEY], 0]);
      },
    );
    // Without the sweep some are left waiting.
    expect([...before].sort()).toEqual([KEY, undefined]);
  });

  test('a run that is stopped, or whose time is over: at most one answer, and after a sweep no row', async () => {
    const { set, world } = scene({ events: 1, stop: true });
    const ends = new Set<number>();
    await everyInterleaving(
      set,
      () => world().state,
      async () => {
        ends.add(world().tasks.size);
        await sweep(world().services('later'));
        expect(world().rows.size).toBe(0);
      },
    );
    expect(ends.size).toBe(2);
  });

  const CRASHES = ['wait', 'event 1'].flatMap((actor) =>
    [0, 1, 2, 3].flatMap((call) => [false, true].map((after) => ({ actor, call, after }))),
  );
  test.each(CRASHES)('a crash of $actor at call $call, after its effect: $after: a retry or a sweep makes up for it', async (crash) => {
    const { set, world, crashed } = scene({ events: 1, crash });
    let happened = 0;
    await everyInterleaving(
      set,
      () => world().state,
      async () => {
        if (crashed.yes) happened += 1;
        // Step Functions tries a task that failed again, with a new token; the old one is good for nothing.
        if (crashed.yes && crash.actor === 'wait' && answers(world())[0] === undefined) {
          world().tasks.delete('token');
          world().tasks.set('token again', undefined);
          await wait(world().services('later'), event('token again'));
        }
        await sweep(world().services('later'));
        expect([answers(world()), world().rows.size]).toEqual([[KEY], 0]);
      },
    );
    expect(happened).toBeGreaterThan(0);
  });
});

describe('these tests see a wake-up that is lost', () => {
  const lost = async (waits: Cast['waits']): Promise<boolean> => {
    const { set, world } = scene({ events: 1, waits });
    let left = false;
    await everyInterleaving(
      set,
      () => world().state,
      () => {
        if (answers(world())[0] === undefined) left = true;
      },
    );
    return left;
  };

  test('by a gate that looks first and records then', async () => {
    expect(
      await lost(async (services, given) => {
        const waiter = readWaiter(given);
        if (!(await resolve(services, waiter))) await register(services.table, waiter);
      }),
    ).toBe(true);
  });

  test('by a gate that only records', async () => {
    expect(await lost((services, given) => register(services.table, readWaiter(given)))).toBe(true);
  });

  test('by a gate that only looks', async () => {
    expect(await lost(async ({ s3 }, given) => void (await search(s3, 'incoming', readWaiter(given).match)))).toBe(true);
  });
});
