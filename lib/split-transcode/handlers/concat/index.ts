import { type JoinAnswer, joinRendition, type RenditionEvent } from '../join-rendition';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called for each rendition when its segments are done. */
export function handler(event: RenditionEvent): Promise<JoinAnswer> {
  return joinRendition(event, settings);
}
