import { each } from './each';
import { forgetIfGone, type GateServices, resolve } from './resolve';
import { allWaiters } from './waiters';

/** Looks for everybody: an event may have got lost, a quiet time may be over, a run may have been stopped. */
export async function sweep(services: GateServices): Promise<void> {
  await each(allWaiters(services.table), async (waiter) => {
    if (!(await resolve(services, waiter))) await forgetIfGone(services, waiter);
  });
}
