import { readFileSync, writeFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { problemsOf } from '../../../../lib/split-transcode/handlers/check';
import { itemsOf, type Plan, planOf } from '../../../../lib/split-transcode/handlers/plan';
import { packetsOf, probe, streamsOf } from '../../../../lib/split-transcode/handlers/probe';
import { concatScript, encodeAudio, encodeVideo, join, samplesOf } from '../../../../lib/split-transcode/handlers/recipe';
import type { TranscodeSettings } from '../../../../lib/split-transcode/handlers/settings';
import { describeWithFfmpeg, ffmpeg, makeSource, temporaryFolder } from '../support/ffmpeg';

const SETTINGS: TranscodeSettings = {
  source: { bucket: 'source' },
  destination: { bucket: 'destination', prefix: '' },
  scratch: { bucket: 'scratch', prefix: 'scratch/' },
  renditions: [{ name: '90p', height: 90, quality: 23, preset: 'superfast' }],
  segmentSeconds: 1,
  keyFrameSeconds: 1,
  audioKbps: 96,
};

/** Enough for four segments. */
const SHORT = { seconds: 4, size: '192x108' };

/** As the functions do, without S3. */
async function splitTranscode(source: string, folder: string): Promise<{ plan: Plan; output: string; samples?: number }> {
  const plan = planOf(await probe(source), { key: 'source.mp4', etag: 'e', bytes: 1 }, SETTINGS);
  const [{ video }] = plan.renditions;
  const segments: { file: string; seconds: number }[] = [];
  let samples: number | undefined;
  for (const item of itemsOf(plan)) {
    const file = path(folder, item.key.split('/').slice(2).join('-'));
    if ('audio' in item) samples = (await encodeAudio(source, item.audio, file)).made;
    else {
      await encodeVideo(source, item.window, item.video, file);
      segments.push({ file, seconds: item.window.seconds });
    }
  }
  const script = path(folder, 'script');
  writeFileSync(script, concatScript(segments));
  const output = path(folder, 'output.mp4');
  const audio = plan.audio && { file: path(folder, 'audio.mp4'), starts: plan.audio.starts };
  await join({ script, timescale: video.timescale, videoStarts: plan.videoStarts, audio, comment: plan.fingerprint }, output);
  return { plan, output, samples };
}

/** The whole file at once, by a command of its own. */
function serialEncode(source: string, output: string, sync = 'cfr'): string {
  const video = ['-vf', 'scale=-2:90', '-fps_mode', sync, '-c:v', 'libx264', '-preset', 'superfast'];
  ffmpeg('-i', source, ...video, '-c:a', 'aac', '-b:a', '96k', output);
  return output;
}

/** What a file is, apart from its bytes. */
async function shapeOf(file: string) {
  const { streams } = await streamsOf(file);
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  const audio = streams.find(({ codec_type }) => codec_type === 'audio');
  if (!video?.time_base) throw new Error(`no video in ${file}`);
  const [num, den] = video.time_base.split('/').map(Number);
  const packets = await packetsOf(file, video.index);
  return {
    frames: packets.length,
    seconds: Number(video.duration).toFixed(3),
    starts: Number(video.start_time).toFixed(3),
    soundStarts: audio && Number(audio.start_time).toFixed(3),
    times: packets.map(({ pts }) => Math.round(((pts - packets[0].pts) * num * 1000) / den)),
    samples: audio && (await samplesOf(file)),
  };
}

/** How like a video each other is, by the frame that is least so: 1 is the same. A frame that is one off has some 0.9. */
function leastAlike(video: string, others: readonly string[]): number[] {
  const inputs = [video, ...others].map((_, i) => `[${i}:v]scale=160:90${i === 0 ? `,split=${others.length}` : ''}`);
  const copies = others.map((_, i) => `[copy${i}]`);
  const [first, ...rest] = inputs;
  const compared = rest.map((input, i) => `${input}[other${i}];${copies[i]}[other${i}]ssim=f=${others[i]}.ssim[done${i}]`);
  ffmpeg(
    ...[video, ...others].flatMap((file) => ['-i', file]),
    ...['-lavfi', [first + copies.join(''), ...compared].join(';')],
    ...others.flatMap((_, i) => ['-map', `[done${i}]`, '-f', 'null', '/dev/null']),
  );
  return others.map((file) => {
    const lines = readFileSync(`${file}.ssim`, 'utf8').trim().split('\n');
    return Math.min(...lines.map((line) => Number(/All:([0-9.]+)/.exec(line)?.[1])));
  });
}

describeWithFfmpeg('the joined segments are what a serial encode gives', () => {
  const folder = temporaryFolder();
  const sources: [string, () => string, string][] = [
    [
      'closed GOP, 30 fps',
      () => makeSource(path(folder, 'closed.mp4'), { ...SHORT, video: ['-g', '25', '-bf', '2', '-flags', '+cgop'] }),
      '30/1',
    ],
    [
      'open GOP',
      () =>
        makeSource(path(folder, 'open.mp4'), {
          ...SHORT,
          rate: '25',
          video: ['-preset', 'superfast', '-bf', '3', '-x264-params', 'open-gop=1:keyint=20:scenecut=0'],
        }),
      '25/1',
    ],
    [
      '29.97 fps',
      () => makeSource(path(folder, 'ntsc.mp4'), { ...SHORT, rate: '30000/1001', video: ['-g', '35', '-bf', '2'] }),
      '30000/1001',
    ],
  ];
  test.each(sources)('%s', async (_, make, rate) => {
    const source = make();
    const { plan, output, samples } = await splitTranscode(source, folder);
    expect(plan.windows.length).toBeGreaterThan(3);
    expect(plan.renditions[0].wanted.step).toBe(rate.split('/').reverse().join('/'));
    const serial = serialEncode(source, path(folder, 'serial.mp4'));
    expect(await shapeOf(output)).toEqual(await shapeOf(serial));
    const [own, reference] = leastAlike(source, [output, serial]);
    expect(own).toBeGreaterThan(reference - 0.03);
    expect(await problemsOf(output, { ...plan.renditions[0].wanted, samples })).toEqual([]);
  });
});

describeWithFfmpeg('what a source may be', () => {
  const folder = temporaryFolder();
  const at = (name: string) => path(folder, name);
  const timesOf = (frames: readonly number[]) => frames.map((time) => Math.round((time - frames[0]) * 1000));

  test('open GOPs at 29.97 fps, and times that are rounded to milliseconds', async () => {
    const video = ['-preset', 'superfast', '-bf', '3', '-x264-params', 'open-gop=1:keyint=35:scenecut=0'];
    const source = makeSource(at('ntsc.mkv'), { ...SHORT, rate: '30000/1001', video });
    const { plan, output, samples } = await splitTranscode(source, folder);
    const shape = await shapeOf(output);
    expect(plan.renditions[0].wanted).toMatchObject({ step: '1001/30000', frames: 120 });
    expect(shape.times).toEqual(Array.from({ length: 120 }, (_, i) => Math.round((i * 1001) / 30)));
    expect(samples).toBe(await samplesOf(source));
    const serial = serialEncode(source, at('ntsc-serial.mp4'), 'passthrough');
    const [own, reference] = leastAlike(source, [output, serial]);
    expect(own).toBeGreaterThan(reference - 0.03);
    expect(await problemsOf(output, { ...plan.renditions[0].wanted, samples })).toEqual([]);
  });

  test('a frame rate that varies stays as it is', async () => {
    const source = makeSource(at('vfr.mp4'), {
      ...SHORT,
      after: ['-vf', "select='if(lt(t,1.5),1,not(mod(n,3)))'", '-fps_mode', 'vfr', '-g', '10'],
    });
    const { plan, output, samples } = await splitTranscode(source, folder);
    expect(plan.renditions[0].wanted.step).toBeUndefined();
    expect(plan.windows.length).toBeGreaterThan(2);
    expect((await shapeOf(output)).times).toEqual(timesOf((await probe(source)).video.frames));
    expect(leastAlike(source, [output])[0]).toBeGreaterThan(0.9);
    expect(await problemsOf(output, { ...plan.renditions[0].wanted, samples })).toEqual([]);
  });

  describe('turned by its metadata, with a picture that begins later than the sound', () => {
    let made: Awaited<ReturnType<typeof splitTranscode>>;
    beforeAll(async () => {
      makeSource(at('lying.mp4'), { seconds: 2, rate: '5', size: '192x108' });
      const later = ['-itsoffset', '0.5', '-i', at('lying.mp4'), '-i', at('lying.mp4'), '-map', '0:v', '-map', '1:a'];
      ffmpeg(...later, '-c', 'copy', '-metadata:s:v', 'rotate=90', at('turned.mp4'));
      made = await splitTranscode(at('turned.mp4'), folder);
    });

    test('it comes out whole', async () => {
      const { plan, output, samples } = made;
      expect(samples).toBeGreaterThan(0);
      expect(await problemsOf(output, { ...plan.renditions[0].wanted, samples })).toEqual([]);
    });

    test('it comes out upright', async () => {
      expect(made.plan.renditions[0].wanted).toMatchObject({ width: 50, height: 90 });
      expect(JSON.stringify(await streamsOf(made.output))).not.toContain('rotation');
    });

    test('its picture still begins later', async () => {
      expect(made.plan.videoStarts).toBeCloseTo(0.5, 3);
      const { starts, soundStarts, frames } = await shapeOf(made.output);
      expect([starts, soundStarts, frames]).toEqual(['0.500', '0.000', 10]);
    });
  });

  test('one key frame only: fewer and longer windows; pixels that are not square: they come out so', async () => {
    const source = makeSource(at('one-key.mp4'), {
      ...{ seconds: 4, rate: '5', size: '120x100', audio: false },
      ...{ video: ['-g', '9999', '-sc_threshold', '0'], after: ['-vf', 'setsar=4/3'] },
    });
    const { plan, output } = await splitTranscode(source, folder);
    expect(plan.windows.map(({ first, frames }) => [first, frames])).toEqual([
      [0, 5],
      [5, 15],
    ]);
    expect(plan.renditions[0].wanted).toMatchObject({ width: 144, height: 90 });
    expect(await problemsOf(output, plan.renditions[0].wanted)).toEqual([]);
  });

  test('without sound, and smaller than the rendition: it is not made larger', async () => {
    const source = makeSource(at('silent.mp4'), { seconds: 1, rate: '5', size: '64x48', audio: false });
    const { plan, output } = await splitTranscode(source, folder);
    expect(plan.renditions[0].wanted).toMatchObject({ width: 64, height: 48, frames: 5 });
    expect(await problemsOf(output, plan.renditions[0].wanted)).toEqual([]);
  });

  test.each<[string, string, (file: string) => void, RegExp]>([
    ['sound only', 'NoVideo', (file) => ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', file), /no video: its streams are audio/],
    [
      'sound with a cover picture',
      'NoVideo',
      (file) => {
        ffmpeg('-f', 'lavfi', '-i', 'sine=duration=1', at('sound.m4a'));
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x64:duration=1', '-frames:v', '1', at('cover.png'));
        ffmpeg(
          '-i',
          at('sound.m4a'),
          '-i',
          at('cover.png'),
          '-map',
          '0',
          '-map',
          '1',
          '-c',
          'copy',
          '-disposition:v:0',
          'attached_pic',
          file,
        );
      },
      /its streams are audio, a cover picture/,
    ],
  ])('%s is refused by name', async (_, name, make, message) => {
    const file = at(`${name}-${_.length}.m4a`);
    make(file);
    await expect(probe(file)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});
