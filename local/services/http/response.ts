/** A function's result to an HTTP response: same page as event.ts, "Lambda function response for format 2.0". */
import type { Json } from '../../cloud-types';
import type { HttpResponse } from './front';

/** Undefined when the result is malformed. */
export function responseOf(result: Json): HttpResponse | undefined {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result);
  if (!isObject || result.statusCode === undefined) {
    // "API Gateway makes the following assumptions": 200, JSON, the body is the result.
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const status = Number(result.statusCode);
  const headers = headersOf(result.headers ?? {});
  const { body = '', cookies = [], isBase64Encoded = false } = result;
  const wrong =
    !Number.isInteger(status) ||
    status < 100 ||
    status > 599 ||
    headers === undefined ||
    !isListOfText(cookies) ||
    typeof isBase64Encoded !== 'boolean';
  if (wrong || (body !== null && typeof body !== 'string')) return undefined;
  if (!('content-type' in headers)) headers['content-type'] = 'text/plain; charset=utf-8';
  if (cookies.length > 0) headers['set-cookie'] = [...cookies];
  return { status, headers, body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8') };
}

function isListOfText(value: Json): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Undefined when they are none. What HTTP itself sets can't be set. */
function headersOf(given: Json): Record<string, string | string[]> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'object') return undefined;
    const key = name.toLowerCase();
    if (!['connection', 'content-length', 'date', 'transfer-encoding'].includes(key)) headers[key] = String(value);
  }
  return headers;
}
