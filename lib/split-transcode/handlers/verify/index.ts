import { settingsFromEnvironment } from '../settings';
import { type VerifyAnswer, type VerifyEvent, verifyRendition } from '../verify-rendition';

const settings = settingsFromEnvironment();

/** Called for each rendition that was joined. */
export function handler(event: VerifyEvent): Promise<VerifyAnswer> {
  return verifyRendition(event, settings);
}
