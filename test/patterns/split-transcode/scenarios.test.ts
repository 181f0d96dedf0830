import { splitTranscode } from '../../../patterns/split-transcode/scenarios';
import { describeWithFfmpeg } from '../../lib/split-transcode/support/ffmpeg';
import { testScenarios } from '../../support/scenario-tests';

describeWithFfmpeg('with the real ffmpeg', () => {
  testScenarios(splitTranscode, [
    // For sources without versions; these clips have some. The tests of SplitTranscode read one without.
    /Transcoding\/Functions\/(Transcode\/Role|Large\/Task\/TaskRole) s3:GetObject /,
    // ECS itself writes what the container says.
    /Large\/ExecutionRole logs:/,
  ]);
});
