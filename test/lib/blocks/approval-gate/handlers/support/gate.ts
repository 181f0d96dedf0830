import { createHmac } from 'node:crypto';
import type { GenerateMacCommandInput, KMSClient } from '@aws-sdk/client-kms';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { ConflictException, type CreateScheduleCommandInput, type SchedulerClient } from '@aws-sdk/client-scheduler';
import { type SendTaskSuccessCommandInput, type SFNClient, TaskTimedOut } from '@aws-sdk/client-sfn';
import type { PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { HttpRequest, HttpResponse } from '../../../../../../lib/blocks/approval-gate/handlers/http';
import { Log } from '../../../../../../lib/blocks/approval-gate/handlers/log';
import { type NotifyServices, notify } from '../../../../../../lib/blocks/approval-gate/handlers/notify';
import type { NotifyEvent } from '../../../../../../lib/blocks/approval-gate/handlers/notify-event';
import { portal } from '../../../../../../lib/blocks/approval-gate/handlers/portal';
import { remind } from '../../../../../../lib/blocks/approval-gate/handlers/remind';
import type { ReminderEvent } from '../../../../../../lib/blocks/approval-gate/handlers/reminders';
import { respond } from '../../../../../../lib/blocks/approval-gate/handlers/respond';
import { show } from '../../../../../../lib/blocks/approval-gate/handlers/show';
import { sweep } from '../../../../../../lib/blocks/approval-gate/handlers/sweep';
import { AUDIT_TABLE, FakeTable } from './fake-table';

export const START = Date.parse('2026-07-01T12:05:00.250Z');
export const TWO_DAYS = 172_800;
export const API_URL = 'https://api.example';
export const TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAfirstTOKEN+/0123456789==';
export const SECOND_TOKEN = 'AQCEAAAAKgAAAAMAAAAAAAAAAsecondTOKEN+/9876543210==';

export const EVENT = {
  taskToken: TOKEN,
  executionArn: 'arn:aws:states:eu-west-1:111122223333:execution:AccountOpening:run-4711',
  stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:AccountOpening',
  step: 'Review',
  requestKey: 'run-4711|Review|2026-07-01T12:05:00.250Z|',
  title: 'Open an account for Zoë Müller',
  summary: { Applicant: 'Zoë Müller', Limit: 2500, Flagged: true },
  summaryHash: '3f9a1c0277be5d0e1122334455667788990011223344556677889900aabbccdd',
  approver: { identity: 'ann@example.com', channel: { type: 'email' as const, target: 'arn:aws:sns:eu-west-1:111122223333:Mail' } },
  enteredAt: new Date(START).toISOString(),
  expiresInSeconds: TWO_DAYS,
} satisfies NotifyEvent;

/** The same, asked of several. */
export function quorumEvent(needed: number, ...names: string[]): NotifyEvent {
  const { approver, ...event } = EVENT;
  return { ...event, quorum: { needed, approvers: names.map((identity) => ({ identity, channel: approver.channel })) } };
}

export interface Message {
  readonly service: 'sns' | 'sqs' | 'lambda';
  readonly input: Record<string, unknown>;
}

/** A whole gate in memory: its table, its key, Step Functions' tokens, what was sent, and a clock. */
export class Gate {
  readonly table = new FakeTable();
  readonly messages: Message[] = [];
  readonly answers: { taskToken: string; output: Record<string, unknown> }[] = [];
  /** By group and name. */
  readonly schedules = new Map<string, CreateScheduleCommandInput>();
  readonly macs: string[] = [];
  readonly lines: string[] = [];
  now = START;
  /** Thrown by the next call that answers. */
  refuse: (() => Error | undefined)[] = [];
  /** Thrown when a message is sent. */
  undeliverable?: Error;
  private readonly used = new Set<string>();

  readonly kms = {
    send: async ({ input }: { input: GenerateMacCommandInput }) => {
      if (input.MacAlgorithm !== 'HMAC_SHA_256' || input.KeyId !== 'key') throw new Error('a key that the gate does not have');
      const message = Buffer.from(input.Message ?? []).toString();
      this.macs.push(message);
      return { Mac: new Uint8Array(createHmac('sha256', 'the key in KMS').update(message).digest()) };
    },
  } as unknown as KMSClient;

  readonly sfn = {
    send: async ({ input }: { input: SendTaskSuccessCommandInput }) => {
      const refusal = this.refuse.shift()?.();
      if (refusal) throw refusal;
      const taskToken = input.taskToken ?? '';
      // As Step Functions says of a token that was used.
      if (this.used.has(taskToken))
        throw new TaskTimedOut({ message: "Task Timed Out: 'Provided task does not exist anymore'", $metadata: {} });
      this.used.add(taskToken);
      this.answers.push({ taskToken, output: JSON.parse(input.output ?? '') });
      return {};
    },
  } as unknown as SFNClient;

  readonly scheduler = {
    send: async ({ input }: { input: CreateScheduleCommandInput }) => {
      const name = `${input.GroupName}/${input.Name}`;
      if (this.schedules.has(name))
        throw new ConflictException({ message: `Schedule ${name} already exists.`, Message: '', $metadata: {} });
      this.schedules.set(name, input);
      return {};
    },
  } as unknown as SchedulerClient;

  private sender<T>(service: Message['service']): T {
    const send = async ({ input }: { input: Record<string, unknown> }) => {
      if (this.undeliverable) throw this.undeliverable;
      this.messages.push({ service, input });
      return {};
    };
    return { send } as T;
  }

  constructor() {
    jest.spyOn(Date, 'now').mockImplementation(() => this.now);
    for (const method of ['log', 'error', 'warn', 'info', 'debug'] as const) {
      jest.spyOn(console, method).mockImplementation((...parts: unknown[]) => void this.lines.push(parts.map(String).join(' ')));
    }
  }

  notify(event: unknown = EVENT): Promise<void> {
    return notify(event, this.notifyServices(), new Log());
  }

  /** What a schedule calls. */
  remind(event: ReminderEvent): Promise<void> {
    return remind(event, this.notifyServices(), new Log());
  }

  private notifyServices(): NotifyServices {
    return {
      table: { dynamodb: this.table.client, tableName: 'table' },
      kms: this.kms,
      keyId: 'key',
      apiUrl: API_URL,
      sns: this.sender<SNSClient>('sns'),
      sqs: this.sender<SQSClient>('sqs'),
      lambda: this.sender<LambdaClient>('lambda'),
      scheduler: this.scheduler,
    };
  }

  /** As the API routes it. */
  call(http: HttpRequest): Promise<HttpResponse> {
    const key = { kms: this.kms, keyId: 'key' };
    const table = { dynamodb: this.table.client, tableName: 'table' };
    return http.requestContext.http.method === 'POST'
      ? respond(http, { table: { ...table, auditTableName: AUDIT_TABLE }, ...key, sfn: this.sfn }, new Log())
      : show(http, { table, ...key }, new Log());
  }

  /** As a browser does: it goes where the answer leads, with the cookies it gets. */
  async browse(http: HttpRequest): Promise<HttpResponse> {
    const answer = await this.call(http);
    if (answer.statusCode !== 303) return answer;
    const { searchParams } = new URL(answer.headers.location, `${API_URL}${http.rawPath}`);
    const cookies = answer.cookies?.map((cookie) => cookie.split(';')[0]);
    return this.call({
      ...httpRequest('GET', http.rawPath.slice(1)),
      queryStringParameters: Object.fromEntries(searchParams),
      cookies,
    });
  }

  /** A decision from the portal, by whoever these claims say. */
  decide(requestId: string, body: unknown, claims: Record<string, string> = {}, type = 'application/json'): Promise<HttpResponse> {
    const table = { dynamodb: this.table.client, tableName: 'table', auditTableName: AUDIT_TABLE };
    const http = {
      rawPath: `/decisions/${requestId}`,
      pathParameters: { requestId },
      headers: { 'content-type': type },
      requestContext: { requestId: 'api-request-1', http: { method: 'POST' }, authorizer: { jwt: { claims } } },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
    return portal(http, { table, sfn: this.sfn, signIn: { identityClaim: 'email' } }, new Log());
  }

  sweep(): Promise<void> {
    const table = { dynamodb: this.table.client, tableName: 'table' };
    return sweep({ table, sfn: this.sfn });
  }

  /** Asks, and gives what the approver finds in the mail. */
  async ask(event: NotifyEvent = EVENT): Promise<Mail> {
    await this.notify(event);
    return this.mail();
  }

  /** A mail, the last unless told otherwise. */
  mail(index = -1): Mail {
    return mailIn(this.messages.at(index));
  }

  /** Asks several, and gives what each finds in the mail. */
  async askAll(event: NotifyEvent): Promise<Mail[]> {
    const before = this.messages.length;
    await this.notify(event);
    return this.messages.slice(before).map(mailIn);
  }

  get(link: string, method = 'GET'): Promise<HttpResponse> {
    return this.call(httpRequest(method, link));
  }

  /** Sends a form, and gives the page that it leads to. */
  post(link: string, fields: Record<string, string>): Promise<HttpResponse> {
    return this.browse(formRequest(link, new URLSearchParams(fields).toString()));
  }

  /** Opens the page and sends its form as a person does. */
  async submit(link: string, fields: Record<string, string>): Promise<HttpResponse> {
    return this.post(link, { nonce: nonceIn(await this.get(link)), ...fields });
  }

  /** Everything that was logged. */
  get log(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line));
  }
}

function mailIn(message: Message | undefined): Mail {
  const { Message: text = '', Subject: subject = '' } = (message?.input ?? {}) as Partial<PublishCommandInput>;
  const link = /^https:\S+$/m.exec(text)?.[0].slice(API_URL.length + 1) ?? '';
  const code = /^ {4}(\w{3}-\w{3})$/m.exec(text)?.[1] ?? '';
  return { text, subject, link, code, requestId: link.split('.')[0] };
}

export interface Mail {
  readonly text: string;
  readonly subject: string;
  readonly link: string;
  readonly code: string;
  readonly requestId: string;
}

export function httpRequest(method: string, link: string): HttpRequest {
  return { rawPath: `/${link}`, pathParameters: { link }, headers: {}, requestContext: { requestId: 'api-request-1', http: { method } } };
}

export function formRequest(link: string, body: string, type = 'application/x-www-form-urlencoded'): HttpRequest {
  return { ...httpRequest('POST', link), headers: { 'content-type': type }, body };
}

export function nonceIn({ body }: HttpResponse): string {
  const nonce = /name="nonce" value="([^"]+)"/.exec(body)?.[1];
  if (!nonce) throw new Error(`no form in ${body}`);
  return nonce;
}

/** Another code than this one, of the right form. */
export function wrongCode(code: string): string {
  return `${code.slice(0, 6)}${code.endsWith('0') ? '2' : '0'}`;
}
