import type { Json } from '../cloud-types';
import { models } from '../wire/model';

const CONTENT_TYPES = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  awsQuery: 'text/xml',
  restJson1: 'application/json',
  restXml: 'application/xml',
} as const;

interface Answer {
  readonly service: string;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly body: Json;
  /** Those that only this operation has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What an optimized integration adds to each answer: the headers of the HTTP response that brought it. */
export function sdkMetadata({ service, requestId, at, body, headers }: Answer): Record<string, Json> {
  const all: Record<string, string> = {
    ...headers,
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(JSON.stringify(body))),
    'Content-Type': CONTENT_TYPES[models[service].protocol],
    Date: new Date(at).toUTCString(),
    'x-amzn-RequestId': requestId,
  };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]])),
      HttpHeaders: all,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
