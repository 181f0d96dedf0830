import type { Definition } from '../../../lib/asl/definition';

const LAMBDA = 'arn:aws:states:::lambda:invoke';

/** Every kind of state, nested three deep, with loops, catchers and choices. */
export const NESTED: Definition = {
  StartAt: 'Read',
  States: {
    Done: { Type: 'Succeed' },
    Failed: { Type: 'Fail', Error: 'ReadFailed' },
    Sleep: { Type: 'Wait', Seconds: 7200, Next: 'Read' },
    Read: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:listObjectsV2',
      Next: 'Any?',
      Catch: [{ ErrorEquals: ['S3.NoSuchBucket', 'States.Timeout', 'S3.SlowDown'], Next: 'Failed' }],
    },
    'Any?': {
      Type: 'Choice',
      Choices: [
        { Variable: '$.count', NumericGreaterThan: 0, Next: 'Each page' },
        {
          And: [
            { Variable: '$.again', IsPresent: true },
            { Variable: '$.mode', StringEquals: 'slow' },
          ],
          Next: 'Sleep',
        },
      ],
      Default: 'Done',
    },
    'Each page': {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Both',
        States: {
          Both: {
            Type: 'Parallel',
            Branches: [
              {
                StartAt: 'Copy',
                States: {
                  Copy: { Type: 'Task', Resource: LAMBDA, Next: 'Copied', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'CopyFailed' }] },
                  Copied: { Type: 'Succeed' },
                  CopyFailed: { Type: 'Fail' },
                },
              },
              {
                StartAt: 'Inner',
                States: {
                  Inner: {
                    Type: 'Map',
                    Iterator: {
                      StartAt: 'Tag',
                      States: {
                        Tag: { Type: 'Task', Resource: LAMBDA, Next: 'Tagged?' },
                        'Tagged?': {
                          Type: 'Choice',
                          Choices: [{ Variable: '$.ok', BooleanEquals: true, Next: 'Yes' }],
                          Default: 'Tag',
                        },
                        Yes: { Type: 'Pass', End: true },
                      },
                    },
                    Next: 'After',
                  },
                  After: { Type: 'Pass', End: true },
                },
              },
            ],
            Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Note' }],
            End: true,
          },
          Note: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish.waitForTaskToken', End: true },
        },
      },
      Next: 'Done',
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Failed' }],
    },
  },
};

/** Any definition, with loops, ways to itself, and whatever lies in between. @param random in [0, 1) */
export function anyDefinition(random: () => number): Definition {
  let count = 0;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const workflow = (depth: number): Definition => {
    const names = Array.from(
      { length: 1 + Math.floor(random() * (depth === 0 ? 9 : 4)) },
      () => `State ${'x'.repeat(random() * 40)}${count++}`,
    );
    const onwards = () => (random() < 0.3 ? { End: true } : { Next: pick(names) });
    const errors = () => (random() < 0.4 ? { Catch: [{ ErrorEquals: ['States.ALL'], Next: pick(names) }] } : {});
    const state = (): object => {
      const kind = random();
      if (kind < 0.15 && depth < 3) return { Type: 'Map', ItemProcessor: workflow(depth + 1), ...onwards(), ...errors() };
      if (kind < 0.3 && depth < 3)
        return { Type: 'Parallel', Branches: [workflow(depth + 1), workflow(depth + 1)], ...onwards(), ...errors() };
      if (kind < 0.5) {
        const rule = () => ({ Variable: `$.${'value'.repeat(1 + random() * 4)}`, NumericGreaterThan: 1, Next: pick(names) });
        return { Type: 'Choice', Choices: [rule(), rule()], Default: pick(names) };
      }
      if (kind < 0.55) return { Type: 'Fail', Error: 'E' };
      if (kind < 0.6) return { Type: 'Succeed' };
      return { Type: 'Task', Resource: LAMBDA, ...onwards(), ...errors() };
    };
    return { StartAt: names[0], States: Object.fromEntries(names.map((name) => [name, state()])) } as unknown as Definition;
  };
  return workflow(0);
}
