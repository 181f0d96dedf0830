import { type ContendEvent, contend } from '../contend';
import type { Taken } from '../leases';
import { services } from '../services';

/** Called by a state machine. */
export function handler(event: ContendEvent): Promise<Taken> {
  return contend(services, event);
}
