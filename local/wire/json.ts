/** JSON bodies: awsJson1.0, awsJson1.1 and what restJson1 has in its body. Source: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { memberOf, membersOf, type Ref, Scalar, type ServiceModel, shapeOf } from './model';
import { blob, date, scalarToText, serializationError, timestamp } from './scalars';

/** To what operations take: `Date` for timestamps, bytes for blobs. Members that the API doesn't have are dropped, as AWS does. */
export function decodeJson(model: ServiceModel, ref: Ref, value: unknown, path = ''): unknown {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return decodeScalar(shape, value, path);
  if (shape[0] === 1) {
    if (!Array.isArray(value)) throw serializationError(path, 'a list', value);
    const element = memberOf(shape[1]).ref;
    return value.map((item, i) => (item === null ? null : decodeJson(model, element, item, `${path}[${i}]`)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw serializationError(path, 'an object', value);
  const decoded: Record<string, unknown> = {};
  if (shape[0] === 2) {
    const element = memberOf(shape[2]).ref;
    for (const [key, item] of Object.entries(value)) {
      if (item !== null) decoded[key] = decodeJson(model, element, item, path ? `${path}.${key}` : key);
    }
    return decoded;
  }
  const body = value as Record<string, unknown>;
  for (const [name, member] of Object.entries(membersOf(shape))) {
    const { ref: target, traits } = memberOf(member);
    const item = body[traits.jsonName ?? name];
    if (item !== undefined && item !== null) decoded[name] = decodeJson(model, target, item, path ? `${path}.${name}` : name);
  }
  return decoded;
}

function decodeScalar(code: number, value: unknown, path: string): unknown {
  switch (code) {
    case Scalar.DOCUMENT:
      return value;
    case Scalar.NUMBER:
      if (typeof value !== 'number') throw serializationError(path, 'a number', value);
      return value;
    case Scalar.BOOLEAN:
      if (typeof value !== 'boolean') throw serializationError(path, 'true or false', value);
      return value;
    case Scalar.TIMESTAMP:
    case Scalar.EPOCH_SECONDS:
      if (typeof value !== 'number') throw serializationError(path, 'a number of seconds', value);
      return timestamp(value * 1000, path);
    default:
      if (typeof value !== 'string') throw serializationError(path, 'a string', value);
      if (code === Scalar.BLOB) return Buffer.from(value, 'base64');
      return code === Scalar.STRING ? value : timestamp(value, path);
  }
}

export function encodeJson(model: ServiceModel, ref: Ref, value: unknown): unknown {
  const shape = shapeOf(model, ref);
  if (value === null || value === undefined) return value;
  if (typeof shape === 'number') return encodeScalar(shape, value);
  if (shape[0] === 1) return (value as unknown[]).map((item) => encodeJson(model, memberOf(shape[1]).ref, item));
  if (shape[0] === 2) {
    const element = memberOf(shape[2]).ref;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encodeJson(model, element, item)]));
  }
  return encodeMembers(model, Object.entries(membersOf(shape)), value as Record<string, unknown>);
}

/** A structure's members, or those of them that belong in the body. */
export function encodeMembers(
  model: ServiceModel,
  members: readonly (readonly [string, ReturnType<typeof membersOf>[string]])[],
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const { ref, traits } = memberOf(member);
    if (value[name] !== undefined && value[name] !== null) encoded[traits.jsonName ?? name] = encodeJson(model, ref, value[name]);
  }
  return encoded;
}

function encodeScalar(code: number, value: unknown): unknown {
  switch (code) {
    case Scalar.BLOB:
      return blob(value).toString('base64');
    case Scalar.TIMESTAMP:
    case Scalar.EPOCH_SECONDS:
      return date(value).getTime() / 1000;
    case Scalar.DATE_TIME:
    case Scalar.HTTP_DATE:
      return scalarToText(code, value);
    default:
      return value;
  }
}
