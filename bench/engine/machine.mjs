// What both engines can run: JSONPath, a loop with a task and a choice, and two branches side by side. 35 transitions a run.
export const LAPS = 10;
export const TRANSITIONS = 35;
export const definition = {
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Result: { n: 0 }, Next: 'Add' },
    Add: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:123456789012:function:add', Next: 'Shape' },
    Shape: { Type: 'Pass', Parameters: { 'n.$': '$.n', 'label.$': "States.Format('lap {}', $.n)" }, Next: 'More' },
    More: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: LAPS, Next: 'Add' }], Default: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Pass', End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Pass', End: true } } },
      ],
      Next: 'End',
    },
    End: { Type: 'Succeed' },
  },
};
export const add = async ({ n }) => ({ n: n + 1 });

/** How often, and how many at a time. */
export const LOADS = [
  { executions: 500, concurrency: 1 },
  { executions: 2_000, concurrency: 100 },
  { executions: 10_000, concurrency: 10_000 },
];

/** Runs `start` as often as `executions` says, never more than `concurrency` at a time, and reports. */
export async function measure({ executions, concurrency }, start) {
  const begin = process.hrtime.bigint();
  let next = 0;
  const worker = async () => {
    while (next++ < executions) await start();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  console.log(JSON.stringify({ seconds, transitions: executions * TRANSITIONS, peakMb: process.resourceUsage().maxRSS / 1024 }));
}
