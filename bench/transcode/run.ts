/**
 * Measures with the recipe of SplitTranscode's own handlers, without S3, and writes what it measured as JSON. What is simulated takes CPU
 * time: other work on this machine doesn't count.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { problemsOf } from '../../lib/split-transcode/handlers/check';
import { type Plan, planOf } from '../../lib/split-transcode/handlers/plan';
import { packetsOf, probe } from '../../lib/split-transcode/handlers/probe';
import { concatScript, encodeAudio, encodeVideo, join, samplesOf } from '../../lib/split-transcode/handlers/recipe';

const SECONDS = 60;
const HOUR = 3600;
const SEGMENT = 20;
const WORKERS = [10, 100, 1000];

interface Way {
  readonly way: string;
  readonly segments: number;
  readonly wall: number;
  readonly cpu: number;
  readonly frames: number;
  /** None of a serial encode: it is what the others are compared with. */
  readonly problems?: readonly string[];
}

const ffmpeg = (...args: string[]) =>
  execFileSync(process.env.FFMPEG_PATH || 'ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args]);

/** User and system time of children that have ended, in seconds: fields 16 and 17 of /proc/self/stat, in hundredths. */
function childrenCpu(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return Number.NaN; // only Linux tells
  }
}

async function measured<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly wall: number; readonly cpu: number }> {
  const [cpu, begin] = [childrenCpu(), process.hrtime.bigint()];
  const result = await work();
  return { result, wall: Number(process.hrtime.bigint() - begin) / 1e9, cpu: childrenCpu() - cpu };
}

/** How long it would have taken had it had a core for itself. */
const alone = ({ wall, cpu }: { readonly wall: number; readonly cpu: number }) => (Number.isNaN(cpu) ? wall : cpu);

function planFor(media: Awaited<ReturnType<typeof probe>>, segmentSeconds: number): Plan {
  return planOf(
    media,
    { key: 'source.mp4', etag: '', bytes: 0 },
    {
      source: { bucket: '' },
      destination: { bucket: '', prefix: '' },
      scratch: { bucket: '', prefix: '' },
      renditions: [{ name: '480p', height: 480, quality: 23, preset: 'veryfast' }],
      segmentSeconds,
      keyFrameSeconds: 2,
      audioKbps: 128,
    },
  );
}

/** Cut, encoded by so many at once, joined; and how long each part took. */
async function split(source: string, folder: string, segmentSeconds: number, workers: number) {
  const media = await measured(() => probe(source));
  const plan = planFor(media.result, segmentSeconds);
  const [{ video, wanted }] = plan.renditions;
  const files = plan.windows.map((_, i) => path(folder, `part-${i}.mp4`));
  const audio = path(folder, 'audio.mp4');
  const tasks = [
    async () => void (await encodeAudio(source, { stream: 1, channels: 1, kbps: 128 }, audio)),
    ...plan.windows.map((window, i) => () => encodeVideo(source, window, video, files[i])),
  ];
  const seconds: number[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (next < tasks.length) {
        const i = next++;
        seconds[i] = alone(await measured(tasks[i]));
      }
    }),
  );
  const script = path(folder, 'script');
  const output = path(folder, 'split.mp4');
  const joined = await measured(async () => {
    writeFileSync(script, concatScript(plan.windows.map((window, i) => ({ file: files[i], seconds: window.seconds }))));
    await join(
      { script, timescale: video.timescale, videoStarts: 0, audio: { file: audio, starts: 0 }, comment: plan.fingerprint },
      output,
    );
  });
  const verified = await measured(async () => problemsOf(output, { ...wanted, samples: await samplesOf(audio) }));
  return { plan, output, seconds, problems: verified.result, overhead: alone(media) + alone(joined) + alone(verified) };
}

/** Each worker takes the next task when it is done. */
function simulate(tasks: readonly number[], workers: number): number {
  const free = new Array<number>(workers).fill(0);
  for (const task of tasks) {
    const first = free.indexOf(Math.min(...free));
    free[first] += task;
  }
  return Math.max(...free);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path(tmpdir(), 'stepworks-bench-'));
  try {
    const source = path(folder, 'source.mp4');
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=1280x720:rate=30:duration=${SECONDS}`,
      '-f',
      'lavfi',
      '-i',
      `sine=duration=${SECONDS}:sample_rate=48000`,
    ];
    ffmpeg(...inputs, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p', '-c:a', 'aac', source);
    const serial = path(folder, 'serial.mp4');
    const ways: Way[] = [];
    for (const threads of ['0', '1']) {
      const { wall, cpu } = await measured(async () =>
        ffmpeg(
          ...['-threads', threads, '-i', source, '-vf', 'scale=-2:480', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23'],
          '-threads',
          threads,
          '-c:a',
          'aac',
          serial,
        ),
      );
      const frames = (await packetsOf(serial, 0)).length;
      ways.push({
        way: threads === '0' ? 'serial, automatic threads' : 'serial, one thread',
        segments: 1,
        wall,
        cpu,
        frames,
      });
    }
    const cores = availableParallelism();
    for (const segmentSeconds of [30, 20, 5]) {
      const { result, wall, cpu } = await measured(() => split(source, folder, segmentSeconds, cores));
      const frames = (await packetsOf(result.output, 0)).length;
      ways.push({
        way: `split by ${segmentSeconds} s, ${cores} workers`,
        segments: result.plan.windows.length,
        wall,
        cpu,
        frames,
        problems: result.problems,
      });
    }
    // One at a time, so that a segment's time is its own.
    const single = await split(source, folder, SEGMENT, 1);
    const [sound, ...segments] = single.seconds;
    const grown = HOUR / SECONDS;
    const tasks = [sound * grown, ...Array.from({ length: HOUR / SEGMENT }, (_, i) => segments[i % segments.length])];
    const overhead = single.overhead * grown;
    const one = alone(ways[1]) * grown;
    const rows = WORKERS.map((workers) => {
      const wall = overhead + simulate(tasks, workers);
      return { workers, wall, times: one / wall };
    });
    console.log(JSON.stringify({ cores, seconds: SECONDS, ways, simulated: { overhead, rows } }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
