/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import type { HttpRequest, HttpResponse } from '../http/front';

export interface CorsConfiguration {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly AllowCredentials?: boolean;
  readonly MaxAge?: number;
}

function allowedOrigin({ AllowOrigins = [] }: CorsConfiguration, { headers }: HttpRequest): string | undefined {
  const origin = headers.origin;
  if (typeof origin !== 'string') return undefined;
  if (AllowOrigins.includes('*')) return '*';
  const allowed = AllowOrigins.some(
    (pattern) => pattern === origin || (pattern.endsWith('://*') && origin.startsWith(pattern.slice(0, -1))),
  );
  return allowed ? origin : undefined;
}

/** "API Gateway automatically sends a response to preflight OPTIONS requests, even if there isn't an OPTIONS route". */
export function preflight(cors: CorsConfiguration, request: HttpRequest): HttpResponse | undefined {
  if (
    request.method !== 'OPTIONS' ||
    request.headers.origin === undefined ||
    request.headers['access-control-request-method'] === undefined
  )
    return undefined;
  const origin = allowedOrigin(cors, request);
  const headers: Record<string, string> = {};
  if (origin) {
    headers['access-control-allow-origin'] = origin;
    if (cors.AllowMethods) headers['access-control-allow-methods'] = cors.AllowMethods.join(',');
    if (cors.AllowHeaders) headers['access-control-allow-headers'] = cors.AllowHeaders.join(',');
    if (cors.MaxAge !== undefined) headers['access-control-max-age'] = String(cors.MaxAge);
    if (cors.AllowCredentials) headers['access-control-allow-credentials'] = 'true';
  }
  return { status: 204, headers, body: Buffer.alloc(0) };
}

/** "API Gateway ignores CORS headers returned from your backend integration". */
export function withCors(cors: CorsConfiguration, request: HttpRequest, response: HttpResponse): HttpResponse {
  const kept = Object.entries(response.headers).filter(([name]) => !name.startsWith('access-control-'));
  const origin = allowedOrigin(cors, request);
  return {
    ...response,
    headers: {
      ...Object.fromEntries(kept),
      ...(origin && { 'access-control-allow-origin': origin }),
      ...(origin && cors.AllowCredentials && { 'access-control-allow-credentials': 'true' }),
      ...(origin && cors.ExposeHeaders && { 'access-control-expose-headers': cors.ExposeHeaders.join(',') }),
    },
  };
}
