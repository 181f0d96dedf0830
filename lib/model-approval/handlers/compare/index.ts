import { type Compared, type CompareEvent, compare } from '../compare';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called right before people are asked. */
export function handler(event: CompareEvent): Promise<Compared> {
  return compare(event, settings);
}
