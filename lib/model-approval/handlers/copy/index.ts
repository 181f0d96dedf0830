import { type Copied, type CopyEvent, copy } from '../copy';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called once it is approved, and again until nothing is left. */
export function handler(event: CopyEvent, context: { getRemainingTimeInMillis(): number }): Promise<Copied> {
  return copy(event, settings, () => context.getRemainingTimeInMillis());
}
