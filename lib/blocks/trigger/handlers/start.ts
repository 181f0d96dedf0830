import { createHash } from 'node:crypto';
import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Json } from '../../../asl/json';
import { evaluateJsonPath, parseJsonPath } from '../../../asl/jsonpath';

export interface Settings {
  readonly namePrefix: string;
  /** Paths. */
  readonly businessKey: readonly string[];
  /** Paths and texts by field. Without it the event is the input. */
  readonly input?: { readonly [field: string]: string };
  /** Path of the event's time. */
  readonly time: string;
  readonly maxAgeSeconds?: number;
}

export interface StartServices {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly stateMachineArn: string;
  readonly deadLetterQueueUrl: string;
  readonly settings: Settings;
}

interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
export interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export interface BatchResponse {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/** What StartExecution says of an input that it never takes, such as one over 256 KiB. */
const REFUSED = ['InvalidExecutionInput', 'InvalidName', 'ValidationException'];

/** The event can't ever start a run. */
class Unusable extends Error {}

/** Starts a run for each event. What fails comes again by itself; what can't succeed goes to the dead-letter queue at once. */
export async function start(services: StartServices, { Records }: QueueEvent): Promise<BatchResponse> {
  const done = await Promise.all(Records.map((record) => startOne(services, record)));
  return { batchItemFailures: Records.filter((_, i) => !done[i]).map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function startOne(services: StartServices, { messageId, body }: QueueRecord): Promise<boolean> {
  const log = (outcome: string, fields: object) => console.log(JSON.stringify({ outcome, messageId, ...fields }));
  try {
    const request = toRequest(services.settings, body);
    log(await startRun(services, request), { name: request.name });
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    const reason = error instanceof Unusable ? message : REFUSED.includes(name) ? `${name}: ${message}` : undefined;
    log(reason === undefined ? 'not started' : 'unusable', { error: reason ?? name });
    return reason !== undefined && (await giveUp(services, body, reason));
  }
}

async function startRun(
  { sfn, stateMachineArn }: StartServices,
  { name, input }: { readonly name: string; readonly input: string },
): Promise<'started' | 'started before'> {
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    return 'started';
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return 'started before';
    throw error;
  }
}

async function giveUp({ sqs, deadLetterQueueUrl }: StartServices, body: string, reason: string): Promise<boolean> {
  try {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: body,
        MessageAttributes: { reason: { DataType: 'String', StringValue: reason } },
      }),
    );
    return true;
  } catch (error) {
    console.error(JSON.stringify({ outcome: 'not given up', error: (error as Error).name }));
    return false;
  }
}

/** @throws Unusable */
function toRequest(settings: Settings, body: string): { readonly name: string; readonly input: string } {
  const event = parse(body);
  checkAge(settings, event);
  const key = settings.businessKey.map((path) => {
    const value = at(event, path);
    if (typeof value === 'string' ? value !== '' : typeof value === 'number' || typeof value === 'boolean') return value;
    throw new Unusable(`the business key has nothing at ${path}: a text, number or boolean is needed`);
  });
  const input = settings.input
    ? Object.fromEntries(Object.entries(settings.input).map(([field, value]) => [field, value.startsWith('$') ? at(event, value) : value]))
    : event;
  // As a list, so that "ab","c" is another key than "a","bc". At most 39 + 1 + 40 characters, of those that a name may have.
  const hash = createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 40);
  return { name: `${settings.namePrefix}-${hash}`, input: JSON.stringify(input) };
}

function parse(body: string): Json {
  try {
    return JSON.parse(body);
  } catch {
    throw new Unusable('the message is no JSON');
  }
}

function checkAge({ time, maxAgeSeconds }: Settings, event: Json): void {
  if (maxAgeSeconds === undefined) return;
  const occurred = Date.parse(String(at(event, time)));
  if (Number.isNaN(occurred)) throw new Unusable(`the event has no time at ${time}, which maxAge needs`);
  const age = Math.floor((Date.now() - occurred) / 1000);
  if (age > maxAgeSeconds) throw new Unusable(`the event is ${age} seconds old, more than ${maxAgeSeconds}`);
}

/** Undefined where the path leads nowhere. */
function at(event: Json, path: string): Json | undefined {
  try {
    return evaluateJsonPath(parseJsonPath(path), event);
  } catch {
    return undefined;
  }
}
