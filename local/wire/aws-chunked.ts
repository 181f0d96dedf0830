/**
 * `aws-chunked` bodies: what the SDKs send when they compute a checksum while they stream.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { ApiError } from '../cloud-types';
import type { RestRequest } from './rest';

/** The request as it was meant: the body without its framing, the trailers among the headers. */
export function withoutChunks(request: RestRequest): RestRequest {
  // This header tells, not Content-Encoding, which some clients leave out and others send with unframed bodies.
  if (!String(request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')) return request;
  const { body, trailers } = unframed(request.body);
  const declared = request.headers['x-amz-decoded-content-length'];
  if (declared !== undefined && Number(declared) !== body.length) throw incompleteBody();
  const encoding = String(request.headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked');
  const headers = {
    ...request.headers,
    ...trailers,
    'content-length': String(body.length),
    'content-encoding': encoding.join(',') || undefined,
  };
  return { ...request, body, headers };
}

function unframed(framed: Buffer): { body: Buffer; trailers: Record<string, string> } {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = lineAt(framed, at);
    // "<size in hexadecimal>[;chunk-signature=…]"
    const size = /^([\da-f]+)(;.*)?$/i.exec(line);
    if (!size) throw incompleteBody();
    at += line.length + 2;
    const length = Number.parseInt(size[1], 16);
    if (length === 0) break;
    if (at + length + 2 > framed.length) throw incompleteBody();
    pieces.push(framed.subarray(at, at + length));
    at += length + 2;
  }
  const trailers: Record<string, string> = {};
  while (at < framed.length) {
    const line = lineAt(framed, at);
    at += line.length + 2;
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(pieces), trailers };
}

function lineAt(framed: Buffer, at: number): string {
  const end = framed.indexOf('\r\n', at);
  if (end < 0) throw incompleteBody();
  return framed.toString('latin1', at, end);
}

function incompleteBody(): ApiError {
  return new ApiError('IncompleteBody', 'You did not provide the number of bytes specified by the Content-Length HTTP header');
}
