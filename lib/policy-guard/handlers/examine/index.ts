import { environment } from '../../../core/handlers/environment';
import { type ExamineEvent, examine } from '../examine';
import type { GuardCase } from '../guard-case';
import { servicesFromEnvironment } from '../services';

const services = servicesFromEnvironment();
const settings = { rules: JSON.parse(environment('GUARD_RULES')), ownRoles: JSON.parse(environment('OWN_ROLES')) };

/** Called with the record of a call that wrote a policy. */
export function handler(event: ExamineEvent): Promise<GuardCase> {
  return examine(event, settings, services);
}
