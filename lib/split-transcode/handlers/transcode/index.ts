import { doItem, type ItemAnswer } from '../do-item';
import type { WorkItem } from '../plan';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called for each segment of each rendition, and for the sound. */
export function handler(event: WorkItem): Promise<ItemAnswer> {
  return doItem(event, settings);
}
