// Our engine, in a process of its own: `run <load>` or `map <items>`.
import { VirtualClock } from '../../local/clock';
import type { Json } from '../../local/cloud-types';
import { createEngine } from '../../local/engine';
import type { Execution, Machine, ObjectsPort } from '../../local/engine/types';
import { seededRandom } from '../../local/seeded-random';
import { add, definition, LOADS, measure } from './machine.mjs';

const clock = new VirtualClock();
let written = 0;

/** An object of so many lines, made as it is read, and a sink. */
const objects = (items: number): ObjectsPort => ({
  async get() {
    return (async function* () {
      for (let at = 0; at < items; at += 1000) {
        yield Buffer.from(
          Array.from({ length: Math.min(1000, items - at) }, (_, i) => `{"id":${at + i},"text":"line ${at + i}"}\n`).join(''),
        );
      }
    })();
  },
  list: () => {
    throw new Error('not listed here');
  },
  async put({ body }) {
    written += body.length;
  },
});

const engineFor = (items: number) =>
  createEngine({
    clock,
    tasks: { start: async ({ input }) => ({ output: (await add(input as { n: number })) as Json }) },
    objects: objects(items),
    accountId: '123456789012',
    region: 'us-east-1',
    partition: 'aws',
    random: seededRandom(1),
  });

const machineOf = (states: unknown): Machine => ({
  arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:Bench',
  name: 'Bench',
  type: 'STANDARD',
  roleArn: 'arn:aws:iam::123456789012:role/Bench',
  definition: states,
});

async function ended(execution: Execution): Promise<Execution> {
  await execution.finished;
  if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status}: ${execution.error} ${execution.cause}`);
  return execution;
}

async function bulk(items: number): Promise<void> {
  const states = {
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        Label: 'Each',
        MaxConcurrency: 100,
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSONL' },
          Arguments: { Bucket: 'in', Key: 'lines.jsonl' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Do',
          States: { Do: { Type: 'Pass', Output: '{% $states.input.id + 1 %}', End: true } },
        },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'results' } },
        End: true,
      },
    },
  };
  const begin = process.hrtime.bigint();
  const execution = engineFor(items).startExecution(machineOf(states), {});
  await clock.runUntil(() => execution.status !== 'RUNNING', 'the run');
  await ended(execution);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  console.log(JSON.stringify({ seconds, items, written, peakMb: process.resourceUsage().maxRSS / 1024 }));
}

const [what, number] = process.argv.slice(2);
if (what === 'map') bulk(Number(number));
else {
  const engine = engineFor(0);
  measure(LOADS[Number(number)], () => ended(engine.startExecution(machineOf(definition), {})));
}
