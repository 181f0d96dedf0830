import { ErrorName } from '../../lib/asl/error-names';
import { StatesError } from './types';

/** What ends a state: the error and cause that Retry, Catch and the history see. Either may be missing, as on AWS. */
export class StateFailure extends Error {
  /** Further names that `ErrorEquals` may use for it. */
  readonly aliases: readonly string[];

  constructor(
    readonly error: string | undefined,
    readonly causeText?: string,
    options: { readonly aliases?: readonly string[] } = {},
  ) {
    super(causeText ?? error ?? 'failed');
    this.aliases = options.aliases ?? [];
  }

  /** As Catch gives it to the next state. */
  output(): { Error?: string; Cause?: string } {
    return { ...(this.error === undefined ? {} : { Error: this.error }), Cause: this.causeText ?? '' };
  }

  /** As the details of an ExecutionFailed event have it. */
  details(): { error?: string; cause?: string } {
    return {
      ...(this.error === undefined ? {} : { error: this.error }),
      ...(this.causeText === undefined ? {} : { cause: this.causeText }),
    };
  }
}

/** A state's own fault, before it is known which state: AWS puts "An error occurred while executing the state …" in front of the message. */
export class StateFault extends Error {
  constructor(
    readonly error: string,
    message: string,
  ) {
    super(message);
  }
}

/** States.Runtime: ends the execution, no Retry or Catch sees it. */
export function runtimeFault(message: string): StateFault {
  return new StateFault(ErrorName.RUNTIME, message);
}

/** Whether an error in a branch ends the execution, without a word of the branch's own end: https://github.com/floci-io/floci/issues/2868 */
export function endsExecution(error: unknown): boolean {
  return (error instanceof StateFailure || error instanceof StateFault) && error.error === ErrorName.RUNTIME;
}

/** A JSONata expression that could not be evaluated. The history has an event of its own for it. */
export class QueryFault extends StateFault {
  constructor(
    /** The field, such as `Arguments/FunctionName`. */
    readonly location: string,
    message: string,
  ) {
    super(ErrorName.QUERY_EVALUATION, message);
  }
}

/** Thrown through what is still running when a branch is cancelled: nothing must catch it but the one who cancelled. */
export class Cancelled extends Error {}

/** The only one there is: a million branches end with it, and none needs a stack of its own. */
export const CANCELLED = new Cancelled('cancelled');

/** What a task port's rejection means to a state. Errors other than StatesError are the emulation's own faults and are not hidden. */
export function asStateFailure(error: unknown): StateFailure {
  if (error instanceof StateFailure) return error;
  if (error instanceof StatesError) return new StateFailure(error.error, error.causeText);
  if (isErrorLike(error)) return new StateFailure(error.error, error.cause === undefined ? undefined : String(error.cause));
  throw error;
}

/** Errors thrown by another copy of this module (a bundle beside the sources) or by a harness. */
function isErrorLike(error: unknown): error is { error: string; cause?: unknown } {
  return error instanceof Error && typeof (error as { error?: unknown }).error === 'string';
}
