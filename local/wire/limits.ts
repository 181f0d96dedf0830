/** What the SDK's own schemas leave out: the packed limits that scripts/wire-limits.mjs takes from AWS's API models. */
import { gunzipSync } from 'node:zlib';
import packed from './limits.json';

/**
 * By where they hold: the shape and its member as the wire model names them ("FunctionConfiguration.MemorySize"), with "[]" for the items
 * of a list and "{}" for the values of a map. Only members of answers are there.
 */
export interface ServiceLimits {
  /** Characters of a text, bytes of a blob, or a number's value: least and most. */
  readonly ranges: Readonly<Record<string, readonly [number | null, number | null]>>;
  /** Enumerations. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

let unpacked: Readonly<Record<string, ServiceLimits>> | undefined;

/** @param service as in the wire model. Unpacked on first use: most runs check no mocks. */
export function limitsOf(service: string): ServiceLimits {
  unpacked ??= JSON.parse(gunzipSync(Buffer.from(packed.gzip, 'base64')).toString('utf8')) as Readonly<Record<string, ServiceLimits>>;
  return unpacked[service];
}
