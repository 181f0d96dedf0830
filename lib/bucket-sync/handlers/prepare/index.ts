import { s3 } from '../client';
import { type PrepareAnswer, type PrepareEvent, prepare } from '../prepare';
import { settingsFromEnvironment } from '../settings';

const settings = settingsFromEnvironment();

/** Called first. */
export function handler(event: PrepareEvent): Promise<PrepareAnswer> {
  return prepare(event, s3, settings);
}
