import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { App, Duration, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { BulkConcurrency, Rendition, SplitTranscode } from '../../../lib';
import { multivariantOf, type Variant } from '../../../lib/split-transcode/handlers/multivariant';
import { packetsOf } from '../../../lib/split-transcode/handlers/probe';
import { type Assembly, LocalCloud, type LocalRun } from '../../../local';
import { loadAssembly } from '../../../local/assembly';
import { synthesized } from '../../../local/synthesized';
import { warmStart } from '../../support/warm-start';
import { describeWithFfmpeg, ffmpeg, makeSource, once, temporaryFolder, whereIs } from './support/ffmpeg';

const warm = warmStart();
const folder = temporaryFolder();

function stackWith(...renditions: Rendition[]): Stack {
  const stack = new Stack(new App(), 'Test');
  new SplitTranscode(stack, 'Transcode', {
    source: new s3.Bucket(stack, 'Source', { versioned: true }),
    destination: new s3.Bucket(stack, 'Destination'),
    destinationPrefix: 'out/',
    renditions,
    segmentDuration: Duration.seconds(8),
    keyFrameInterval: Duration.seconds(1),
    concurrency: BulkConcurrency.of(1),
  });
  return stack;
}

const SMALL = Rendition.hls({ height: 90, preset: 'ultrafast' });
const LARGE = Rendition.hls({ height: 120, preset: 'ultrafast', videoBitrate: 200 });
const FILE = Rendition.mp4({ name: 'file', height: 90, preset: 'ultrafast' });
/** A source of one segment. */
const FEW = { seconds: 2, rate: '5', size: '192x108' };

test('a rendition that has the name of the sound is refused', () => {
  expect(() => Rendition.hls({ height: 90, name: 'sound' })).toThrow(/the sound of all HLS renditions has this name/);
  expect(() => Rendition.hls({ height: 91 })).toThrow(/height is 91: H\.264 takes an even one/);
});

describe('the multivariant playlist', () => {
  const playlist = (...pieces: (readonly [seconds: number, bytes: number])[]) =>
    `#EXTM3U\n${pieces.map(([seconds, bytes]) => `#EXTINF:${seconds.toFixed(6)},\n#EXT-X-BYTERANGE:${bytes}@800\nx.mp4\n`).join('')}#EXT-X-ENDLIST\n`;
  const head = Buffer.from('....avcC\x01\x64\x00\x1f....', 'latin1');
  const small: Variant = { uri: 'f/small.m3u8', width: 160, height: 90, head, playlist: playlist([6, 6000], [6, 3000], [2, 1000]) };
  const large: Variant = { uri: 'f/large.m3u8', width: 320, height: 180, head, playlist: playlist([6, 9000], [6, 9000], [2, 5000]) };

  test('says of each rendition what a player chooses by', () => {
    const sound = { uri: 'f/sound.m3u8', playlist: playlist([6.016, 6016], [7.984, 7984]) };
    expect(multivariantOf({ variants: [small, large], sound, rate: 30_000 / 1001 }).split('\n')).toEqual([
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="f/sound.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=16000,AVERAGE-BANDWIDTH=13715,RESOLUTION=160x90,FRAME-RATE=29.970,CODECS="avc1.64001f,mp4a.40.2",AUDIO="sound"',
      'f/small.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=28000,AVERAGE-BANDWIDTH=21143,RESOLUTION=320x180,FRAME-RATE=29.970,CODECS="avc1.64001f,mp4a.40.2",AUDIO="sound"',
      'f/large.m3u8',
      '',
    ]);
  });

  test('without sound, at no constant rate', () => {
    expect(
      multivariantOf({ variants: [small] })
        .split('\n')
        .slice(3, 5),
    ).toEqual(['#EXT-X-STREAM-INF:BANDWIDTH=8000,AVERAGE-BANDWIDTH=5715,RESOLUTION=160x90,CODECS="avc1.64001f"', 'f/small.m3u8']);
  });

  test('is not made of renditions that a player could not go between', () => {
    const shifted = { ...large, playlist: playlist([5, 9000], [7, 9000], [2, 5000]) };
    expect(() => multivariantOf({ variants: [small, shifted] })).toThrow(
      expect.objectContaining({
        name: 'NotAligned',
        message: expect.stringMatching(/^the pieces of f\/large\.m3u8 and f\/small\.m3u8 don't begin at the same times/),
      }),
    );
    expect(() => multivariantOf({ variants: [{ ...small, head: Buffer.from('none') }] })).toThrow(/without the settings of its encoder/);
  });
});

describeWithFfmpeg('a run', () => {
  const short = once(() => makeSource(join(folder, 'short.mp4'), FEW));
  let assembly: Assembly;
  let cloud: LocalCloud;
  beforeAll(async () => {
    assembly = await loadAssembly(synthesized(stackWith(SMALL, FILE)).directory);
  });
  afterEach(() => cloud.dispose());

  async function run(source: Uint8Array, before?: () => Promise<void> | void, of = assembly): Promise<LocalRun> {
    cloud = await LocalCloud.deploy(of, { warm });
    await cloud.bucket('Test/Source').put('clips/one.mov', source);
    await before?.();
    return again();
  }

  async function again(): Promise<LocalRun> {
    const started = await cloud.stateMachine('Test/Transcode').start({ key: 'clips/one.mov' });
    await started.finished();
    expect(cloud.access.denied).toEqual([]);
    return started;
  }

  const workBucket = () => {
    const bucket = cloud.bucket('Test/Transcode/BulkMap/Results');
    return { name: bucket.name, keys: bucket.keys('transcode/work/') };
  };
  const published = () => cloud.bucket('Test/Destination');

  /** What is published, as files: the multivariant playlist's. */
  function download(to: string): string {
    const root = join(folder, to);
    for (const key of published().keys()) {
      mkdirSync(dirname(join(root, key)), { recursive: true });
      writeFileSync(join(root, key), published().bytes(key) as Buffer);
    }
    return join(root, 'out/clips/one');
  }

  /** What a player sees or hears: a hash of each frame, or of all the samples but those before the beginning. */
  const pictures = (input: string, map: string): string[] =>
    text(['-i', input, '-map', map, '-f', 'framemd5', '-'])
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(',').at(-1)?.trim() ?? '');
  const text = (args: string[]): string => samples(args).toString('utf8');
  const samples = (args: string[]): Buffer =>
    execFileSync(whereIs('ffmpeg'), ['-nostdin', '-hide_banner', '-loglevel', 'error', ...args], { maxBuffer: 2 ** 28 });
  const pcm = (input: string, map: string) => samples(['-i', input, '-map', map, '-ac', '1', '-f', 's16le', '-']);

  test('each rendition has the frames, times and samples of a serial encode; pieces begin alike; the index comes last', async () => {
    const video = ['-x264-params', 'open-gop=1:keyint=23:scenecut=0', '-bf', '3'];
    const source = makeSource(join(folder, 'source.mp4'), { seconds: 15, rate: '10000/1001', size: '240x160', video });
    const both = await loadAssembly(synthesized(stackWith(SMALL, LARGE, FILE)).directory);
    const { output } = await run(readFileSync(source), undefined, both);
    const [, index] = cloud.calls
      .filter(
        ({ operation, input }) => /^(PutObject|CopyObject)$/.test(operation) && (input as { Bucket: string }).Bucket === published().name,
      )
      .map(({ input }) => (input as { Key: string }).Key)
      .reduceRight<[string[], string?]>(([rest, last], key) => (last === undefined ? [rest, key] : [[...rest, key], last]), [[]]);
    expect(index).toBe('out/clips/one/index.m3u8');
    const [of] = published()
      .keys()
      .flatMap((key) => /one\/([0-9a-f]{12})\//.exec(key)?.[1] ?? []);
    const at = (name: string) => `out/clips/one/${of}/${name}`;
    expect(output).toEqual({
      status: 'TRANSCODED',
      bucket: expect.any(String),
      playlist: 'out/clips/one/index.m3u8',
      renditions: [
        { name: '90p', key: at('90p.m3u8'), width: 136, height: 90 },
        { name: '120p', key: at('120p.m3u8'), width: 180, height: 120 },
        { name: 'file', key: 'out/clips/one/file.mp4', width: 136, height: 90 },
      ],
      frames: 150,
      seconds: 15.015,
      segments: 7,
      redone: 0,
    });
    expect(published().keys()).toEqual(
      [
        ...['120p', '90p', 'sound'].flatMap((name) => [at(`${name}.m3u8`), at(`${name}.mp4`)]),
        'out/clips/one/file.mp4',
        'out/clips/one/index.m3u8',
      ].toSorted(),
    );
    const root = download('one');
    const serial = join(folder, 'serial.mp4');
    ffmpeg('-i', source, '-vn', '-c:a', 'aac', '-b:a', '128k', serial);
    const small = join(root, of, '90p.m3u8');
    const times = async (input: string) => (await packetsOf(input, 0)).map(({ pts }) => pts);
    const ticks = await times(small);
    expect(ticks.map((pts) => (pts - ticks[0]) / 1001)).toEqual(Array.from({ length: 150 }, (_, i) => i));
    // The same segments as the MP4 file's, frame by frame; and the sound of a serial encode, sample by sample.
    expect(pictures(small, '0:v:0')).toEqual(pictures(join(root, 'file.mp4'), '0:v:0'));
    const delay = -(await packetsOf(join(root, of, 'sound.m3u8'), 0))[0].pts;
    expect(delay).toBe(1024);
    expect(
      pcm(join(root, of, 'sound.m3u8'), '0:a:0')
        .subarray(2 * delay)
        .equals(pcm(serial, '0:a:0')),
    ).toBe(true);
    const pieces = (name: string) => readFileSync(join(root, of, `${name}.m3u8`), 'utf8').match(/^#EXTINF:[\d.]+/gm);
    expect(pieces('90p')).toEqual(['#EXTINF:6.006000', '#EXTINF:6.006000', '#EXTINF:3.003000']);
    expect(pieces('120p')).toEqual(pieces('90p'));
    // A player that goes by the index finds both pictures and the sound.
    const found = execFileSync(
      whereIs('ffprobe'),
      ['-v', 'error', '-show_entries', 'stream=codec_type,width', '-of', 'csv=p=0', join(root, 'index.m3u8')],
      {
        encoding: 'utf8',
      },
    );
    expect(found.split('\n').filter((line) => line !== '')).toEqual(expect.arrayContaining(['video,136', 'video,180', 'audio']));
    expect((await again()).output).toMatchObject({ status: 'PRESENT', playlist: 'out/clips/one/index.m3u8' });
  });

  test('a set that can not be completed is not seen: nothing names it', async () => {
    const failed = await run(short(), () =>
      cloud.fail('s3:PutObject', { error: 'AccessDenied', statusCode: 403, role: 'Test/Transcode/Functions/Publish' }),
    );
    expect(failed).toMatchObject({ status: 'FAILED', error: 'AccessDenied' });
    expect(
      published()
        .keys()
        .filter((key) => key.endsWith('index.m3u8')),
    ).toEqual([]);
    expect((await again()).output).toMatchObject({ status: 'TRANSCODED', redone: 0 });
    expect(
      published()
        .keys()
        .filter((key) => key.endsWith('index.m3u8')),
    ).toEqual(['out/clips/one/index.m3u8']);
  });

  /**
   * Has a part overwritten after an object whose key ends so is put by the workflow for the n-th time.
   * @returns how often one was put
   */
  function afterPut(...steps: readonly Overwriting[]): (suffix: string) => number {
    const work = cloud.bucket('Test/Transcode/BulkMap/Results');
    const puts: string[] = [];
    const own = new Set<string>();
    const times = (suffix: string) => puts.filter((key) => key.endsWith(suffix)).length;
    cloud.intercept(async ({ operation, input }, call) => {
      const answer = await call();
      const { Key: key = '' } = input as { Key?: string };
      if (operation !== 'PutObject' || own.delete(key)) return answer;
      puts.push(key);
      for (const { put, nth, part = put, body } of steps) {
        if (!key.endsWith(put) || times(put) !== nth) continue;
        const other = work.keys().find((one) => one.endsWith(part)) as string;
        own.add(other);
        await work.put(other, body(work.text(other)));
      }
      return { ...(answer as object) };
    });
    return times;
  }

  interface Overwriting {
    readonly put: string;
    readonly nth: number;
    /** @default - what is put */
    readonly part?: string;
    readonly body: (before: string) => string;
  }

  test('a segment that is damaged is found and made again, and then the sound', async () => {
    const segment = '/90p/000000.mp4';
    const sound = '/audio.mp4';
    const body = () => 'nothing to be seen';
    let times = (_: string) => 0;
    const done = await run(short(), () => {
      times = afterPut({ put: segment, nth: 1, body }, { put: segment, nth: 2, part: sound, body });
    });
    expect(done.output).toMatchObject({ status: 'TRANSCODED', frames: 10, redone: 2 });
    expect([segment, sound, '/file/000000.mp4'].map(times)).toEqual([2, 2, 1]);
  });

  test('a picture that begins later still does, and a sound', async () => {
    const source = join(folder, 'late.mp4');
    const together = join(folder, 'together.mp4');
    writeFileSync(together, short());
    const from = (offset: number) => ['-itsoffset', `${offset}`, '-i', together];
    // What is first is a second sound, which is not used.
    ffmpeg(...from(0.5), ...from(0.25), ...from(0), '-map', '0:v', '-map', '1:a', '-map', '2:a', '-c', 'copy', source);
    expect((await run(readFileSync(source))).output).toMatchObject({ status: 'TRANSCODED', redone: 0 });
    const root = download('late');
    const [of] = published()
      .keys()
      .flatMap((key) => /one\/([0-9a-f]{12})\//.exec(key)?.[1] ?? []);
    const begins = (name: string) => {
      const file = join(root, of, `${name}.m3u8`);
      return Number(execFileSync(whereIs('ffprobe'), ['-v', 'error', '-show_entries', 'format=start_time', '-of', 'csv=p=0', file]));
    };
    expect(begins('90p')).toBeCloseTo(0.5, 2);
    // An encoder's delay comes before it.
    expect(begins('sound')).toBeCloseTo(0.25 - 1024 / 48_000, 2);
  });

  test('a playlist that leaves its last piece away is found, and written again, and then that of the sound', async () => {
    const source = makeSource(join(folder, 'seven.mp4'), { ...FEW, seconds: 7 });
    const body = (playlist: string) => {
      const shorter = playlist.replace(/#EXTINF:[^#]*#EXT-X-BYTERANGE:[^#]*(?=#EXT-X-ENDLIST)/, '');
      expect(shorter).not.toBe(playlist);
      return shorter;
    };
    const [picture, sound] = ['/90p/joined.m3u8', '/sound/joined.m3u8'];
    let times = (_: string) => 0;
    // One each time that all are joined.
    const done = await run(readFileSync(source), () => {
      times = afterPut({ put: picture, nth: 1, body }, { put: sound, nth: 2, body });
    });
    expect(done.output).toMatchObject({ status: 'TRANSCODED', redone: 2 });
    expect([picture, sound, '/90p/000000.mp4', '/audio.mp4'].map(times)).toEqual([3, 3, 1, 1]);
  });

  test('a sound that another rendition finds bad, and deletes, while this one is verified is made again', async () => {
    let left = 1;
    const done = await run(short(), () =>
      cloud.intercept(async ({ operation, input }, call) => {
        const answer = await call();
        if (operation === 'HeadObject' && (input as { Key: string }).Key.endsWith('/file/joined.mp4') && left-- === 1) {
          const { name, keys } = workBucket();
          await cloud.operate('s3', 'DeleteObject', { Bucket: name, Key: keys.find((key) => key.endsWith('/audio.mp4')) });
        }
        return answer;
      }),
    );
    expect(done.output).toMatchObject({ status: 'TRANSCODED', redone: 1 });
  });

  test('without sound', async () => {
    const { output } = await run(readFileSync(makeSource(join(folder, 'mute.mp4'), { ...FEW, audio: false })));
    expect(output).toMatchObject({ status: 'TRANSCODED', segments: 2 });
    expect(
      published()
        .keys()
        .filter((key) => /sound/.test(key)),
    ).toEqual([]);
    expect(published().text('out/clips/one/index.m3u8')).not.toMatch(/AUDIO/);
  });
});
