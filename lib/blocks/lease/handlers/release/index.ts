import { releaseEnded, type StatusEvent } from '../release';
import { services } from '../services';

/** Called when a run has ended. */
export function handler(event: StatusEvent): Promise<void> {
  return releaseEnded(services, event);
}
