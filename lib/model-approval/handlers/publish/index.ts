import { type PublishEvent, type Published, publish } from '../publish';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called when everything is copied. */
export function handler(event: PublishEvent): Promise<Published> {
  return publish(event, settings);
}
