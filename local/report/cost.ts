import type { DeployedResource } from '../assembly/types';
import type { ApiCall } from '../cloud-types';
import { transitions } from '../engine';
import type { Execution } from '../engine/types';
import type { ScenarioResult } from '../scenario/play';
import { callsOf, functionName, isInvocation } from './calls';
import { unitsOf } from './dynamodb-units';
import { PRICES, type Price, type PriceName } from './prices';

/** What a handler's run on AWS, or another task of an Express workflow, is taken to last: the time on this machine says nothing of it. */
export const ASSUMED_TASK_MS = 100;

export interface CostLine {
  readonly price: Price;
  /** In the price's unit, for one run. */
  readonly quantity: number;
  readonly usd: number;
}

export interface Cost {
  /** The dearest first. */
  readonly lines: readonly CostLine[];
  /** For one run. */
  readonly usd: number;
  /** Calls of services that the price table lacks: "glue:StartJobRun". */
  readonly unpriced: readonly string[];
}

/** What an estimate leaves out, in words. */
export const NOT_COUNTED = [
  'free tiers and volume discounts',
  'logs, traces, metrics and alarms',
  'storage, backups, and what keys, secrets and tables cost by the month',
  'data transfer',
  'cold starts',
  'writes that keep secondary indexes',
  'work on a schedule, which does not grow with the number of runs',
] as const;

export type Priced = Pick<ScenarioResult, 'calls' | 'resources' | 'mails' | 'executions' | 'mapRuns'>;

/** What it would cost on AWS to play a scenario, by the calls and executions that there were. */
export function costOf(run: Priced): Cost {
  const bill = new Bill();
  const calls = callsOf(run).ofTheRun.filter(({ principal }) => principal.kind !== 'operator');
  const functions = new Map(run.resources.filter(({ type }) => type === 'AWS::Lambda::Function').map((fn) => [fn.ref, fn]));
  const standFor = childrenByKept(run);
  for (const execution of run.executions) {
    const times = standFor.get(mapOf(execution.mapRunArn)) ?? 1;
    if (execution.machine.type === 'EXPRESS') addExpress(bill, execution, times);
    else bill.add('transition', transitions(execution.history) * times);
  }
  for (const call of calls) addCall(bill, call, functions);
  bill.add('snsMail', run.mails.length);
  return bill.total();
}

/** Of a Distributed Map that ran in one run or in several: its runs differ in what comes after the last colon of their ARNs. */
function mapOf(mapRunArn = ''): string {
  return mapRunArn.slice(0, mapRunArn.lastIndexOf(':'));
}

/** How many children each kept child of a Distributed Map stands for: of very many children the runner keeps the last ones only. */
function childrenByKept({ executions, mapRuns }: Priced): ReadonlyMap<string, number> {
  const kept = countsBy(
    executions,
    ({ mapRunArn }) => mapOf(mapRunArn),
    () => 1,
  );
  const started = countsBy(
    mapRuns,
    ({ arn }) => mapOf(arn),
    ({ executionCounts: { total, pending } }) => total - pending,
  );
  return new Map([...started].map(([map, count]) => [map, count / (kept.get(map) ?? 1)]));
}

function countsBy<T>(all: readonly T[], key: (one: T) => string, count: (one: T) => number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(key(one), (counts.get(key(one)) ?? 0) + count(one));
  return counts;
}

class Bill {
  private readonly quantities = new Map<PriceName, number>();
  private readonly unpriced = new Set<string>();

  add(name: PriceName, quantity: number): void {
    if (quantity > 0) this.quantities.set(name, (this.quantities.get(name) ?? 0) + quantity);
  }

  cannotPrice({ service, operation }: ApiCall): void {
    this.unpriced.add(`${service}:${operation}`);
  }

  total(): Cost {
    const lines = [...this.quantities].map(([name, quantity]): CostLine => {
      const price: Price = PRICES[name];
      return { price, quantity, usd: (quantity * price.usd) / price.per };
    });
    lines.sort((a, b) => b.usd - a.usd);
    return { lines, usd: lines.reduce((sum, { usd }) => sum + usd, 0), unpriced: [...this.unpriced] };
  }
}

/**
 * By 100 ms and 64 MB; a small workflow is taken to need one such piece of memory. Tasks are taken to run one after another.
 * https://aws.amazon.com/step-functions/pricing/
 */
function addExpress(bill: Bill, { history, startDate, stopDate = startDate }: Execution, times: number): void {
  const tasks = history.filter(({ type }) => /^(Task|LambdaFunction)Scheduled$/.test(type)).length;
  const milliseconds = stopDate - startDate + tasks * ASSUMED_TASK_MS;
  bill.add('expressRequest', times);
  bill.add('expressDuration', (Math.max(1, Math.ceil(milliseconds / 100)) / 10) * (64 / 1024) * times);
}

function addCall(bill: Bill, call: ApiCall, functions: ReadonlyMap<string, DeployedResource>): void {
  const { service, operation, input, error } = call;
  if (service === 'dynamodb') {
    const { read, write } = unitsOf(call);
    bill.add('dynamodbRead', read);
    bill.add('dynamodbWrite', write);
    return;
  }
  // What is refused is not billed, or hardly.
  if (error) return;
  switch (service) {
    case 'lambda':
      if (isInvocation(call)) addInvocation(bill, call, functions.get(functionName(call)));
      return;
    case 'sns':
      if (operation === 'Publish') bill.add('snsPublish', pieces(input.Message));
      if (operation === 'PublishBatch') bill.add('snsPublish', 1);
      return;
    case 'sqs':
      bill.add(String(input.QueueUrl).endsWith('.fifo') ? 'sqsFifo' : 'sqsStandard', pieces(input.MessageBody));
      return;
    case 'eventbridge':
      if (operation === 'PutEvents') for (const entry of input.Entries ?? []) bill.add('event', pieces(entry.Detail));
      return;
    case 'kms':
      bill.add('kms', 1);
      return;
    case 's3':
      if (!/^(Delete|Abort)/.test(operation)) bill.add(/^(Put|Copy|Create|Complete|Upload|List)/.test(operation) ? 's3Write' : 's3Read', 1);
      return;
    case 'secrets-manager':
      bill.add('secret', 1);
      return;
    // Free: https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/iam/
    case 'sfn':
    case 'iam':
    case 'sts':
      return;
    default:
      bill.cannotPrice(call);
  }
}

/** https://aws.amazon.com/lambda/pricing/ */
function addInvocation(bill: Bill, { principal }: ApiCall, fn: DeployedResource | undefined): void {
  const { MemorySize = 128, Architectures = ['x86_64'] } = fn?.properties ?? {};
  bill.add('lambdaRequest', 1);
  bill.add(Architectures.includes('arm64') ? 'lambdaArm' : 'lambdaX86', (ASSUMED_TASK_MS / 1000) * (Number(MemorySize) / 1024));
  if (principal.kind === 'service' && principal.service === 'apigateway.amazonaws.com') bill.add('httpApi', 1);
}

/** Messages are billed by 64 KB. */
function pieces(text: unknown): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(typeof text === 'string' ? text : '', 'utf8') / (64 * 1024)));
}

/** For 1,000 runs, as a person reads it: "$0.21", "less than $0.0001". */
export function perThousandRuns(usd: number): string {
  return dollars(usd * 1000);
}

/** Two digits that mean something. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return 'less than $0.0001';
  return `$${usd >= 0.01 ? usd.toFixed(2) : Number(usd.toPrecision(2))}`;
}
