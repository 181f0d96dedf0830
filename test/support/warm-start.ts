import { WarmStart } from '../../local/warm-start';

/** What the clouds of a test file on the same assembly share: a worker's start costs more than most tests. Gone after the file. */
export function warmStart(): WarmStart {
  const warm = new WarmStart();
  afterAll(() => warm.dispose());
  return warm;
}
