import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { VirtualClock } from '../../../local/clock';
import {
  createFunctionRuntime,
  type FunctionConfiguration,
  type FunctionRuntime,
  type FunctionRuntimeOptions,
} from '../../../local/functions';

export const START = Date.parse('2031-03-04T05:06:07.890Z');

/** Handlers as files in temporary folders, and a runtime that runs them. */
export class Harness {
  readonly clock = new VirtualClock(START);
  readonly folder = mkdtempSync(path.join(tmpdir(), 'stepworks-test-'));
  readonly runtime: FunctionRuntime;
  private server?: Server;
  private functions = 0;

  constructor(options: Partial<FunctionRuntimeOptions> = {}) {
    this.runtime = createFunctionRuntime({
      clock: this.clock,
      region: 'eu-west-1',
      accountId: '111122223333',
      endpointUrl: 'http://127.0.0.1:1',
      credentialsFor: (roleArn) => ({ accessKeyId: `ASIA${roleArn.split('/').at(-1)}`, secretAccessKey: 'secret', sessionToken: 'token' }),
      sdkPaths: [],
      ...options,
    });
  }

  /** A function whose asset has these files. */
  function(files: string | Record<string, string>, configuration: Partial<FunctionConfiguration> = {}): FunctionConfiguration {
    const name = `Fn${this.functions++}`;
    const codeDirectory = path.join(this.folder, name);
    mkdirSync(codeDirectory);
    write(codeDirectory, typeof files === 'string' ? { 'index.js': files } : files);
    return {
      arn: `arn:aws:lambda:eu-west-1:111122223333:function:${name}`,
      name,
      roleArn: `arn:aws:iam::111122223333:role/${name}Role`,
      handler: 'index.handler',
      runtime: 'nodejs22.x',
      codeDirectory,
      environment: {},
      timeoutSeconds: 10,
      memoryMb: 128,
      ...configuration,
    };
  }

  async invoke(fn: FunctionConfiguration, event: unknown = {}) {
    const { payload, ...result } = await this.runtime.invoke(fn, JSON.stringify(event));
    return { ...result, payload: JSON.parse(payload) };
  }

  /** Makes a function of the code and invokes it. */
  async run(files: string | Record<string, string>, configuration: Partial<FunctionConfiguration> = {}, event: unknown = {}) {
    return this.invoke(this.function(files, configuration), event);
  }

  /** A loopback endpoint that answers every request with `answer`. */
  async endpoint(answer: (request: IncomingMessage, body: string) => unknown): Promise<string> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(JSON.stringify(await answer(request, Buffer.concat(chunks).toString())));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.server = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async dispose(): Promise<void> {
    await this.runtime.dispose();
    this.server?.closeAllConnections();
    this.server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
