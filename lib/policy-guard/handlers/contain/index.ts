import { type ContainAnswer, contain } from '../contain';
import type { GuardCase } from '../guard-case';
import { servicesFromEnvironment } from '../services';

const services = servicesFromEnvironment();

/** Called once the evidence is kept. */
export function handler(found: GuardCase): Promise<ContainAnswer> {
  return contain(found, services);
}
