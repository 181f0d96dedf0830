import { readFileSync } from 'node:fs';
import type { Json } from '../../local';
import { UsageError } from './usage-error';

/** The JSON of an `--input` file. */
export function readInput(file: string): Json {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the input file '${file}' can't be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`the input file '${file}' is not JSON: ${(error as Error).message}`);
  }
}
