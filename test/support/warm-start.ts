import { WarmStart } from '../../local/warm-start';

/** For the apps of stacks that are all deployed on one warm start: functions' code stays where it is, so that the next finds it loaded. */
export const CODE_IN_PLACE = { context: { 'aws:cdk:disable-asset-staging': true } };

/**
 * What the clouds of a test file on the same assembly share, or on `CODE_IN_PLACE`: a worker's start costs more than most tests. Gone after
 * the file.
 */
export function warmStart(): WarmStart {
  const warm = new WarmStart();
  afterAll(() => warm.dispose());
  return warm;
}
