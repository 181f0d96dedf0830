import type { Workflow } from '../../../lib/asl/definition';
import { historyBudget } from '../../../lib/asl/history-budget';
import { StatesError } from '../../../local/engine';
import { LAMBDA, play } from '../../local/engine/play';

// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
describe('the history budget', () => {
  const retried = { Type: 'Task', Resource: LAMBDA, Retry: [{ ErrorEquals: ['Bad'], MaxAttempts: 2 }] };
  const each = { Type: 'Map', ItemProcessor: { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } } };
  const definition = {
    StartAt: 'Start',
    States: {
      Start: { Type: 'Choice', Choices: [{ Variable: '$[0]', IsNumeric: true, Next: 'Work' }], Default: 'Short' },
      Short: { Type: 'Succeed' },
      Work: { ...retried, ResultPath: null, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'Idle', States: { Idle: { Type: 'Wait', Seconds: 1, End: true } } }],
        ResultPath: null,
        Next: 'Each',
      },
      Each: { ...each, End: true },
    },
  };

  test('is what the dearest run writes', async () => {
    let n = 0;
    const failTwice = () => {
      if (n++ < 2) throw new StatesError('Bad');
      return {};
    };
    const { events, maps } = historyBudget(definition as unknown as Workflow);
    expect((await play(definition, [1, 2, 3], failTwice)).history).toHaveLength(events + 3 * maps[0].eventsPerItem);
    expect(maps).toEqual([{ location: '/States/Each', eventsPerItem: 4, mostItems: Math.floor((25_000 - events) / 4) }]);
  });

  test('a loop says what a round costs', () => {
    const loop = {
      StartAt: 'Ask',
      States: {
        Ask: { Type: 'Task', Resource: `${LAMBDA}.waitForTaskToken`, Next: 'Done' },
        Done: { Type: 'Choice', Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'End' }], Default: 'Pause' },
        Pause: { Type: 'Wait', Seconds: 60, Next: 'Ask' },
        End: { Type: 'Succeed' },
      },
    };
    expect(historyBudget(loop as unknown as Workflow).loops).toEqual([{ location: '/States/Pause', eventsPerRound: 10, mostRounds: 2498 }]);
  });
});
