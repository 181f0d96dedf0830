/**
 * Signature Version 4 in a request's `Authorization` header.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './credentials';

export interface SignableRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | Buffer;
}

/** What a signature is good for. */
export interface SignatureScope {
  /** `20260105T090000Z` */
  readonly time: string;
  readonly region: string;
  readonly service: string;
}

/** What stands in the header. */
export interface Authorization {
  readonly accessKeyId: string;
  /** The scope's, `20260105`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

/** Nothing for what is no authorization of this kind. */
export function parseAuthorization(header: string): Authorization | undefined {
  const [algorithm, rest = ''] = header.split(/ (.*)/s);
  const parts = Object.fromEntries(rest.split(/,\s*/).map((part) => part.split(/=(.*)/s)));
  const [accessKeyId, date, region, service, terminator, ...more] = (parts.Credential ?? '').split('/');
  if (algorithm !== ALGORITHM || terminator !== TERMINATOR || more.length > 0 || !parts.SignedHeaders || !parts.Signature) return undefined;
  return { accessKeyId, date, region, service, signedHeaders: parts.SignedHeaders.split(';'), signature: parts.Signature };
}

/** The headers that sign a request, all of whose headers so far are signed too: `host` has to be among them. */
export function signingHeaders(request: SignableRequest, credentials: Credentials, scope: SignatureScope): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const added = { 'x-amz-date': scope.time, 'x-amz-security-token': sessionToken };
  const headers = { ...request.headers, ...added };
  const signedHeaders = Object.keys(headers).sort();
  const signature = signatureOf({ ...request, headers }, signedHeaders, scope, secretAccessKey);
  const credential = `${accessKeyId}/${scopeText(scope)}`;
  const authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${signature}`;
  return { ...added, authorization };
}

export function signatureOf(
  request: SignableRequest,
  signedHeaders: readonly string[],
  scope: SignatureScope,
  secretAccessKey: string,
): string {
  const text = [ALGORITHM, scope.time, scopeText(scope), sha256(canonicalRequest(request, signedHeaders))].join('\n');
  const key = [dateOf(scope), scope.region, scope.service, TERMINATOR].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, text).toString('hex');
}

function scopeText(scope: SignatureScope): string {
  return [dateOf(scope), scope.region, scope.service, TERMINATOR].join('/');
}

function dateOf({ time }: SignatureScope): string {
  return time.slice(0, 8);
}

function canonicalRequest({ method, target, headers, body }: SignableRequest, signedHeaders: readonly string[]): string {
  const [path, query = ''] = target.split(/\?(.*)/s);
  const lines = signedHeaders.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  return [method, canonicalPath(path), canonicalQuery(query), lines.join(''), signedHeaders.join(';'), sha256(body)].join('\n');
}

/** "You must URI-encode each path segment twice", S3's alone once: the path as sent is encoded once already. */
function canonicalPath(path: string): string {
  return encode(path).replaceAll('%2F', '/');
}

/** Sorted by encoded name, then by encoded value. */
function canonicalQuery(query: string): string {
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => [encode(name), encode(value)]);
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  parameters.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return parameters.map((pair) => pair.join('=')).join('&');
}

/** All but letters, digits, `-`, `.`, `_` and `~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
