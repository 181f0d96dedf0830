/** restXml, which is S3, path style. Source: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html and …/customizations/s3-customizations.html */
import { createHash } from 'node:crypto';
import { ApiError } from '../cloud-types';
import { withoutChunks } from './aws-chunked';
import { MemberBit, memberOf, membersOf, type Ref, Scalar, type ServiceModel, shapeOf } from './model';
import { isPresigned } from './presigned';
import type { RestRequest, RestResponse } from './rest';
import { blob, date, scalarFromText, scalarToText } from './scalars';
import { parseXml, type XmlElement } from './xml';
import { escapeXml, writeMembers } from './xml-writer';

// ---- Which operation

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly labels: 0 | 1 | 2;
  /** `?uploads`, `?list-type=2`. */
  readonly literals: readonly (readonly [string, string])[];
  /** UploadPart is at PutObject's place; what it requires tells them apart. */
  readonly requiredQuery: readonly string[];
  readonly copies: boolean;
  readonly id: string | undefined;
}

const routesOf = new WeakMap<ServiceModel, readonly Route[]>();

function routes(model: ServiceModel): readonly Route[] {
  const known = routesOf.get(model);
  if (known) return known;
  const made = Object.entries(model.operations).map(([operation, [input, , http]]): Route => {
    const [method, uri] = http ?? ['', ''];
    const [path, query = ''] = uri.split('?');
    const literals = [...new URLSearchParams(query)];
    const shape = shapeOf(model, input);
    const members = membersOf(shape);
    const required = Object.entries(members).slice(0, typeof shape !== 'number' && shape[0] === 3 ? shape[2] : 0);
    return {
      operation,
      method,
      labels: path.includes('{Key+}') ? 2 : 'Bucket' in members ? 1 : 0,
      literals: literals.filter(([key]) => key !== 'x-id'),
      requiredQuery: required.flatMap(([, member]) => memberOf(member).traits.httpQuery ?? []),
      copies: required.some(([name]) => name === 'CopySource'),
      id: literals.find(([key]) => key === 'x-id')?.[1],
    };
  });
  const weight = (route: Route) => route.literals.length + route.requiredQuery.length + Number(route.copies);
  made.sort((a, b) => weight(b) - weight(a));
  routesOf.set(model, made);
  return made;
}

export interface S3Target {
  readonly operation: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The path is taken apart as it was sent: a key may have `//`, `.` and `..` in it. */
export function matchS3Route(model: ServiceModel, request: RestRequest): S3Target | undefined {
  const [, bucket, key] = /^\/([^/]*)(?:\/([\s\S]*))?$/.exec(request.path) ?? [];
  const labels = { ...(bucket && { Bucket: decoded(bucket) }), ...(bucket && key && { Key: decoded(key) }) };
  const query = request.url.searchParams;
  const found = routes(model).find(
    (route) =>
      route.method === request.method &&
      route.labels === Object.keys(labels).length &&
      route.literals.every(([name, value]) => query.has(name) && (value === '' || query.get(name) === value)) &&
      route.requiredQuery.every((name) => query.has(name)) &&
      (!route.copies || request.headers['x-amz-copy-source'] !== undefined) &&
      // SDKs name the operation; other clients don't.
      (route.id === undefined || !query.has('x-id') || query.get('x-id') === route.id),
  );
  return found && { operation: found.operation, labels };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

// ---- In

/** The request without its framing, checked against the hash that its signature covers. */
export function received(request: RestRequest): RestRequest {
  const hash = String(request.headers['x-amz-content-sha256'] ?? '');
  if (/^[\da-f]{64}$/.test(hash) && createHash('sha256').update(request.body).digest('hex') !== hash) {
    throw new ApiError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
  return withoutChunks(request);
}

export function decodeRestXml(model: ServiceModel, input: Ref, request: RestRequest, labels: Readonly<Record<string, string>>): unknown {
  const decodedInput: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(membersOf(shapeOf(model, input)))) {
    const { ref, bits, traits } = memberOf(member);
    let value: unknown;
    if (bits & MemberBit.LABEL) value = labels[name];
    else if (traits.httpQuery) value = fromText(model, ref, request.url.searchParams.get(traits.httpQuery), name);
    else if (traits.httpHeader) value = fromText(model, ref, header(request, traits.httpHeader), name);
    else if (traits.httpPrefixHeaders !== undefined) value = prefixed(request, traits.httpPrefixHeaders);
    else if (bits & MemberBit.PAYLOAD) value = payload(model, ref, request.body);
    if (value !== undefined) decodedInput[name] = value;
  }
  return decodedInput;
}

/** A presigned URL carries what would be `x-amz-` headers, except checksums, which S3 ignores there: github.com/aws/aws-sdk/issues/480. */
function header(request: RestRequest, name: string): string | null {
  const key = name.toLowerCase();
  const value = request.headers[key];
  if (value !== undefined) return Array.isArray(value) ? value.join(',') : value;
  return hoisted(request, key) ? request.url.searchParams.get(name) : null;
}

function hoisted(request: RestRequest, key: string): boolean {
  return key.startsWith('x-amz-') && (!key.includes('checksum') || key === 'x-amz-checksum-mode') && isPresigned(request.url);
}

function prefixed(request: RestRequest, prefix: string): Record<string, string> | undefined {
  const inQuery = isPresigned(request.url) ? [...request.url.searchParams] : [];
  const entries = [...inQuery, ...Object.entries(request.headers)].flatMap(([name, value]) =>
    name.toLowerCase().startsWith(prefix) && value !== undefined ? [[name.toLowerCase().slice(prefix.length), String(value)]] : [],
  );
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function fromText(model: ServiceModel, ref: Ref, text: string | null, name: string): unknown {
  if (text === null) return undefined;
  const shape = shapeOf(model, ref);
  try {
    if (typeof shape === 'number') return scalarFromText(shape, text, name);
    if (shape[0] === 1) return text.split(',').map((item) => scalarFromText(memberOf(shape[1]).ref as number, item.trim(), name));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  throw new ApiError('InvalidArgument', `Provided ${name} is not valid: ${text}`, 400, { ArgumentName: name, ArgumentValue: text });
}

function payload(model: ServiceModel, ref: Ref, body: Buffer): unknown {
  const shape = shapeOf(model, ref);
  if (shape === Scalar.STREAM || shape === Scalar.BLOB) return body;
  if (body.length === 0) return undefined;
  if (shape === Scalar.STRING) return body.toString('utf8');
  try {
    return fromXml(model, ref, {}, [parseXml(body.toString('utf8'))]);
  } catch {
    throw malformedXml();
  }
}

export function malformedXml(): ApiError {
  return new ApiError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema');
}

/** `found`: the elements of this name; more than one only where the list is flattened. */
function fromXml(model: ServiceModel, ref: Ref, traits: { xmlFlattened?: 1 }, found: readonly XmlElement[]): unknown {
  const shape = shapeOf(model, ref);
  const [only] = found;
  if (typeof shape === 'number') return scalarFromText(shape, only.text, only.name);
  if (shape[0] === 1) {
    const { ref: item, traits: itemTraits } = memberOf(shape[1]);
    const items = traits.xmlFlattened ? found : only.children.filter(({ name }) => name === (itemTraits.xmlName ?? 'member'));
    return items.map((one) => fromXml(model, item, {}, [one]));
  }
  if (shape[0] === 2) throw new Error('S3 takes no map in XML');
  const decodedStructure: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(membersOf(shape))) {
    const { ref: target, traits: memberTraits } = memberOf(member);
    const children = only.children.filter((child) => child.name === (memberTraits.xmlName ?? name));
    if (children.length > 0) decodedStructure[name] = fromXml(model, target, memberTraits, children);
  }
  return decodedStructure;
}

// ---- Out

export function encodeRestXml(model: ServiceModel, operation: string, output: unknown, requestId: string): RestResponse {
  const [, ref, http] = model.operations[operation];
  const given = (output ?? {}) as Record<string, unknown>;
  const headers: Record<string, string> = requestHeaders(requestId);
  const inBody: string[] = [];
  let body: string | Buffer = '';
  for (const [name, member] of Object.entries(membersOf(shapeOf(model, ref)))) {
    const { ref: target, bits, traits } = memberOf(member);
    const value = given[name];
    if (bits & MemberBit.PAYLOAD) {
      if (value !== undefined && value !== null) body = encodePayload(model, target, traits.xmlName, value);
    } else if (traits.httpHeader) {
      if (value !== undefined && value !== null) headers[traits.httpHeader.toLowerCase()] = headerText(target as number, value);
    } else if (traits.httpPrefixHeaders !== undefined) {
      for (const [key, text] of Object.entries(value ?? {})) headers[`${traits.httpPrefixHeaders}${key}`] = latin1(String(text));
    } else inBody.push(name);
  }
  if (inBody.length > 0) body = encodeBody(model, ref, inBody, given);
  if (typeof body === 'string' && body !== '') headers['content-type'] ??= 'application/xml';
  return { status: headers['content-range'] ? 206 : (http?.[2] ?? 200), headers, body };
}

function encodePayload(model: ServiceModel, ref: Ref, xmlName: string | undefined, value: unknown): string | Buffer {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return blob(value);
  return document(model, xmlName ?? String(ref), writeMembers(model, shape, value as Record<string, unknown>));
}

function encodeBody(model: ServiceModel, ref: Ref, inBody: readonly string[], given: Record<string, unknown>): string {
  const shape = shapeOf(model, ref);
  const root = (typeof shape !== 'number' && shape[0] === 3 && shape[3]) || String(ref);
  // GetBucketLocation: the member is the root. https://smithy.io/2.0/aws/customizations/s3-customizations.html#aws-customizations-s3unwrappedxmloutput-trait
  if (inBody.length === 1 && inBody[0] === root) return document(model, root, escapeXml(String(given[root] ?? '')));
  return document(model, root, writeMembers(model, shape, given, inBody));
}

const document = (model: ServiceModel, root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${model.xmlNamespace}">${content}</${root}>`;

function headerText(code: number, value: unknown): string {
  return code === Scalar.TIMESTAMP ? date(value).toUTCString() : latin1(scalarToText(code, value));
}

/** Other text goes as RFC 2047 has it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata */
function latin1(text: string): string {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

const requestHeaders = (requestId: string): Record<string, string> => ({ 'x-amz-request-id': requestId, 'x-amz-id-2': 'stepworks' });

/** What an error says in headers, for HEAD and 304 have no body. */
const ERROR_HEADERS: Readonly<Record<string, string>> = {
  Allow: 'allow',
  DeleteMarker: 'x-amz-delete-marker',
  ETag: 'etag',
  LastModified: 'last-modified',
  VersionId: 'x-amz-version-id',
};

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses */
export function encodeRestXmlError(error: ApiError, request: RestRequest, requestId: string): RestResponse {
  const headers = requestHeaders(requestId);
  let details = '';
  for (const [name, value] of Object.entries(error.members)) {
    if (value === undefined) continue;
    if (ERROR_HEADERS[name]) headers[ERROR_HEADERS[name]] = value instanceof Date ? value.toUTCString() : String(value);
    else details += `<${name}>${escapeXml(String(value))}</${name}>`;
  }
  if (request.method === 'HEAD' || error.statusCode === 304) return { status: error.statusCode, headers, body: '' };
  return {
    status: error.statusCode,
    headers: { ...headers, 'content-type': 'application/xml' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message>` +
      `${details}<RequestId>${requestId}</RequestId><HostId>stepworks</HostId></Error>`,
  };
}
