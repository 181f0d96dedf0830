import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { ApiError } from '../../cloud-types';

/** The shape of an API's answer, as far as it is known. Times and bytes are strings. */
export type ResultShape =
  | { readonly kind: 'any' }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'string'; readonly values?: readonly string[]; readonly minimumLength?: number; readonly maximumLength?: number }
  | { readonly kind: 'number'; readonly minimum?: number; readonly maximum?: number }
  | { readonly kind: 'list'; readonly item: ResultShape }
  | { readonly kind: 'map'; readonly value: ResultShape }
  | { readonly kind: 'structure'; readonly required: readonly string[]; readonly member: (name: string) => ResultShape | undefined };

/** Gives the shape of the answer to a Task's call; undefined where it is not known. `resourceType` and `operation` are as in the history. */
export type ResultShapes = (resourceType: string, operation: string) => ResultShape | undefined;

/**
 * Refuses a mocked result that the API could not give. Fields that the API doesn't have are let through, as AWS does.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_MockInput.html
 */
export function checkResult(result: Json, shape: ResultShape, mode: 'STRICT' | 'PRESENT'): void {
  check(result, shape, '', mode);
}

function check(value: Json, shape: ResultShape, field: string, mode: 'STRICT' | 'PRESENT'): void {
  switch (shape.kind) {
    case 'any':
      return;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(`Field '${field}' must be a boolean`);
      return;
    case 'string':
      checkString(value, shape, field);
      return;
    case 'number':
      checkNumber(value, shape, field);
      return;
    case 'list':
      if (!Array.isArray(value)) throw wrong(`Field '${field}' must be an array`);
      for (const item of value) check(item, shape.item, field, mode);
      return;
    case 'map':
      if (!isObject(value)) throw wrong(`Field '${field}' must be an object`);
      for (const [key, item] of Object.entries(value)) check(item, shape.value, key, mode);
      return;
    case 'structure':
      if (!isObject(value)) throw wrong(field ? `Field '${field}' must be an object` : 'The result must be an object');
      if (mode === 'STRICT') {
        const missing = shape.required.find((name) => !Object.hasOwn(value, name));
        if (missing !== undefined) throw wrong(`Required field '${missing}' is missing`);
      }
      for (const [name, item] of Object.entries(value)) {
        const member = shape.member(name);
        if (member) check(item, member, name, mode);
      }
  }
}

function checkString(value: Json, shape: Extract<ResultShape, { kind: 'string' }>, field: string): void {
  if (typeof value !== 'string') throw wrong(`Field '${field}' must be a string`);
  if (shape.values && !shape.values.includes(value)) throw wrong(`Field '${field}' is not an expected value`);
  if (value.length < (shape.minimumLength ?? 0)) throw wrong(`Field '${field}' is smaller than the minimum length`);
  if (value.length > (shape.maximumLength ?? Number.POSITIVE_INFINITY)) throw wrong(`Field '${field}' exceeds the maximum length`);
}

function checkNumber(value: Json, shape: Extract<ResultShape, { kind: 'number' }>, field: string): void {
  if (typeof value !== 'number') throw wrong(`Field '${field}' must be a number`);
  if (value < (shape.minimum ?? Number.NEGATIVE_INFINITY)) throw wrong(`Field '${field}' is less than the minimum value`);
  if (value > (shape.maximum ?? Number.POSITIVE_INFINITY)) throw wrong(`Field '${field}' exceeds the maximum value`);
}

function wrong(message: string): ApiError {
  return new ApiError('ValidationException', `Mock result schema validation error: ${message}`);
}
