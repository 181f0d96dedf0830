import { request as httpRequest } from 'node:http';
import type { Json } from '../cloud-types';
import type { Execution } from '../engine/types';
import type { LocalCloud } from '../local-cloud';
import type { BrowserRequest, BrowserResponse, Capability, Driver, Fault, Mail, Run } from './driver';

/** Plays scenarios on a local cloud. */
export class LocalDriver implements Driver {
  readonly capabilities: ReadonlySet<Capability> = new Set(['timeSkip', 'faults']);
  private readonly read = new Set<Mail>();

  constructor(private readonly cloud: LocalCloud) {}

  async start(stateMachine: string, input: Json, options: { readonly name?: string } = {}): Promise<Run> {
    const { executionArn } = (await this.cloud.call({
      service: 'sfn',
      operation: 'StartExecution',
      input: {
        stateMachineArn: this.cloud.find('AWS::StepFunctions::StateMachine', stateMachine).ref,
        input: JSON.stringify(input),
        ...options,
      },
      principal: { kind: 'operator' },
    })) as { executionArn: string };
    await this.cloud.clock.settle();
    return this.cloud.execution(executionArn);
  }

  async finished(run: Run): Promise<void> {
    const execution = run as Execution;
    await this.cloud.clock.runUntil(() => execution.status !== 'RUNNING', `the run ${execution.name}`);
  }

  async nextMail(to: string): Promise<Mail> {
    await this.cloud.clock.settle();
    const mail = this.cloud.outbox.find((candidate) => candidate.to === to && !this.read.has(candidate));
    if (!mail)
      throw new Error(`no mail to ${to} is there; there is mail to: ${this.cloud.outbox.map((sent) => sent.to).join(', ') || 'nobody'}`);
    this.read.add(mail);
    return mail;
  }

  async mails(): Promise<readonly Mail[]> {
    await this.cloud.clock.settle();
    return this.cloud.outbox;
  }

  async browse(request: BrowserRequest): Promise<BrowserResponse> {
    const response = await this.cloud.clock.busy(() => send(request));
    await this.cloud.clock.settle();
    return response;
  }

  async items(table: string): Promise<readonly Record<string, unknown>[]> {
    await this.cloud.clock.settle();
    return this.cloud.items(table);
  }

  async skip(seconds: number): Promise<void> {
    await this.cloud.clock.advance(seconds * 1000);
  }

  async fail(fault: Fault): Promise<void> {
    this.cloud.inject(fault);
  }
}

function send({ method = 'GET', url, form }: BrowserRequest): Promise<BrowserResponse> {
  const body = form && new URLSearchParams(form).toString();
  const headers = { accept: 'text/html', ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) };
  return new Promise((resolve, reject) => {
    // `agent: false`: no connection outlives the request, so that nothing keeps the process alive.
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
