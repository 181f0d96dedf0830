import { mediaRouting } from '../../../patterns/media-routing/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(mediaRouting, [
  // ECS starts the container and writes its logs, which no call shows.
  /MediaRouting\/WorkerStartRole logs:CreateLogStream,logs:PutLogEvents /,
]);
