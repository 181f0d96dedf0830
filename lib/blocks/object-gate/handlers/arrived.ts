import { each } from './each';
import { type GateServices, resolve } from './resolve';
import type { Waiter } from './waiter';
import { waitersOf } from './waiters';

/** Of S3's event, what is needed. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export interface ArrivedEvent {
  readonly detail: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } };
}

/** Everybody whose objects it may be about looks again. */
export async function arrived(services: GateServices, { detail }: ArrivedEvent): Promise<void> {
  await each(about(services, detail), (waiter) => resolve(services, waiter));
}

async function* about({ table }: GateServices, { bucket, object }: ArrivedEvent['detail']): AsyncGenerator<Waiter[]> {
  for await (const waiters of waitersOf(table, bucket.name)) yield waiters.filter(({ match }) => object.key.startsWith(match.prefix));
}
