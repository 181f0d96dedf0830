/** How Lambda itself answers when the handler couldn't. https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

export function timedOut(requestId: string, seconds: number): Failure {
  return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${timeoutText(seconds)}` };
}

/** The line in the function's log. */
export function timeoutLine(requestId: string, seconds: number, now: number): string {
  return `${new Date(now).toISOString()} ${requestId} ${timeoutText(seconds)}`;
}

export function outOfMemory(requestId: string): Failure {
  return { errorType: 'Runtime.OutOfMemory', errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed` };
}

export function exited(requestId: string, code: number): Failure {
  const reason = code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
  return { errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${reason}` };
}

export function responseTooLarge(): Failure {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB each way when the caller waits. */
export const MAX_REQUEST_BYTES = 6_291_456;
/** A little more, for the envelope. */
export const MAX_RESPONSE_BYTES = 6_291_556;

function timeoutText(seconds: number): string {
  return `Task timed out after ${seconds.toFixed(2)} seconds`;
}
