import { s3 } from '../client';
import type { BatchEvent } from '../copy-batch';
import { type DeleteAnswer, deleteBatch } from '../delete-batch';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called for a batch of deletions. */
export function handler(event: BatchEvent): Promise<DeleteAnswer> {
  return deleteBatch(event, s3, settings);
}
