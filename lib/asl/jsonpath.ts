/**
 * JSONPath by Jayway's rules, which Step Functions follows: a definite path gives one value or fails; a path with a wildcard,
 * slice, union, filter or `..` gives a list, an empty one even where a parent is missing.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
 */
import type { Json } from './json';
import { isObject, member } from './json';

export type Segment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from?: number; readonly to?: number }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descendants' }
  | { readonly kind: 'filter'; readonly test: FilterTest }
  | { readonly kind: 'function'; readonly name: string };

export interface JsonPath {
  readonly text: string;
  readonly segments: readonly Segment[];
  /** Whether it can match no more than one place. */
  readonly definite: boolean;
}

export type FilterTest =
  | { readonly kind: 'or' | 'and'; readonly tests: readonly FilterTest[] }
  | { readonly kind: 'not'; readonly test: FilterTest }
  | { readonly kind: 'exists'; readonly path: FilterPath }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

interface FilterPath {
  readonly root: '@' | '$';
  readonly path: JsonPath;
}

export type Operand = { readonly value: Json } | { readonly path: FilterPath } | { readonly pattern: RegExp };

/** The text is no path. */
export class JsonPathSyntaxError extends Error {}

/** The path leads nowhere in the data. The message is Jayway's. */
export class JsonPathNotFoundError extends Error {}

/** The path ends with an index that its array doesn't have. */
export class PastTheEndError extends JsonPathNotFoundError {}

const FUNCTIONS = ['length', 'min', 'max', 'avg', 'sum', 'stddev', 'keys', 'first', 'last'];
const COMPARISONS = ['==', '!=', '<=', '>=', '=~', '<', '>', 'in', 'nin', 'subsetof', 'anyof', 'noneof', 'size', 'empty'];

const parsed = new Map<string, JsonPath>();

/** Parses a path that begins with `$`. */
export function parseJsonPath(text: string): JsonPath {
  const known = parsed.get(text);
  if (known) return known;
  const path = new PathParser(text).path();
  if (parsed.size > 10_000) parsed.clear();
  parsed.set(text, path);
  return path;
}

/** A reference path names one place that can be written: names and single indexes only. */
export function isReferencePath(path: JsonPath): boolean {
  return path.segments.every((s) => (s.kind === 'names' && s.names.length === 1) || (s.kind === 'indexes' && s.indexes.length === 1));
}

class PathParser {
  private at = 0;

  constructor(private readonly text: string) {}

  path(): JsonPath {
    if (this.text[0] !== '$') throw this.wrong(`a path begins with '$'`);
    this.at = 1;
    const segments = this.segments();
    if (this.at < this.text.length) throw this.wrong(`unexpected '${this.text[this.at]}'`);
    return makePath(this.text, segments);
  }

  private segments(): Segment[] {
    const segments: Segment[] = [];
    for (;;) {
      const char = this.text[this.at];
      if (char === '.') {
        this.at++;
        if (this.text[this.at] === '.') {
          this.at++;
          segments.push({ kind: 'descendants' });
          if (this.text[this.at] === '[') continue;
        }
        segments.push(this.dotted());
      } else if (char === '[') {
        this.at++;
        segments.push(this.bracketed());
      } else {
        return segments;
      }
    }
  }

  private dotted(): Segment {
    if (this.text[this.at] === '*') {
      this.at++;
      return { kind: 'wildcard' };
    }
    const name = this.take(/[^\s.[\]()'",=<>!&|?*@]+/y);
    if (!name) throw this.wrong(`a name is missing after '.'`);
    if (this.text[this.at] === '(') {
      if (!FUNCTIONS.includes(name)) throw this.wrong(`unknown function '${name}', known are ${FUNCTIONS.join(', ')}`);
      if (!this.accept('()')) throw this.wrong(`function '${name}' takes no arguments`);
      return { kind: 'function', name };
    }
    return { kind: 'names', names: [name] };
  }

  private bracketed(): Segment {
    this.space();
    const char = this.text[this.at];
    if (char === '*') {
      this.at++;
      return this.closed({ kind: 'wildcard' });
    }
    if (char === '?') {
      this.at++;
      this.expect('(');
      const test = this.or();
      this.expect(')');
      return this.closed({ kind: 'filter', test });
    }
    if (char === "'" || char === '"') {
      const names = [this.quoted()];
      while (this.accept(',')) names.push(this.quoted());
      return this.closed({ kind: 'names', names });
    }
    const content = this.take(/[^\]]*/y) ?? '';
    const slice = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*$/.exec(content);
    if (slice) {
      const [from, to] = [slice[1], slice[2]].map((n) => (n === undefined ? undefined : Number(n)));
      return this.closed({ kind: 'slice', from, to });
    }
    if (!/^\s*-?\d+\s*(,\s*-?\d+\s*)*$/.test(content)) throw this.wrong(`'${content}' is no index, slice, name or filter`);
    return this.closed({ kind: 'indexes', indexes: content.split(',').map(Number) });
  }

  private closed(segment: Segment): Segment {
    this.expect(']');
    return segment;
  }

  private or(): FilterTest {
    const tests = [this.and()];
    while (this.accept('||')) tests.push(this.and());
    return tests.length === 1 ? tests[0] : { kind: 'or', tests };
  }

  private and(): FilterTest {
    const tests = [this.unary()];
    while (this.accept('&&')) tests.push(this.unary());
    return tests.length === 1 ? tests[0] : { kind: 'and', tests };
  }

  private unary(): FilterTest {
    if (this.accept('!')) return { kind: 'not', test: this.unary() };
    if (this.accept('(')) {
      const test = this.or();
      this.expect(')');
      return test;
    }
    const left = this.operand();
    this.space();
    const operator = COMPARISONS.find((o) => this.text.toLowerCase().startsWith(o, this.at));
    if (!operator) {
      if (!('path' in left)) throw this.wrong('a value alone is no condition');
      return { kind: 'exists', path: left.path };
    }
    this.at += operator.length;
    return { kind: 'compare', operator, left, right: this.operand() };
  }

  private operand(): Operand {
    this.space();
    const char = this.text[this.at];
    if (char === '@' || char === '$') {
      const start = this.at++;
      const segments = this.segments();
      return { path: { root: char, path: makePath(`$${this.text.slice(start + 1, this.at)}`, segments) } };
    }
    if (char === "'" || char === '"') return { value: this.quoted() };
    if (char === '/') {
      const [, source, flags] = /^\/((?:[^/\\]|\\.)*)\/([a-z]*)/.exec(this.text.slice(this.at)) ?? [];
      if (source === undefined) throw this.wrong('a regular expression ends with /');
      this.at += source.length + flags.length + 2;
      try {
        return { pattern: new RegExp(`^(?:${source})$`, flags) };
      } catch {
        throw this.wrong(`/${source}/${flags} is no regular expression`);
      }
    }
    if (char === '[') {
      this.at++;
      const list: Json[] = [];
      while (!this.accept(']')) {
        const item = this.operand();
        if (!('value' in item)) throw this.wrong('a list in a filter holds literals');
        list.push(item.value);
        this.accept(',');
      }
      return { value: list };
    }
    const literal = this.take(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y);
    if (literal === undefined) throw this.wrong('a value or a path is missing in the filter');
    return { value: JSON.parse(literal) };
  }

  private quoted(): string {
    this.space();
    const quote = this.text[this.at];
    if (quote !== "'" && quote !== '"') throw this.wrong('a quoted name is missing');
    let value = '';
    for (this.at++; this.text[this.at] !== quote; this.at++) {
      if (this.at >= this.text.length) throw this.wrong(`the closing ${quote} is missing`);
      if (this.text[this.at] === '\\') this.at++;
      value += this.text[this.at] ?? '';
    }
    this.at++;
    return value;
  }

  private space(): void {
    while (this.text[this.at] === ' ') this.at++;
  }

  private accept(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.accept(token)) throw this.wrong(`'${token}' is missing`);
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  private wrong(what: string): JsonPathSyntaxError {
    return new JsonPathSyntaxError(`${what} at character ${this.at + 1} of the path '${this.text}'`);
  }
}

function makePath(text: string, segments: readonly Segment[]): JsonPath {
  const definite = segments.every(
    (s) => s.kind === 'function' || (s.kind === 'names' && s.names.length === 1) || (s.kind === 'indexes' && s.indexes.length === 1),
  );
  return { text, segments, definite };
}

/** The value at a path: one value, or a list of matches where the path is indefinite. Throws JsonPathNotFoundError. */
export function evaluateJsonPath(path: JsonPath, root: Json): Json {
  const functionAt = path.segments.findIndex((s) => s.kind === 'function');
  if (functionAt >= 0) {
    const before = makePath(path.text, path.segments.slice(0, functionAt));
    const applied = applyFunction((path.segments[functionAt] as { name: string }).name, evaluateJsonPath(before, root));
    return evaluateJsonPath(makePath(path.text, path.segments.slice(functionAt + 1)), applied);
  }
  if (path.definite) return definiteValue(path, root);
  let matches: Json[] = [root];
  for (let i = 0; i < path.segments.length; i++) {
    const segment = path.segments[i];
    matches = matches.flatMap((m) => step(segment, m, root));
  }
  return matches;
}

function definiteValue(path: JsonPath, root: Json): Json {
  let value: Json = root;
  let trail = '$';
  for (const [i, segment] of path.segments.entries()) {
    const next = segment.kind === 'names' ? namedValue(segment.names[0], value, trail) : indexedValue(segment, value, trail);
    trail += segment.kind === 'names' ? `['${segment.names[0]}']` : `[${(segment as { indexes: readonly number[] }).indexes[0]}]`;
    if (next === undefined) {
      const isLeaf = i === path.segments.length - 1;
      const Fault = isLeaf && segment.kind === 'indexes' ? PastTheEndError : JsonPathNotFoundError;
      throw new Fault(`${isLeaf || segment.kind !== 'names' ? 'No results for path:' : 'Missing property in path'} ${trail}`);
    }
    value = next;
  }
  return value;
}

function namedValue(name: string, value: Json, trail: string): Json | undefined {
  if (isObject(value)) return member(value, name);
  throw new JsonPathNotFoundError(`Expected to find an object with property ['${name}'] in path ${trail} but found '${typeName(value)}'.`);
}

function indexedValue(segment: Segment, value: Json, trail: string): Json | undefined {
  if (!Array.isArray(value)) {
    throw new JsonPathNotFoundError(`Filter: ${text(segment)} can only be applied to arrays. Current context is: ${trail}`);
  }
  return value.at((segment as { indexes: readonly number[] }).indexes[0]);
}

function text(segment: Segment): string {
  return segment.kind === 'indexes' ? `[${segment.indexes.join(',')}]` : '[?]';
}

function typeName(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function step(segment: Segment, value: Json, root: Json): Json[] {
  switch (segment.kind) {
    case 'names': {
      if (!isObject(value)) return [];
      const found = segment.names.filter((n) => Object.hasOwn(value, n));
      if (segment.names.length === 1) return found.map((n) => value[n]);
      return found.length > 0 ? [Object.fromEntries(found.map((n) => [n, value[n]]))] : [];
    }
    case 'indexes':
      return Array.isArray(value) ? segment.indexes.map((i) => value.at(i)).filter((v) => v !== undefined) : [];
    case 'slice':
      return Array.isArray(value) ? value.slice(segment.from, segment.to) : [];
    case 'wildcard':
      return children(value);
    case 'descendants':
      return descendants(value);
    case 'filter':
      return (Array.isArray(value) ? value : [value]).filter((v) => passes(segment.test, v, root));
    case 'function':
      return [applyFunction(segment.name, value)];
  }
}

function children(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function descendants(value: Json): Json[] {
  if (value === null || typeof value !== 'object') return [];
  return [value, ...children(value).flatMap(descendants)];
}

function passes(test: FilterTest, value: Json, root: Json): boolean {
  switch (test.kind) {
    case 'or':
      return test.tests.some((t) => passes(t, value, root));
    case 'and':
      return test.tests.every((t) => passes(t, value, root));
    case 'not':
      return !passes(test.test, value, root);
    case 'exists':
      return filterValue({ path: test.path }, value, root) !== undefined;
    case 'compare':
      return compare(test.operator, filterValue(test.left, value, root), test.right, value, root);
  }
}

function filterValue(operand: Operand, value: Json, root: Json): Json | undefined {
  if ('value' in operand) return operand.value;
  if ('pattern' in operand) return undefined;
  try {
    return evaluateJsonPath(operand.path.path, operand.path.root === '@' ? value : root);
  } catch (error) {
    if (error instanceof JsonPathNotFoundError) return undefined;
    throw error;
  }
}

function compare(operator: string, left: Json | undefined, rightOperand: Operand, value: Json, root: Json): boolean {
  if (operator === '=~') return 'pattern' in rightOperand && typeof left === 'string' && rightOperand.pattern.test(left);
  const right = filterValue(rightOperand, value, root);
  const has = (list: Json | undefined, item: Json | undefined) => Array.isArray(list) && list.some((entry) => equal(entry, item));
  const list = Array.isArray(left) ? left : [];
  switch (operator) {
    case '==':
      return left !== undefined && equal(left, right);
    case '!=':
      return left !== undefined && !equal(left, right);
    case 'in':
      return has(right, left);
    case 'nin':
      return !has(right, left);
    case 'subsetof':
      return Array.isArray(left) && list.every((item) => has(right, item));
    case 'anyof':
      return list.some((item) => has(right, item));
    case 'noneof':
      return !list.some((item) => has(right, item));
    case 'size':
      return size(left) !== undefined && size(left) === (typeof right === 'number' ? right : size(right));
    case 'empty':
      return size(left) !== undefined && (size(left) === 0) === right;
    default:
      return ordered(operator, left, right);
  }
}

function ordered(operator: string, left: Json | undefined, right: Json | undefined): boolean {
  const comparable = (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) return false;
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function size(value: Json | undefined): number | undefined {
  return Array.isArray(value) || typeof value === 'string' ? value.length : undefined;
}

/** Whether two JSON values are the same, member order aside. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}

function applyFunction(name: string, value: Json): Json {
  if (name === 'length')
    return Array.isArray(value) || typeof value === 'string' ? value.length : isObject(value) ? Object.keys(value).length : null;
  if (name === 'keys') {
    if (isObject(value)) return Object.keys(value);
    throw new JsonPathNotFoundError(`keys() takes an object, not ${typeName(value)}`);
  }
  if (name === 'first' || name === 'last') {
    const item = Array.isArray(value) ? value.at(name === 'first' ? 0 : -1) : undefined;
    if (item === undefined) throw new JsonPathNotFoundError(`${name}() takes a list with an element, not ${JSON.stringify(value)}`);
    return item;
  }
  const numbers = (Array.isArray(value) ? value : []).filter((item) => typeof item === 'number');
  if (numbers.length === 0) throw new JsonPathNotFoundError('Aggregation function attempted to calculate value using empty array');
  const sum = numbers.reduce((a, b) => a + b, 0);
  switch (name) {
    case 'min':
      return numbers.reduce((a, b) => Math.min(a, b));
    case 'max':
      return numbers.reduce((a, b) => Math.max(a, b));
    case 'sum':
      return sum;
    case 'avg':
      return sum / numbers.length;
    default: {
      const mean = sum / numbers.length;
      return Math.sqrt(numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length);
    }
  }
}
