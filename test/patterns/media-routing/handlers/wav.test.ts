import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '../../../../patterns/media-routing/handlers/decode';
import { readWav, secondsOf } from '../../../../patterns/media-routing/handlers/wav';
import { waveformOf } from '../../../../patterns/media-routing/handlers/waveform';
import { compressed, swelling } from '../../../../patterns/media-routing/sounds';
import { describeWithFfmpeg, ffmpeg, temporaryFolder } from '../../../lib/split-transcode/support/ffmpeg';

test('a head says what the sound is and how long', () => {
  const wav = readWav(swelling({ seconds: 20, rate: 1000 }));
  expect(wav).toEqual({ encoding: 'pcm', channels: 1, rate: 1000, bits: 8, block: 1, start: 44, bytes: 20_000 });
  expect(secondsOf(wav)).toBe(20);
  expect(secondsOf(readWav(compressed(1024 * 10, 2041)))).toBe(10);
  expect(secondsOf(readWav(swelling({ seconds: 20, rate: 1000, unknownLength: true })))).toBeUndefined();
});

test('chunks of others are passed over', () => {
  const recording = swelling({ seconds: 1, rate: 1000 });
  const note = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')]);
  expect(readWav(Buffer.concat([recording.subarray(0, 12), note, recording.subarray(12)]))).toMatchObject({ start: 56, bytes: 1000 });
});

const head = swelling({ seconds: 1, rate: 1000 }).subarray(0, 44);
const changed = (at: number, value: number) => {
  const copy = Buffer.from(head);
  copy.writeUInt16LE(value, at);
  return copy;
};
test.each<[string, Buffer, RegExp]>([
  ['nothing', Buffer.alloc(0), /it is no WAV file/],
  ['no sound', head.subarray(0, 36), /it has no sound/],
  [
    'half a format',
    Buffer.concat([head.subarray(0, 16), Buffer.from([8, 0, 0, 0]), Buffer.alloc(8), head.subarray(36)]),
    /its format is cut off/,
  ],
  ['floating point', changed(20, 3), /its format is 3 with 8 bits and 1 channels: PCM of 8 or 16 bits and IMA ADPCM/],
  ['24 bits', changed(34, 24), /with 24 bits/],
  ['no channels', changed(22, 0), /its format makes no sense: 0 channels/],
  ['no rate', changed(24, 0), /makes no sense: 1 channels, 0 samples a second/],
  ['blocks of another size', changed(32, 7), /blocks of 7 bytes/],
])('%s is refused', (_, bytes, message) => {
  expect(() => readWav(bytes)).toThrow(expect.objectContaining({ name: 'InvalidRecording', message: expect.stringMatching(message) }));
});

test('a waveform grows as the tone does, and ends with the loudest', () => {
  const recording = swelling({ seconds: 20, rate: 1000 });
  const { seconds, peaks } = waveformOf(decode(readWav(recording), recording.subarray(44)), 1000);
  expect(seconds).toBe(20);
  expect(peaks).toHaveLength(200);
  expect(peaks).toEqual(peaks.toSorted((a, b) => a - b));
  expect([peaks[0], peaks[199]]).toEqual([0, 1]);
});

test('silence, and less than a sample for each part', () => {
  expect(waveformOf(new Float64Array(3), 1)).toEqual({ seconds: 3, peaks: [0, 0, 0] });
  expect(waveformOf(new Float64Array(0), 1)).toEqual({ seconds: 0, peaks: [] });
});

describeWithFfmpeg('beside ffmpeg', () => {
  const folder = temporaryFolder();

  test.each<[string, string[], number]>([
    // ffmpeg rounds a step once, the recommendation each part of it.
    ['IMA ADPCM', ['-c:a', 'adpcm_ima_wav', '-ac', '1'], 0.002],
    ['16 bits, two channels', ['-c:a', 'pcm_s16le', '-ac', '2'], 1e-4],
    ['8 bits', ['-c:a', 'pcm_u8', '-ac', '1'], 1e-4],
  ])('%s is decoded to the same samples', (_, encoder, slack) => {
    const file = join(folder, 'tone.wav');
    ffmpeg('-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=8000:duration=1', ...encoder, file);
    const bytes = readFileSync(file);
    const wav = readWav(bytes);
    const sound = bytes.subarray(wav.start, wav.start + (wav.bytes ?? 0));
    const decoded = join(folder, 'decoded.f64');
    ffmpeg('-i', file, ...(wav.channels === 2 ? ['-af', 'pan=mono|c0=0.5*c0+0.5*c1'] : []), '-f', 'f64le', decoded);
    const theirs = new Float64Array(Uint8Array.from(readFileSync(decoded)).buffer);
    const ours = decode(wav, sound);
    expect(ours.length).toBe(theirs.length);
    expect(Math.max(...ours.map((sample, i) => Math.abs(sample - theirs[i])))).toBeLessThan(slack);
  });

  test('what this test makes itself, ffmpeg reads', () => {
    const file = join(folder, 'ours.wav');
    writeFileSync(file, compressed(10_240, 8000));
    ffmpeg('-i', file, '-f', 'null', '-');
  });
});
