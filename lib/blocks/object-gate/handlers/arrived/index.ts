import { type ArrivedEvent, arrived } from '../arrived';
import { services } from '../services';

/** Called by EventBridge for each object. */
export function handler(event: ArrivedEvent): Promise<void> {
  return arrived(services, event);
}
