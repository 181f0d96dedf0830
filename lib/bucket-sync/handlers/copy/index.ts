import { s3 } from '../client';
import { type BatchAnswer, type BatchEvent, copyBatch } from '../copy-batch';
import type { LambdaContext } from '../lambda-context';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called for a batch of copies, and again until it is done. */
export function handler(event: BatchEvent, context: LambdaContext): Promise<BatchAnswer> {
  return copyBatch(event, { s3, settings, remaining: () => context.getRemainingTimeInMillis() });
}
