/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
import type { Json } from '../cloud-types';
import { StatesError } from '../engine/types';

interface InvokeOutput {
  readonly StatusCode: number;
  readonly ExecutedVersion?: string;
  readonly Payload?: Uint8Array;
  readonly FunctionError?: string;
}

/** The handler's own error is the error that Retry and Catch see, its JSON the cause. */
export function payloadOf(output: InvokeOutput): Json {
  const text = output.Payload ? Buffer.from(output.Payload).toString('utf8') : '';
  const payload: Json = text === '' ? null : JSON.parse(text);
  if (!output.FunctionError) return payload;
  const type = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload.errorType : undefined;
  throw new StatesError(typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown', text);
}

/** `Payload` is any JSON; it reaches the function as its text. */
export function payloadText(parameters: Json): Json {
  const given = parameters as { [key: string]: Json };
  return given.Payload === undefined ? given : { ...given, Payload: JSON.stringify(given.Payload) };
}
