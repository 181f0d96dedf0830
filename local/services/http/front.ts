/** An HTTP endpoint that a real browser can open: on 127.0.0.1 and nowhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, type Cloud } from '../../cloud-types';
import { FRESH_SERVERS } from '../../servers';

export interface HttpRequest {
  readonly method: string;
  /** With its query string, as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export interface HttpFront {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Time stands still while a request is read and its answer is sent; what answers it holds time itself. */
export async function listen(cloud: Cloud, answer: (request: HttpRequest) => Promise<HttpResponse>): Promise<HttpFront> {
  const { port, close } = await (cloud.servers ?? FRESH_SERVERS).open((incoming, outgoing) => {
    const { clock } = cloud;
    const respond = async () => {
      const request = await clock.busy(read(incoming));
      const response = await answer(request).catch(failure);
      await clock.busy(send(cloud, outgoing, request.method, response));
    };
    respond().catch(() => outgoing.destroy()); // The client has gone.
  });
  return { url: `http://127.0.0.1:${port}`, port, close };
}

async function read(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
  };
}

async function send(cloud: Cloud, outgoing: ServerResponse, method: string, { status, headers, body }: HttpResponse): Promise<void> {
  outgoing.sendDate = false;
  outgoing.writeHead(status, { ...headers, date: new Date(cloud.clock.now()).toUTCString(), 'content-length': String(body.length) });
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve);
    outgoing.end(method === 'HEAD' ? undefined : body, resolve);
  });
}

/** What the runner itself can't do is shown in the browser, and told from AWS's own answers by its status. */
function failure(error: unknown): HttpResponse {
  const text = error instanceof ApiError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { status: 501, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(text) };
}

export function jsonMessage(status: number, message: string): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ message })) };
}
