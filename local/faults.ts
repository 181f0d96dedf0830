import type { ApiRequest } from './cloud-types';
import { ApiError } from './cloud-types';

/** How a call fails. */
export interface CallFault {
  /** AWS's error name: "ThrottlingException". */
  readonly error: string;
  readonly message?: string;
  /** @default 400 */
  readonly statusCode?: number;
  /** Whether the call has its effect and only the answer is lost. @default false */
  readonly afterEffect?: boolean;
  /** Whose calls: construct path of the role, or the start of it. @default - anybody's */
  readonly role?: string;
  /** How many calls fail. @default 1 */
  readonly times?: number;
}

interface Planned<T> {
  readonly service: string;
  readonly operation: string;
  readonly what: T;
  left: number;
}

/** What the next calls of an operation meet with, in the order in which it was planned. */
export class Faults {
  private readonly failures: Planned<CallFault>[] = [];
  private readonly repetitions: Planned<undefined>[] = [];
  private readonly delays: Planned<number>[] = [];

  fail(call: Call, fault: CallFault): void {
    plan(this.failures, call, fault, fault.times);
  }

  repeat(call: Call, times?: number): void {
    plan(this.repetitions, call, undefined, times);
  }

  delay(call: Call, milliseconds: number, times?: number): void {
    plan(this.delays, call, milliseconds, times);
  }

  /** @param isFrom whether the caller is the role at, or below, this construct path */
  takeFailure(call: Call, isFrom: (role: string) => boolean): { readonly error: ApiError; readonly afterEffect: boolean } | undefined {
    const fault = take(this.failures, call, ({ role }) => role === undefined || isFrom(role));
    if (!fault) return undefined;
    const { error, message = 'made to fail by the test', statusCode = 400, afterEffect = false } = fault.what;
    return { error: new ApiError(error, message, statusCode), afterEffect };
  }

  takeRepetition(call: Call): boolean {
    return take(this.repetitions, call) !== undefined;
  }

  takeDelay(call: Call): number {
    return take(this.delays, call)?.what ?? 0;
  }
}

type Call = Pick<ApiRequest, 'service' | 'operation'>;

function plan<T>(planned: Planned<T>[], { service, operation }: Call, what: T, times = 1): void {
  if (!Number.isInteger(times) || times < 1) throw new RangeError(`'times' is ${times}: give how many calls are meant, 1 or more`);
  planned.push({ service, operation, what, left: times });
}

function take<T>(planned: Planned<T>[], call: Call, applies: (what: T) => boolean = () => true): Planned<T> | undefined {
  const found = planned.find(
    ({ service, operation, left, what }) => left > 0 && service === call.service && operation === call.operation && applies(what),
  );
  if (found) found.left--;
  return found;
}
