import { describeWithFfmpeg } from '../../lib/split-transcode/support/ffmpeg';
import { testCutOffs } from '../../support/cut-off';

describeWithFfmpeg('with the real ffmpeg', () => {
  testCutOffs('split-transcode', 'without-sound', /renditions/, [
    { handler: '/Plan', after: 's3:PutObject' },
    { handler: '/Concat', after: 's3:PutObject' },
    { handler: '/Verify', after: 's3:GetObject' },
    { handler: '/Publish', after: 's3:CopyObject' },
    { handler: '/Publish', after: 's3:DeleteObjects' },
  ]);
});
