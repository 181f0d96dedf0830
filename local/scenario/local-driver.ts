import { request as httpRequest } from 'node:http';
import type { Json } from '../cloud-types';
import type { LocalRun } from '../handles/run';
import type { LocalCloud } from '../local-cloud';
import type { JobFunction, JobOptions, JobService } from '../services/jobs/types';
import { credentialsFor } from '../wire/credentials';
import { type SignableRequest, signingHeaders } from '../wire/signature';
import type {
  BrowserRequest,
  BrowserResponse,
  Capability,
  Driver,
  Fault,
  HttpApiRequest,
  Mail,
  ObjectOptions,
  Run,
  Signer,
} from './driver';

/** Plays scenarios on a local cloud. */
export class LocalDriver implements Driver {
  readonly capabilities: ReadonlySet<Capability> = new Set(['timeSkip', 'faults', 'jobs']);
  private readonly read: Set<Mail>;

  /** @param read mails that were read before */
  constructor(
    protected readonly cloud: LocalCloud,
    read: readonly Mail[] = [],
  ) {
    this.read = new Set(read);
  }

  start(stateMachine: string, input: Json, options?: { readonly name?: string }): Promise<LocalRun> {
    return this.cloud.stateMachine(stateMachine).start(input, options);
  }

  async runs(stateMachine: string): Promise<readonly LocalRun[]> {
    await this.cloud.clock.settle();
    return this.cloud.stateMachine(stateMachine).runs;
  }

  async finished(run: Run): Promise<void> {
    await (run as LocalRun).finished();
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

  browse({ method = 'GET', url, form }: BrowserRequest): Promise<BrowserResponse> {
    const body = form && new URLSearchParams(form).toString();
    const headers = { accept: 'text/html', ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) };
    return this.request(url, { method, headers, body });
  }

  callApi({ api, path, method = 'POST', json, headers: given, signedBy }: HttpApiRequest): Promise<BrowserResponse> {
    const url = `${this.cloud.find('AWS::ApiGatewayV2::Api', api).attributes.ApiEndpoint}${path}`;
    const body = json === undefined ? undefined : JSON.stringify(json);
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...given, host: new URL(url).host };
    const signature = signedBy && this.signature(signedBy, { method, target: path, headers, body: body ?? '' });
    return this.request(url, { method, headers: { ...headers, ...signature }, body });
  }

  private signature({ role, session }: Signer, request: SignableRequest): Record<string, string> {
    const { region, clock } = this.cloud;
    const roleArn = String(this.cloud.find('AWS::IAM::Role', role).attributes.Arn);
    const time = new Date(clock.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return signingHeaders(request, credentialsFor(roleArn, session), { time, region, service: 'execute-api' });
  }

  private async request(url: string, request: OutgoingRequest): Promise<BrowserResponse> {
    const response = await this.cloud.clock.busy(() => send(url, request));
    await this.cloud.clock.settle();
    return response;
  }

  async items(table: string): Promise<readonly Record<string, unknown>[]> {
    await this.cloud.clock.settle();
    return this.cloud.table(table).items();
  }

  async putObject(bucket: string, key: string, body: string | Uint8Array, options: ObjectOptions = {}): Promise<void> {
    const { contentType: ContentType, metadata: Metadata, tags = {} } = options;
    await this.cloud.operate('s3', 'PutObject', {
      Bucket: this.cloud.bucket(bucket).name,
      Key: key,
      Body: Buffer.from(body as Uint8Array),
      ...(ContentType !== undefined && { ContentType }),
      ...(Metadata && { Metadata }),
      ...(Object.keys(tags).length > 0 && { Tagging: new URLSearchParams(tags).toString() }),
    });
  }

  async deleteObject(bucket: string, key: string): Promise<void> {
    await this.cloud.operate('s3', 'DeleteObject', { Bucket: this.cloud.bucket(bucket).name, Key: key });
  }

  async objectKeys(bucket: string, prefix?: string): Promise<readonly string[]> {
    await this.cloud.clock.settle();
    return this.cloud.bucket(bucket).keys(prefix);
  }

  async readObject(bucket: string, key: string): Promise<string> {
    await this.cloud.clock.settle();
    return this.cloud.bucket(bucket).text(key);
  }

  async skip(seconds: number): Promise<void> {
    await this.cloud.clock.advance(seconds * 1000);
  }

  async fail({ service, operation, ...fault }: Fault): Promise<void> {
    this.cloud.fail(`${service}:${operation}`, fault);
  }

  async job<S extends JobService>(service: S, job: string, run: JobFunction<S>, options?: JobOptions): Promise<void> {
    this.cloud.job(service, job, run, options);
  }
}

interface OutgoingRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send(url: string, { method, headers, body }: OutgoingRequest): Promise<BrowserResponse> {
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
