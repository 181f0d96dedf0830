import type { Invariant, Invariants, World } from '../../local/sweep';
import { decode } from './handlers/decode';
import { readWav } from './handlers/wav';
import { type Waveform, waveformOf } from './handlers/waveform';

const STACK = 'MediaRouting';

interface Output {
  readonly preview: string;
}

const previews = ({ cloud }: World) => cloud.bucket(`${STACK}/Previews`);

/** What the preview of the recording that is there has to be. */
function expected({ cloud }: World, preview: string): Waveform | undefined {
  const bytes = cloud.bucket(`${STACK}/Recordings`).bytes(preview.replace(/json$/, 'wav'));
  if (!bytes) return undefined;
  const recording = Buffer.from(bytes);
  const wav = readWav(recording);
  return waveformOf(decode(wav, recording.subarray(wav.start)), wav.rate);
}

const whole: Invariant = {
  name: 'a preview shows all of its recording, and nothing else',
  holds: (world) =>
    previews(world)
      .keys()
      // Where the recording was replaced meanwhile, the run said so, and the preview is that of the one before.
      .filter(() => world.runs.at(-1)?.error !== 'RecordingChanged')
      .flatMap((key) =>
        previews(world).text(key) === JSON.stringify(expected(world, key)) ? [] : [`${key} is not what its recording gives`],
      ),
};

const kept: Invariant = {
  name: 'what a run says it made is there',
  holds: (world) =>
    world.runs
      .filter(({ status }) => status === 'SUCCEEDED')
      .map(({ name, output }) => ({ name, preview: (output as unknown as Output).preview }))
      .filter(({ preview }) => !previews(world).keys().includes(preview))
      .map(({ name, preview }) => `the run ${name} names ${preview}, which is not there`),
};

const once: Invariant = {
  name: 'a run goes over to the container once',
  holds: ({ runs }) =>
    runs
      .filter(({ redriveCount }) => redriveCount === 0)
      .map(({ name, history }) => ({
        name,
        times: history.filter(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === 'MakePreviewLarge').length,
      }))
      .filter(({ times }) => times > 1)
      .map(({ name, times }) => `the run ${name} went to the container ${times} times`),
};

/** What must be true of recordings and previews, whatever fails. */
export const invariants: Invariants = {
  hold: [whole, kept, once],
  scenarios: ['small', 'large', 'duplicate'],
  unreached: [
    {
      what: '*MakePreviewLarge retries AmazonECS.Unknown',
      why: 'Where Fargate has no capacity, or a subnet no address: none of it runs out here.',
    },
  ],
  unusedPermissions: [
    {
      what: '*/WorkerStartRole: logs:* on *',
      why: 'ECS itself writes what the container says; a function of the scenario runs in its place.',
    },
  ],
};
