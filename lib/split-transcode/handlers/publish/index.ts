import { type NotPublished, type PublishEvent, type Published, publish } from '../publish';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called when every rendition is verified. */
export function handler(event: PublishEvent): Promise<Published | NotPublished> {
  return publish(event, settings);
}
