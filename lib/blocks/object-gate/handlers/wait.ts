import { withoutToken } from './check-failed';
import { type GateServices, resolve } from './resolve';
import { readWaiter } from './waiter';
import { register } from './waiters';

/**
 * Records who waits, and looks then. In this order: what arrives before the look is seen by it, what arrives after the record by whoever
 * the event wakes.
 */
export async function wait(services: GateServices, event: unknown): Promise<void> {
  try {
    const waiter = readWaiter(event);
    await register(services.table, waiter);
    await resolve(services, waiter);
  } catch (error) {
    throw withoutToken(error, (event as { taskToken?: unknown } | null)?.taskToken);
  }
}
