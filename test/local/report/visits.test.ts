import { StatesError } from '../../../local/engine';
import { tracesOf } from '../../../local/report/graph';
import { END, idOf, START } from '../../../local/report/graph/model';
import { type StateVisit, visitsOf } from '../../../local/report/visits';
import { type Answer, LAMBDA, play, stage } from '../engine/play';

const task = (more: object = { End: true }) => ({ Type: 'Task', Resource: LAMBDA, ...more });
const retrying = (times: number) => ({ Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: times, BackoffRate: 1 }] });
const catching = (next: string) => ({ Catch: [{ ErrorEquals: ['States.ALL'], Next: next }] });

/** The first so many calls of a state fail. */
const failing = (counts: Record<string, number>): Answer => {
  const left = { ...counts };
  return ({ stateName }) => {
    if ((left[stateName] ?? 0) > 0) {
      left[stateName]--;
      throw new StatesError('Broken', `in ${stateName}`);
    }
    return { done: stateName };
  };
};

async function visited(definition: object, answer?: Answer, input: unknown = {}): Promise<readonly StateVisit[]> {
  return visitsOf((await play(definition, input, answer)).history);
}

const told = (visits: readonly StateVisit[]) => visits.map(({ name, status, retries }) => [name, status, retries]);

test('a state that succeeds, with what went in and out, and when', async () => {
  const Parameters = { FunctionName: 'f', 'Payload.$': '$' };
  const definition = { StartAt: 'A', States: { A: task({ Parameters, Next: 'B' }), B: { Type: 'Wait', Seconds: 60, End: true } } };
  const [a, b] = await visited(definition, undefined, { x: 1 });
  expect(a).toMatchObject({
    type: 'Task',
    status: 'succeeded',
    input: '{"x":1}',
    sent: '{"FunctionName":"f","Payload":{"x":1}}',
    next: 'B',
    errors: [],
  });
  expect(b).toMatchObject({ type: 'Wait', status: 'succeeded', input: '{}', output: '{}' });
  expect((b.exitedAt ?? 0) - b.enteredAt).toBe(60_000);
});

test('retries are counted, their errors kept with their time', async () => {
  const [a] = await visited({ StartAt: 'A', States: { A: task({ ...retrying(3), End: true }) } }, failing({ A: 2 }));
  expect(a).toMatchObject({ status: 'succeeded', retries: 2 });
  expect(a.errors.map(({ at, error, cause }) => [at - a.enteredAt, error, cause])).toEqual([
    [0, 'Broken', 'in A'],
    [10_000, 'Broken', 'in A'],
  ]);
});

test('what fails for good fails, and is caught where a catcher goes on', async () => {
  const failed = await visited({ StartAt: 'A', States: { A: task({ ...retrying(1), End: true }) } }, failing({ A: 9 }));
  expect(told(failed)).toEqual([['A', 'failed', 1]]);
  const States = { A: task({ ...retrying(1), ...catching('B'), End: true }), B: { Type: 'Fail', Error: 'No' } };
  const caught = await visited({ StartAt: 'A', States }, failing({ A: 9 }));
  expect(told(caught)).toEqual([
    ['A', 'caught', 1],
    ['B', 'failed', 0],
  ]);
});

const parallel = (more: object) => ({
  StartAt: 'P',
  States: {
    P: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Quick', States: { Quick: task() } },
        { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 3600, End: true } } },
      ],
      ...more,
    },
    After: { Type: 'Pass', End: true },
  },
});

test('a branch that fails stops its siblings; the Parallel begins again, and is entered once', async () => {
  expect(told(await visited(parallel({ ...retrying(2), Next: 'After' }), failing({ Quick: 1 })))).toEqual([
    ['P', 'succeeded', 1],
    ['Quick', 'failed', 0],
    ['Slow', 'aborted', 0],
    ['Quick', 'succeeded', 0],
    ['Slow', 'succeeded', 0],
    ['After', 'succeeded', 0],
  ]);
});

test('a Parallel inside of a Parallel: each is told for itself', async () => {
  const inner = { Type: 'Parallel', Branches: [{ StartAt: 'X', States: { X: task() } }], ...retrying(1), End: true };
  const outer = {
    Type: 'Parallel',
    Branches: [{ StartAt: 'Inner', States: { Inner: inner } }],
    ...retrying(1),
    ...catching('After'),
    End: true,
  };
  const definition = { StartAt: 'Outer', States: { Outer: outer, After: { Type: 'Pass', End: true } } };
  const visits = await visited(definition, failing({ X: 9 }));
  expect(told(visits)).toEqual([
    ['Outer', 'caught', 1],
    ['Inner', 'failed', 1],
    ['X', 'failed', 0],
    ['X', 'failed', 0],
    ['Inner', 'failed', 1],
    ['X', 'failed', 0],
    ['X', 'failed', 0],
    ['After', 'succeeded', 0],
  ]);
  expect(visits.map(({ parent }) => parent?.name)).toEqual([undefined, 'Outer', 'Inner', 'Inner', 'Outer', 'Inner', 'Inner', undefined]);
});

test('iterations of a Map, one after another and side by side', async () => {
  for (const MaxConcurrency of [1, 0]) {
    const iterator = { StartAt: 'Work', States: { Work: task({ Next: 'Rest' }), Rest: { Type: 'Pass', End: true } } };
    const definition = {
      StartAt: 'M',
      States: { M: { Type: 'Map', MaxConcurrency, ItemProcessor: iterator, Next: 'After' }, After: { Type: 'Succeed' } },
    };
    const visits = await visited(definition, undefined, [1, 2, 3]);
    expect(visits.filter(({ name }) => name === 'Work').map(({ status, next, parent }) => [status, next, parent?.name])).toEqual(
      Array(3).fill(['succeeded', 'Rest', 'M']),
    );
    expect(visits.find(({ name }) => name === 'M')).toMatchObject({ status: 'succeeded', next: 'After' });
  }
});

test('an iteration that fails fails the Map, which can be caught', async () => {
  const iterator = { StartAt: 'Work', States: { Work: task() } };
  const definition = {
    StartAt: 'M',
    States: { M: { Type: 'Map', ItemProcessor: iterator, ...catching('After'), End: true }, After: { Type: 'Succeed' } },
  };
  const visits = await visited(definition, failing({ Work: 1 }), [1]);
  expect(told(visits)).toEqual([
    ['M', 'caught', 0],
    ['Work', 'failed', 0],
    ['After', 'succeeded', 0],
  ]);
});

test('an expression that fails belongs to its own state', async () => {
  const States = {
    First: { Type: 'Pass', Next: 'Second' },
    Second: { Type: 'Pass', Output: '{% $error("no") %}', End: true },
  };
  const visits = await visited({ QueryLanguage: 'JSONata', StartAt: 'First', States });
  expect(told(visits)).toEqual([
    ['First', 'succeeded', 0],
    ['Second', 'failed', 0],
  ]);
  expect(visits[1].errors).toEqual([expect.objectContaining({ error: 'States.QueryEvaluationError' })]);
});

test('a run that is stopped or still going', async () => {
  const { start, engine, clock } = stage();
  const execution = start(parallel({ Next: 'After' }));
  await clock.settle();
  expect(told(visitsOf(execution.history))).toEqual([
    ['P', 'running', 0],
    ['Quick', 'succeeded', 0],
    ['Slow', 'running', 0],
  ]);
  engine.stopExecution(execution.arn);
  expect(told(visitsOf(execution.history))).toEqual([
    ['P', 'aborted', 0],
    ['Quick', 'succeeded', 0],
    ['Slow', 'aborted', 0],
  ]);
});

describe('traces', () => {
  const taken = (visits: readonly StateVisit[], from: string, to: string, kind: 'next' | 'catch' = 'next') =>
    tracesOf(visits).taken({ from: from === START ? START : idOf(from), to: to === END ? END : idOf(to), kind });

  test('the ways that were gone', async () => {
    const States = { A: task({ ...catching('C'), Next: 'B' }), B: { Type: 'Pass', End: true }, C: { Type: 'Pass', Next: 'B' } };
    const usual = await visited({ StartAt: 'A', States });
    expect([taken(usual, START, 'A'), taken(usual, 'A', 'B'), taken(usual, 'A', 'C', 'catch'), taken(usual, 'B', END)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const caught = await visited({ StartAt: 'A', States }, failing({ A: 1 }));
    expect([taken(caught, 'A', 'B'), taken(caught, 'A', 'C', 'catch'), taken(caught, 'C', 'B')]).toEqual([false, true, true]);
  });

  test('no way leads to the End from a run that failed', async () => {
    const failed = await visited({ StartAt: 'A', States: { A: task() } }, failing({ A: 1 }));
    expect(taken(failed, 'A', END)).toBe(false);
    expect(tracesOf(failed).node(END)).toBeUndefined();
  });

  test('several visits are counted together, the worst of them shown', async () => {
    const iterator = { StartAt: 'Work', States: { Work: task({ ...catching('Note'), End: true }), Note: { Type: 'Pass', End: true } } };
    const visits = await visited(
      { StartAt: 'M', States: { M: { Type: 'Map', ItemProcessor: iterator, End: true } } },
      failing({ Work: 1 }),
      [1, 2, 3],
    );
    const traces = tracesOf(visits);
    expect(traces.node(idOf('Work'))).toEqual({ status: 'caught', visits: 3, retries: 0 });
    expect(traces.node(idOf('Note'))).toEqual({ status: 'succeeded', visits: 1, retries: 0 });
    expect(traces.node(idOf('Nowhere'))).toBeUndefined();
  });

  test('children of a Distributed Map colour its inside, and nothing around it', async () => {
    const own = await visited({ StartAt: 'M', States: { M: { Type: 'Pass', End: true } } });
    const child = await visited({ StartAt: 'Work', States: { Work: task() } });
    const traces = tracesOf(own, child);
    expect(traces.node(idOf('Work'))).toMatchObject({ status: 'succeeded' });
    expect(traces.taken({ from: START, to: idOf('Work'), kind: 'next' })).toBe(false);
  });
});
