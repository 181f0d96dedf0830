import { readFileSync } from 'node:fs';
import type { Json } from '../../local';
import { UsageError } from './usage-error';

/** The JSON of an `--input` file; `-` is standard input. */
export function readInput(file: string): Json {
  const [source, name] = file === '-' ? [0, 'standard input'] : [file, `the input file '${file}'`];
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    throw new UsageError(`${name} can't be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${name} is not JSON: ${(error as Error).message}`);
  }
}
