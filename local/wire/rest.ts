/** restJson1: members in the path, the query string, headers and the body. Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
import { decodeJson, encodeMembers } from './json';
import { type Member, MemberBit, memberOf, membersOf, type Ref, Scalar, type ServiceModel, shapeOf } from './model';
import { blob, scalarFromText, scalarToText, serializationError } from './scalars';

export interface RestRequest {
  readonly method: string;
  readonly url: URL;
  /** As it was sent, neither decoded nor normalized. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  readonly query: readonly (readonly [string, string])[];
}

const routesOf = new WeakMap<ServiceModel, readonly Route[]>();

function routes(model: ServiceModel): readonly Route[] {
  const known = routesOf.get(model);
  if (known) return known;
  const made = Object.entries(model.operations).flatMap(([operation, [, , http]]): Route[] => {
    if (!http) return [];
    const [path, query] = http[1].split('?');
    const labels: string[] = [];
    const pattern = path.replace(/[.*^$()|[\]\\]/g, '\\$&').replace(/\{(\w+)(\+?)\}/g, (_, name: string, greedy: string) => {
      labels.push(name);
      return greedy ? '(.+)' : '([^/]+)';
    });
    return [{ operation, method: http[0], pattern: new RegExp(`^${pattern}/?$`), labels, query: [...new URLSearchParams(query ?? '')] }];
  });
  // The most literal first: more query literals, then fewer labels.
  made.sort((a, b) => b.query.length - a.query.length || a.labels.length - b.labels.length);
  routesOf.set(model, made);
  return made;
}

/** Which operation a method and path are, and the path's labels. */
export function matchRoute(
  model: ServiceModel,
  method: string,
  url: URL,
): { operation: string; labels: Record<string, string> } | undefined {
  for (const route of routes(model)) {
    if (route.method !== method) continue;
    if (!route.query.every(([key, value]) => url.searchParams.has(key) && (value === '' || url.searchParams.get(key) === value))) continue;
    const found = route.pattern.exec(url.pathname);
    if (found)
      return {
        operation: route.operation,
        labels: Object.fromEntries(route.labels.map((name, i) => [name, decodeURIComponent(found[i + 1])])),
      };
  }
  return undefined;
}

export function decodeRest(model: ServiceModel, input: Ref, request: RestRequest, labels: Readonly<Record<string, string>>): unknown {
  const decoded: Record<string, unknown> = {};
  const body: [string, Member][] = [];
  for (const [name, member] of Object.entries(membersOf(shapeOf(model, input)))) {
    const { ref, bits, traits } = memberOf(member);
    let value: unknown;
    if (bits & MemberBit.LABEL) value = fromText(model, ref, labels[name], name);
    else if (traits.httpQuery) value = fromQuery(model, ref, request.url.searchParams.getAll(traits.httpQuery), name);
    else if (traits.httpHeader) value = fromText(model, ref, header(request, traits.httpHeader), name, Scalar.HTTP_DATE);
    else if (traits.httpPrefixHeaders !== undefined) value = prefixed(request, traits.httpPrefixHeaders);
    else if (bits & MemberBit.PAYLOAD) value = payload(model, ref, request.body, name);
    else body.push([name, member]);
    if (value !== undefined) decoded[name] = value;
  }
  if (body.length > 0 && request.body.length > 0) {
    const json = parse(request.body);
    for (const [name, member] of body) {
      const { ref, traits } = memberOf(member);
      const value = json[traits.jsonName ?? name];
      if (value !== undefined && value !== null) decoded[name] = decodeJson(model, ref, value, name);
    }
  }
  return decoded;
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw serializationError('The body', 'JSON', body.toString('utf8'));
  }
}

function fromText(model: ServiceModel, ref: Ref, text: string | undefined, name: string, timestampFormat?: number): unknown {
  if (text === undefined) return undefined;
  const code = shapeOf(model, ref);
  if (typeof code !== 'number') throw serializationError(name, 'a single value', text);
  return scalarFromText(code === Scalar.TIMESTAMP ? (timestampFormat ?? code) : code, text, name);
}

function fromQuery(model: ServiceModel, ref: Ref, texts: readonly string[], name: string): unknown {
  if (texts.length === 0) return undefined;
  const shape = shapeOf(model, ref);
  if (typeof shape !== 'number' && shape[0] === 1) return texts.map((text) => fromText(model, memberOf(shape[1]).ref, text, name));
  return fromText(model, ref, texts[0], name);
}

function header(request: RestRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(',') : value;
}

function prefixed(request: RestRequest, prefix: string): Record<string, unknown> | undefined {
  const entries = Object.entries(request.headers).filter(([name]) => name.startsWith(prefix.toLowerCase()));
  return entries.length > 0 ? Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length), value])) : undefined;
}

function payload(model: ServiceModel, ref: Ref, body: Buffer, name: string): unknown {
  if (body.length === 0) return undefined;
  const shape = shapeOf(model, ref);
  if (shape === Scalar.BLOB || shape === Scalar.STREAM) return body;
  if (shape === Scalar.STRING) return body.toString('utf8');
  return decodeJson(model, ref, parse(body), name);
}

export function encodeRest(model: ServiceModel, output: Ref, success: number, value: unknown): RestResponse {
  const given = (value ?? {}) as Record<string, unknown>;
  const headers: Record<string, string> = {};
  const inBody: [string, Member][] = [];
  let status = success;
  let raw: Buffer | undefined;
  for (const [name, member] of Object.entries(membersOf(shapeOf(model, output)))) {
    const { ref, bits, traits } = memberOf(member);
    const item = given[name];
    if (traits.httpHeader) {
      if (item !== undefined) headers[traits.httpHeader.toLowerCase()] = scalarToText(ref as number, item);
    } else if (bits & MemberBit.RESPONSE_CODE) status = (item as number | undefined) ?? success;
    else if (bits & MemberBit.PAYLOAD) {
      const code = shapeOf(model, ref);
      if (code === Scalar.BLOB || code === Scalar.STRING) raw = item === undefined ? Buffer.alloc(0) : blob(item);
      else throw new Error(`The wire can't send ${name}: only a blob or a string can be the whole body.`);
    } else inBody.push([name, member]);
  }
  if (raw) return { status, headers: { ...headers, 'content-type': 'application/octet-stream' }, body: raw };
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(encodeMembers(model, inBody, given)) };
}
