import { services } from '../services';
import { sweep } from '../sweep';

/** Called on a schedule. */
export function handler(): Promise<void> {
  return sweep(services);
}
