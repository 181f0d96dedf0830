import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clip } from '../../../patterns/split-transcode/clips';
import { differences } from '../../../patterns/split-transcode/compare-clips';
import { runTool, withTemporaryFolder } from '../../../patterns/split-transcode/tools';
import { describeWithFfmpeg } from '../../lib/split-transcode/support/ffmpeg';

/** What an encoder makes of a clip, told by options. */
function encoded(source: Uint8Array, ...options: string[]): Uint8Array {
  return withTemporaryFolder((folder) => {
    const [from, to] = ['from.mp4', 'to.mp4'].map((name) => join(folder, name));
    writeFileSync(from, source);
    runTool('ffmpeg', ['-i', from, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '23', ...options, to]);
    return readFileSync(to);
  });
}

describeWithFfmpeg('with the real ffmpeg', () => {
  const source = () => clip({ seconds: 4, rate: '25' });
  const small = (filters: string, ...more: string[]) => encoded(source(), '-vf', `${filters}scale=160:90,setsar=1`, ...more);

  test('what an encoder makes of the clip shows the clip', () => {
    expect(differences(small(''), source(), '160x90')).toEqual([]);
  });

  test.each([
    ['a frame too few', 'trim=end_frame=99,', [], /^it has 99 frames, the clip 100$/],
    [
      'a frame twice, another left out',
      "select='not(eq(n,50))',loop=1:1:20,setpts=N/25/TB,",
      [],
      /^its frame 2\d is another than the clip's: a likeness of 0\.\d+$/,
    ],
    [
      'pieces in another order',
      'trim=start_frame=50,setpts=N/25/TB,tpad=stop=50:stop_mode=clone,',
      [],
      /^its frame 0 is another than the clip's/,
    ],
    ['no sound', '', ['-an'], /^it has 0 samples of sound, the clip \d+$/],
    ['sound that ends early', '', ['-af', 'atrim=end=3.9'], /^it has 18\d{4} samples of sound, the clip 19\d{4}$/],
  ])('%s', (_, filters, more, told) => {
    expect(differences(small(filters, ...more), source(), '160x90')).toEqual([expect.stringMatching(told)]);
  });

  test('another size', () => {
    expect(differences(small(''), source(), '256x144')).toEqual(['its picture is 160x90, not 256x144']);
  });
});
