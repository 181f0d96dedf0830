/** Payload format 2.0. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
import type { Json } from '../../cloud-types';
import type { HttpRequest } from './front';

export interface EventContext {
  readonly accountId: string;
  readonly apiId: string;
  readonly requestId: string;
  readonly routeKey: string;
  readonly stage: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
  /** What the route's authorizer found out. */
  readonly authorizer?: { [key: string]: Json };
}

export function requestEvent(request: HttpRequest, context: EventContext): { [key: string]: Json } {
  const [path, query = ''] = request.target.split(/\?(.*)/s);
  const { cookie, ...others } = request.headers;
  const headers = flat(others);
  const domainName = headers.host ?? '127.0.0.1';
  headers['x-forwarded-for'] ??= request.sourceIp;
  headers['x-forwarded-port'] ??= domainName.split(':')[1] ?? '80';
  headers['x-forwarded-proto'] ??= 'http';
  const parameters = queryParameters(query);
  const binary = request.body.length > 0 && !isText(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: context.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie !== undefined && { cookies: String(cookie).split(/;\s*/) }),
    headers,
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId: context.accountId,
      apiId: context.apiId,
      ...(context.authorizer && { authorizer: context.authorizer }),
      domainName,
      domainPrefix: context.apiId,
      http: { method: request.method, path, protocol: 'HTTP/1.1', sourceIp: request.sourceIp, userAgent: headers['user-agent'] ?? '' },
      requestId: context.requestId,
      routeKey: context.routeKey,
      stage: context.stage,
      time: logTime(context.at),
      timeEpoch: context.at,
    },
    ...(context.pathParameters && Object.keys(context.pathParameters).length > 0 && { pathParameters: { ...context.pathParameters } }),
    ...(context.stageVariables && { stageVariables: { ...context.stageVariables } }),
    ...(request.body.length > 0 && { body: request.body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary,
  };
}

/** "Duplicate headers are combined with commas". */
function flat(headers: HttpRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  );
}

/** "Duplicate query strings are combined with commas". */
function queryParameters(query: string): Record<string, string> {
  const all = new URLSearchParams(query);
  return Object.fromEntries([...new Set(all.keys())].map((key) => [key, all.getAll(key).join(',')]));
}

/**
 * These reach the function as text; all else, forms and bodies without a type too, in base64. The documentation says "binary" and no
 * more; the list is what AWS was seen to do: https://github.com/ministackorg/ministack/pull/766
 */
function isText(contentType: string): boolean {
  return /^(text\/|application\/(json|javascript|xml)\b)/.test(contentType);
}

/** 12/Mar/2020:19:03:58 +0000 */
export function logTime(at: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
