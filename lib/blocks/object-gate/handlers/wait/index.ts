import { services } from '../services';
import { wait } from '../wait';

/** Called by the state that waits. */
export function handler(event: unknown): Promise<void> {
  return wait(services, event);
}
