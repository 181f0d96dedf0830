import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { statusOf } from '../../core/handlers/status-of';
import type { PinnedSource } from './plan';
import { s3 } from './store';
import { TranscodeError } from './transcode-error';

/**
 * Lets ffmpeg read a source at a URL of this machine, only the parts that it asks for, with the function's own permissions: nothing is
 * downloaded whole, no signed URL runs out, and ffmpeg needs no TLS. Every read is of the object as it was planned.
 * @param use gets the URL
 * @throws SourceChanged in the place of whatever `use` made of it
 */
export async function withSource<T>(bucket: string, source: PinnedSource, use: (url: string) => Promise<T>): Promise<T> {
  let failure: unknown;
  const server = createServer((request, response) => {
    answer(bucket, source, request, response).catch((error) => {
      // What ffmpeg has no more use for, it hangs up on.
      if (!response.destroyed && !response.writableEnded) failure ??= error;
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/source`);
  } catch (error) {
    throw failure ?? error;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function answer(bucket: string, source: PinnedSource, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { bytes, key, etag, versionId } = source;
  const [, first = '0', last = `${bytes - 1}`] = /^bytes=(\d+)-(\d+)?$/.exec(request.headers.range ?? '') ?? [];
  const [from, to] = [Number(first), Math.min(Number(last), bytes - 1)];
  if (from > to) {
    response.writeHead(416, { 'content-range': `bytes */${bytes}` }).end();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { Body } = await s3
    .send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, IfMatch: etag, Range: `bytes=${from}-${to}` }), {
      abortSignal: gone.signal,
    })
    .catch((error) => {
      throw [404, 412].includes(statusOf(error) ?? 0)
        ? new TranscodeError('SourceChanged', `s3://${bucket}/${key} is not what it was when the run began: start another run`)
        : error;
    });
  response.writeHead(request.headers.range ? 206 : 200, {
    'accept-ranges': 'bytes',
    'content-length': to - from + 1,
    ...(request.headers.range && { 'content-range': `bytes ${from}-${to}/${bytes}` }),
  });
  await pipeline(Body as Readable, response);
}
