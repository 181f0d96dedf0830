import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { PastTheEndError } from '../../../lib/asl/jsonpath';
import { runtimeFault } from '../errors';
import { evaluateIntrinsic, type TemplateScope } from './intrinsics';
import { isPathError, resolvePath } from './paths';

/** A payload template: values of keys that end in `.$` are paths or intrinsic functions, all else stands for itself. */
export function payloadTemplate(template: Json, data: Json, scope: TemplateScope): Json {
  if (Array.isArray(template)) return template.map((item) => payloadTemplate(item, data, scope));
  if (!isObject(template)) return template;
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(template)) {
    if (key.endsWith('.$') && typeof value === 'string') define(result, key.slice(0, -2), templateValue(key, value, data, scope));
    else define(result, key, payloadTemplate(value, data, scope));
  }
  return result;
}

/** The value of one `"key.$"` member. */
export function templateValue(key: string, text: string, data: Json, scope: TemplateScope): Json {
  if (!text.startsWith('$')) return evaluateIntrinsic(text, data, scope);
  try {
    return resolvePath(text, data, scope);
  } catch (error) {
    if (!isPathError(error)) throw error;
    // As recorded in https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases (Feature.JSONPath)
    if (error instanceof PastTheEndError) return null;
    throw runtimeFault(`The JSONPath '${text}' specified for the field '${key}' could not be found in the input '${JSON.stringify(data)}'`);
  }
}

/** Also right for a key such as `__proto__`. */
function define(object: JsonObject, key: string, value: Json): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}
