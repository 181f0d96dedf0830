import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { ApiError } from '../../../../local/cloud-types';

/** One request of an S3 client. */
export interface S3Request {
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the API's
  readonly input: any;
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, unknown>;
}

const ATTEMPTS = 5;

/** An S3 client whose requests go to `answer` in place of a socket: errors and retries are as the SDK's. */
export function s3InProcess(answer: (request: S3Request) => unknown): S3Client {
  const send = async ({ constructor: { name }, input }: Command): Promise<unknown> => {
    const operation = name.replace(/Command$/, '');
    for (let attempt = 1; ; attempt++) {
      try {
        return withBody((await answer({ operation, input: given(input) })) as Record<string, unknown>);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.statusCode >= 500 && attempt < ATTEMPTS) continue;
        throw asSdkError(error, operation);
      }
    }
  };
  return { send } as unknown as S3Client;
}

/** What is undefined isn't sent. */
function given(input: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

function withBody(output: Record<string, unknown>): unknown {
  const { Body } = output;
  if (!Buffer.isBuffer(Body)) return output;
  const stream = Object.assign(Readable.from([Body]), { transformToString: async () => Body.toString('utf8') });
  return { ...output, Body: stream };
}

/** A HEAD's error has no body, and so no code. */
function asSdkError(error: ApiError, operation: string): Error {
  const name = operation === 'HeadObject' ? (error.statusCode === 404 ? 'NotFound' : 'Unknown') : error.code;
  return Object.assign(new Error(error.message), { name, $metadata: { httpStatusCode: error.statusCode } });
}
