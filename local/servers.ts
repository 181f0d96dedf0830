import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the HTTP endpoints of a cloud are opened: on 127.0.0.1 and nowhere else. */
export interface Servers {
  open(answer: RequestListener): Promise<OpenServer>;
}

export interface OpenServer {
  readonly port: number;
  close(): Promise<void>;
}

export const FRESH_SERVERS: Servers = {
  async open(answer) {
    const server = createServer(answer);
    const port = await listening(server);
    return { port, close: () => closed(server) };
  },
};

/**
 * Servers that one cloud after the other answers at: the first that each opens always has the same port, the second another, and so
 * on.
 */
export class KeptServers {
  private readonly kept: KeptServer[] = [];

  /** For the next cloud. */
  forNext(): Servers {
    let next = 0;
    return {
      open: async (answer) => {
        const at = next++;
        const entry = this.kept[at] ?? (await keptServer());
        this.kept[at] = entry;
        entry.answer = answer;
        return {
          port: entry.port,
          close: async () => {
            if (entry.answer === answer) entry.answer = GONE;
          },
        };
      },
    };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.kept.splice(0).map(({ server }) => closed(server)));
  }
}

interface KeptServer {
  readonly server: Server;
  readonly port: number;
  answer: RequestListener;
}

const GONE: RequestListener = (_, outgoing) => void outgoing.destroy();

async function keptServer(): Promise<KeptServer> {
  const server = createServer((incoming, outgoing) => entry.answer(incoming, outgoing));
  const entry = { server, port: await listening(server), answer: GONE };
  return entry;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
