import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { InexactNumberError, parseJson } from '../data/exact-json';
import { itemReaderFailed } from './reader-error';
import { lines } from './text-lines';

const NOT_ITERABLE = 'Attempting to map over non-iterable node.';

/** What a Distributed Map maps over: an element of an array, or a member of an object. */
export interface Item {
  readonly value: Json;
  readonly key?: string;
}

export function* itemsIn(value: Json | undefined): Iterable<Item> {
  if (Array.isArray(value)) for (const item of value) yield { value: item };
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield { key, value: item };
  else throw itemReaderFailed(NOT_ITERABLE);
}

/** The elements of a JSON array, each parsed when its text is complete: the array itself never is in memory. As recorded, no object will do. */
export async function* jsonArrayItems(text: AsyncIterable<string>): AsyncIterable<Json> {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let element = '';
  let ended = false;
  let index = 0;
  for await (const piece of text) {
    for (const char of piece) {
      if (ended) {
        if (char.trim() !== '') throw itemReaderFailed(`Unexpected '${char}' after the end of the JSON array.`);
        continue;
      }
      if (depth === 0) {
        if (char === '[') depth = 1;
        else if (char.trim() !== '' && char !== '\ufeff') throw itemReaderFailed(NOT_ITERABLE);
        continue;
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
      } else if (char === '"') inString = true;
      else if (char === '[' || char === '{') depth++;
      else if (char === ']' || char === '}') depth--;
      if (!inString && (depth === 0 || (depth === 1 && char === ','))) {
        ended = depth === 0;
        if (!ended || element.trim() !== '' || index > 0) yield parseItem(element, index++);
        element = '';
      } else element += char;
    }
  }
  if (!ended) throw itemReaderFailed(depth === 0 ? NOT_ITERABLE : 'The JSON array has no end.');
}

/** The array or object at `pointer` in a JSON document, such as `/orders/items`. */
export async function* jsonPointerItems(text: AsyncIterable<string>, pointer: string): AsyncIterable<Item> {
  let whole = '';
  for await (const piece of text) whole += piece;
  let value: Json | undefined = parseItem(whole, 0);
  for (const step of pointer.split('/').slice(1)) {
    const key: string = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = value[Number(key)];
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  if (value === undefined)
    throw itemReaderFailed('The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.');
  yield* itemsIn(value);
}

export async function* jsonLineItems(text: AsyncIterable<string>): AsyncIterable<Json> {
  let index = 0;
  for await (const line of lines(text)) if (line.trim() !== '') yield parseItem(line, index++);
}

function parseItem(text: string, index: number): Json {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InexactNumberError) throw itemReaderFailed(`Item ${index} cannot be read: ${error.message}`);
    throw itemReaderFailed(`Item ${index} is not JSON: ${(error as Error).message}`);
  }
}
