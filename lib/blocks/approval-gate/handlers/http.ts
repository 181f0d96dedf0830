import { STYLE_HASH } from './page/style';

/** What is used of an HTTP API's event, payload format 2.0. */
export interface HttpRequest {
  readonly rawPath: string;
  readonly pathParameters?: { readonly [name: string]: string | undefined };
  /** Names in lower case. */
  readonly headers?: { readonly [name: string]: string | undefined };
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
  readonly body: string;
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'strict-transport-security': 'max-age=63072000',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** The answer that shows a page. To `HEAD` it is the same, without the page. */
export function pageResponse(
  request: HttpRequest,
  statusCode: number,
  page: string,
  headers: { readonly [name: string]: string } = {},
): HttpResponse {
  return { statusCode, headers: { ...HEADERS, ...headers }, body: methodOf(request) === 'HEAD' ? '' : page };
}

export function methodOf(request: HttpRequest): string {
  return request.requestContext.http.method.toUpperCase();
}
