/** An HTTP endpoint that a real browser can open: on 127.0.0.1 and nowhere else. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError, type Cloud } from '../../cloud-types';

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

/** Time stands still while a request is answered. */
export async function listen(cloud: Cloud, answer: (request: HttpRequest) => Promise<HttpResponse>): Promise<HttpFront> {
  const server = createServer((incoming, outgoing) => {
    cloud.clock
      .busy(async () => {
        const request = await read(incoming);
        const response = await answer(request).catch(failure);
        await send(cloud, outgoing, request.method, response);
      })
      .catch(() => outgoing.destroy()); // The client has gone.
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
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
