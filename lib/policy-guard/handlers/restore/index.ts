import type { GuardCase } from '../guard-case';
import { type RestoreAnswer, restore } from '../restore';
import { servicesFromEnvironment } from '../services';

const services = servicesFromEnvironment();

/** Called once it is approved. */
export function handler(found: GuardCase): Promise<RestoreAnswer> {
  return restore(found, services);
}
