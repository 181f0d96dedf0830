import { ApiError } from '../cloud-types';
import { Scalar } from './model';

/** AWS's answer to a request whose body has the wrong types. Source: https://smithy.io/2.0/spec/type-refinement-traits.html, and every service's "Common errors". */
export function serializationError(path: string, expected: string, value: unknown): ApiError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  return new ApiError('SerializationException', `${path || 'The request'} must be ${expected}, not ${found}.`);
}

/** Text, as in a header, a query string or XML, to a value. */
export function scalarFromText(code: number, text: string, path: string): unknown {
  switch (code) {
    case Scalar.STRING:
      return text;
    case Scalar.NUMBER: {
      const value = Number(text);
      if (text.trim() === '' || Number.isNaN(value)) throw serializationError(path, 'a number', text);
      return value;
    }
    case Scalar.BOOLEAN:
      if (text !== 'true' && text !== 'false') throw serializationError(path, 'true or false', text);
      return text === 'true';
    case Scalar.BLOB:
      return Buffer.from(text, 'base64');
    case Scalar.TIMESTAMP:
    case Scalar.DATE_TIME:
    case Scalar.HTTP_DATE:
    case Scalar.EPOCH_SECONDS:
      return timestamp(code === Scalar.EPOCH_SECONDS ? Number(text) * 1000 : text, path);
    default:
      throw new Error(`${path}: scalar ${code} has no form as text.`);
  }
}

export function scalarToText(code: number, value: unknown): string {
  switch (code) {
    case Scalar.BLOB:
      return blob(value).toString('base64');
    case Scalar.TIMESTAMP:
    case Scalar.DATE_TIME:
      return date(value).toISOString();
    case Scalar.HTTP_DATE:
      return date(value).toUTCString();
    case Scalar.EPOCH_SECONDS:
      return String(date(value).getTime() / 1000);
    default:
      return String(value);
  }
}

export function timestamp(value: string | number, path: string): Date {
  const made = new Date(value);
  if (Number.isNaN(made.getTime())) throw serializationError(path, 'a timestamp', value);
  return made;
}

/** Services give times as `Date`, or as the clock's milliseconds. */
export function date(value: unknown): Date {
  return value instanceof Date ? value : new Date(value as number);
}

/** Services give blobs as bytes, or as text that is meant as UTF-8. */
export function blob(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value as Uint8Array);
}
