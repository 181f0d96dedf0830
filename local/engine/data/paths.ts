import { ErrorName } from '../../../lib/asl/error-names';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { evaluateJsonPath, JsonPathNotFoundError, JsonPathSyntaxError, parseJsonPath } from '../../../lib/asl/jsonpath';
import { bounded } from '../bounded';
import { runtimeFault, StateFault } from '../errors';
import type { Variables } from '../variables';
import { REGEX_MILLISECONDS } from './regex';

/** What the paths of a JSONPath state can lead into, besides the data itself. */
export interface PathScope {
  readonly context: JsonObject;
  readonly variables: Variables;
}

/** Resolves `$…` in the data, `$$…` in the context object and `$name…` in the variables. Throws JsonPathNotFoundError. */
export function resolvePath(path: string, data: Json, scope: PathScope): Json {
  const parsed = parseJsonPath(innerPath(path));
  const from = root(path, data, scope);
  if (!path.includes('=~')) return evaluateJsonPath(parsed, from);
  return bounded(
    REGEX_MILLISECONDS,
    () => evaluateJsonPath(parsed, from),
    () => runtimeFault(`The path '${path}' cannot be applied: its regular expression goes back and forth without end.`),
  );
}

function root(path: string, data: Json, scope: PathScope): Json {
  if (path.startsWith('$$')) return scope.context;
  const name = VARIABLE.exec(path)?.[1];
  if (name === undefined) return data;
  const value = scope.variables.get(name);
  if (value === undefined) throw new JsonPathNotFoundError(`Variable '${name}' is not defined`);
  return value;
}

const VARIABLE = /^\$([A-Za-z_]\w*)/;

/** A path as it is within what it leads into: `$.Name` for `$$.Name` and for `$variable.Name`. */
export function innerPath(path: string): string {
  return path.startsWith('$$') ? path.slice(1) : path.replace(VARIABLE, '$');
}

/** Resolves the path of a field such as InputPath, with AWS's message where it leads nowhere. */
export function fieldPath(path: string, data: Json, scope: PathScope): Json {
  try {
    return resolvePath(path, data, scope);
  } catch (error) {
    if (isPathError(error)) throw runtimeFault(`Invalid path '${path}' : ${error.message}`);
    throw error;
  }
}

/** An integer, which a path may also lead to as a text. */
export function integerOf(value: Json): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined;
}

/** Null stands for nothing at all: an empty object. */
export function inputOrOutputPath(path: string | null | undefined, data: Json, scope: PathScope): Json {
  if (path === undefined || path === '$') return data;
  return path === null ? {} : fieldPath(path, data, scope);
}

export function isPathError(error: unknown): error is Error {
  return error instanceof JsonPathNotFoundError || error instanceof JsonPathSyntaxError;
}

/** Puts a state's result into its input. */
export function applyResultPath(path: string | null | undefined, input: Json, result: Json): Json {
  if (path === null) return input;
  if (path === undefined || path === '$') return result;
  const { segments } = parseJsonPath(path);
  return place(input, 0);

  function place(target: Json, depth: number): Json {
    if (depth === segments.length) return result;
    const segment = segments[depth];
    if (segment.kind === 'names') {
      const name = segment.names[0];
      if (!isObject(target)) throw mismatch(name, input);
      const inner = Object.hasOwn(target, name) ? target[name] : {};
      // Another value than an object gives way: AWS overwrites what lies on the path.
      return { ...target, [name]: place(depth + 1 < segments.length && !isContainer(inner) ? {} : inner, depth + 1) };
    }
    if (segment.kind === 'indexes') {
      const index = segment.indexes[0];
      if (!Array.isArray(target) || index < 0 || index >= target.length) throw mismatch(String(index), input);
      return target.with(index, place(target[index], depth + 1));
    }
    throw mismatch(path ?? '', input);
  }
}

function isContainer(value: Json): boolean {
  return isObject(value) || Array.isArray(value);
}

function mismatch(step: string, input: Json): StateFault {
  return new StateFault(ErrorName.RESULT_PATH_MATCH_FAILURE, `Unable to apply step "${step}" to input ${JSON.stringify(input)}`);
}
