/** Keys in byte order, those with a common prefix up to a delimiter told once: what all of S3's lists share. */
import type { Bucket } from './bucket';
import { invalidArgument } from './errors';
import { fromOrdered, toOrdered } from './key-order';
import type { ObjectVersion } from './object-version';

export type Listed =
  | { readonly prefix: string; readonly key?: undefined }
  | { readonly prefix?: undefined; readonly key: string; readonly versions: readonly ObjectVersion[] };

export interface Walk {
  readonly prefix?: string;
  readonly delimiter?: string;
  /** Where to begin, as `afterKey` or `afterPrefix` give it. */
  readonly start?: string;
  /** Keys that don't count, such as those that are deleted. */
  readonly visible: (versions: readonly ObjectVersion[]) => boolean;
}

/** The least string after a key. */
export const afterKey = (key: string): string => `${toOrdered(key)}\0`;

/** After all keys with this prefix: no key has U+FFFF there, for it would be half of a surrogate pair. */
export const afterPrefix = (prefix: string): string => `${toOrdered(prefix)}\uffff`;

export function* walk(bucket: Bucket, { prefix = '', delimiter = '', start = '', visible }: Walk): Generator<Listed> {
  const within = toOrdered(prefix);
  const stop = toOrdered(delimiter);
  let from: string | undefined = start > within ? start : within;
  while (from !== undefined) {
    let next: string | undefined;
    for (const { ordered, key, versions } of bucket.versionsFrom(from)) {
      if (!ordered.startsWith(within)) return;
      if (!visible(versions)) continue;
      const end = stop === '' ? -1 : ordered.indexOf(stop, within.length);
      if (end < 0) {
        yield { key, versions };
        continue;
      }
      const common = ordered.slice(0, end + stop.length);
      yield { prefix: fromOrdered(common) };
      next = `${common}\uffff`;
      break;
    }
    from = next;
  }
}

/** A marker inside a common prefix is past all of it. */
export function afterMarker(marker: string, prefix = '', delimiter = ''): string {
  const common = commonPrefix(marker, prefix, delimiter);
  return common === undefined ? afterKey(marker) : afterPrefix(common);
}

export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '' || !key.startsWith(prefix)) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}

/** At most `most` of them, and whether there are more. */
export function take<T>(items: Iterable<T>, most: number): { items: T[]; more: boolean } {
  const taken: T[] = [];
  if (most === 0) return { items: taken, more: false };
  for (const item of items) {
    if (taken.length === most) return { items: taken, more: true };
    taken.push(item);
  }
  return { items: taken, more: false };
}

/** `max-keys` and its like: 1,000 unless less is asked for. */
export function pageSize(asked: number | undefined, name: string): number {
  if (asked === undefined) return 1000;
  if (!Number.isInteger(asked) || asked < 0)
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, asked);
  return Math.min(asked, 1000);
}

/** `encoding-type=url`, as a form has it but with its slashes, and a space as "+". */
export function keyEncoder(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encodingType);
  return urlEncode;
}

export function urlEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')
    .replace(/%2F/g, '/');
}

/** For answers: `undefined` stays away. */
export const encodedOptional = (encode: (text: string) => string, text: string | undefined): string | undefined =>
  text === undefined ? undefined : encode(text);
