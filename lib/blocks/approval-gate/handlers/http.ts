/** What is used of an HTTP API's event, payload format 2.0. */
export interface HttpRequest {
  readonly rawPath: string;
  readonly pathParameters?: { readonly [name: string]: string | undefined };
  readonly queryStringParameters?: { readonly [name: string]: string | undefined };
  /** Names in lower case. */
  readonly headers?: { readonly [name: string]: string | undefined };
  /** Each as `<name>=<value>`. */
  readonly cookies?: readonly string[];
  readonly requestContext: {
    readonly requestId: string;
    readonly http: { readonly method: string };
    /** Of the routes for who is signed in: one of the two. */
    readonly authorizer?: {
      readonly jwt?: { readonly claims?: { readonly [name: string]: string | undefined } };
      readonly iam?: { readonly userArn?: string };
    };
  };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly cookies?: readonly string[];
  readonly body: string;
}

/** Of forms and of JSON. The longest reason takes 9,000 bytes of a form, when every character is written as three percent-encoded bytes. */
export const LARGEST_BODY = 16_384;

/** What the body is, in lower case, without parameters; empty where nothing says so. */
export function mediaTypeOf({ headers }: HttpRequest): string {
  return (headers?.['content-type'] ?? '').split(';')[0].trim().toLowerCase();
}

export function bodyOf({ body = '', isBase64Encoded }: HttpRequest): Buffer {
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}
