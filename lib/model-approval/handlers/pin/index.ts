import { type PinEvent, type Pinned, pin } from '../pin';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called when everything that the manifest names is there, or has had time enough to come. */
export function handler(event: PinEvent): Promise<Pinned> {
  return pin(event, settings);
}
