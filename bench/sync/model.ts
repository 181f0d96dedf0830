import { PRICES } from '../../local/report/prices';

/** What both algorithms are taken to wait for S3, milliseconds a request, and what a call of Lambda takes by itself. */
export const LATENCY = { ListObjectsV2: 100, HeadObject: 20, GetObject: 30, CopyObject: 60, PutObject: 40, DeleteObjects: 200, other: 30 };
export const LAMBDA_MS = 50;
export const LAMBDA_GB = 0.5;

export type Requests = Readonly<Record<string, number>>;

export interface Figures {
  readonly transitions: number;
  readonly requests: Requests;
  readonly lambdaCalls: number;
  readonly lambdaSeconds: number;
  readonly seconds: number;
  /** What it could not do. */
  readonly stopped?: string;
}

export const latencyOf = (operation: string): number => LATENCY[operation as keyof typeof LATENCY] ?? LATENCY.other;

/** S3 bills lists as it does writes, and deletions not at all. */
const isWrite = (operation: string): boolean => /^(Put|Copy|Create|Complete|Upload|List)/.test(operation);

export function usd({ transitions, requests, lambdaCalls, lambdaSeconds }: Figures): number {
  const of = (name: keyof typeof PRICES, quantity: number) => (quantity * PRICES[name].usd) / PRICES[name].per;
  const s3 = Object.entries(requests).map(([operation, n]) =>
    /^Delete/.test(operation) ? 0 : of(isWrite(operation) ? 's3Write' : 's3Read', n),
  );
  return (
    of('transition', transitions) +
    of('lambdaRequest', lambdaCalls) +
    of('lambdaArm', lambdaSeconds * LAMBDA_GB) +
    s3.reduce((a, b) => a + b, 0)
  );
}
