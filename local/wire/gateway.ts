/**
 * The endpoint that unmodified AWS SDK clients talk to: `AWS_ENDPOINT_URL=http://127.0.0.1:port`. It decodes a request by its
 * service's protocol, makes it one `cloud.call` in the name of the role that the signature shows, and encodes the answer.
 */
import { constants } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Askers } from '../askers';
import { ApiError, type Cloud, type Principal } from '../cloud-types';
import { FRESH_SERVERS } from '../servers';
import { notImplemented } from '../services/errors';
import { type Credentials, credentialsFor, principalOf } from './credentials';
import { encodeError } from './error';
import { decodeJson, encodeJson } from './json';
import { models, type ServiceModel, serviceSignedAs } from './model';
import { checkExpiry, signingTime } from './presigned';
import { modelInProtocol } from './protocols';
import { decodeQuery, encodeQuery } from './query';
import { missingMembers, missingMembersMessage } from './required';
import { decodeRest, encodeRest, matchRoute, type RestRequest, type RestResponse } from './rest';
import { decodeRestXml, encodeRestXml, malformedXml, matchS3Route, received } from './rest-xml';

export interface Gateway {
  readonly url: string;
  /** Those for whom time passes while they wait for its answers: invocations of functions, by trace id. */
  readonly askers: Askers;
  /** Credentials that make their bearer this role; without one, the operator. */
  credentialsFor(roleArn?: string): Credentials;
  close(): Promise<void>;
}

export async function createGateway(cloud: Cloud): Promise<Gateway> {
  const askers = new Askers(cloud.clock);
  let requests = 0;
  const { port, close } = await (cloud.servers ?? FRESH_SERVERS).open((incoming, outgoing) => {
    requests += 1;
    answer(cloud, askers, incoming, `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`)
      .then((response) => send(outgoing, response, dateOf(cloud, incoming)))
      .catch(() => outgoing.destroy()); // The client has gone.
  });
  return { url: `http://127.0.0.1:${port}`, askers, credentialsFor, close };
}

function send(outgoing: ServerResponse, response: RestResponse, date: Date): void {
  outgoing.sendDate = false;
  outgoing.writeHead(response.status, {
    // HEAD tells the length of a body that isn't sent.
    'content-length': String(Buffer.byteLength(response.body)),
    ...response.headers,
    date: date.toUTCString(),
  });
  outgoing.end(response.body);
}

/**
 * The time that the answer shows: the client's own, from its signature, else the virtual clock's. An SDK that sees another time than
 * its own takes each error for one of clock skew, and tries again.
 */
function dateOf(cloud: Cloud, incoming: IncomingMessage): Date {
  return new Date(signingTime(String(incoming.headers['x-amz-date'] ?? '')) ?? cloud.clock.now());
}

async function answer(cloud: Cloud, askers: Askers, incoming: IncomingMessage, requestId: string): Promise<RestResponse> {
  const tooLarge = bodyTooLarge(incoming);
  const body = tooLarge ? Buffer.alloc(0) : await cloud.clock.busy(read(incoming));
  const target = incoming.url ?? '/';
  const url = new URL(target, 'http://127.0.0.1');
  const request: RestRequest = { method: incoming.method ?? 'GET', url, path: target.split('?')[0], headers: incoming.headers, body };
  const scope = credentialScope(request);
  const service = scope && serviceSignedAs(scope.signingName, incoming.headers['x-amz-target'] as string | undefined);
  const known = service ? models[service] : undefined;
  const { model, refused } = service && known ? modelInProtocol(service, known, incoming.headers) : { model: undefined };
  try {
    if (!scope) throw new ApiError('MissingAuthenticationToken', 'The request is not signed.', 403);
    if (!service || !model) throw notImplemented(`the service "${scope.signingName}"`);
    if (refused) throw refused;
    if (tooLarge) throw tooLarge;
    const principal = principalOf(scope.accessKeyId);
    if (!principal) throw new ApiError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403);
    checkExpiry(url, cloud.clock.now());
    const { traceId } = tracedBy(request);
    return await askers.answering(traceId, () => serve(cloud, service, model, principal, inflated(model, request), requestId));
  } catch (error) {
    return encodeError(model, request, asApiError(error), requestId);
  }
}

/** Clients compress large requests of some services, such as PutMetricData. An S3 object may itself be compressed. */
function inflated(model: ServiceModel, request: RestRequest): RestRequest {
  if (model.protocol === 'restXml' || request.headers['content-encoding'] !== 'gzip') return request;
  return { ...request, body: gunzipSync(request.body) };
}

/** Whatever isn't an answer of AWS's is a failure of the runner: it is shown, and not retried. */
function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('StepworksFailure', error instanceof Error ? (error.stack ?? error.message) : String(error), 501);
}

/** S3's limit for one request, and Node's for one buffer. https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
function bodyTooLarge(incoming: IncomingMessage): ApiError | undefined {
  const length = Number(incoming.headers['x-amz-decoded-content-length'] ?? incoming.headers['content-length'] ?? 0);
  if (length > MAX_UPLOAD) {
    const members = { ProposedSize: length, MaxSizeAllowed: MAX_UPLOAD };
    return new ApiError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, members);
  }
  return length > constants.MAX_LENGTH ? notImplemented(`a body of ${length} bytes, which can't be held in memory`) : undefined;
}

const MAX_UPLOAD = 5 * 1024 ** 3;

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `Credential=<access key id>/<date>/<region>/<service>/aws4_request`, from the header or a presigned URL. Signatures aren't checked. */
function credentialScope(request: RestRequest): { accessKeyId: string; signingName: string } | undefined {
  const header = request.headers.authorization;
  const credential =
    typeof header === 'string' ? /Credential=([^,\s]+)/.exec(header)?.[1] : request.url.searchParams.get('X-Amz-Credential');
  const [accessKeyId, , , signingName] = credential?.split('/') ?? [];
  return accessKeyId && signingName ? { accessKeyId, signingName } : undefined;
}

async function serve(
  cloud: Cloud,
  service: string,
  model: ServiceModel,
  principal: Principal,
  request: RestRequest,
  requestId: string,
): Promise<RestResponse> {
  const call = async (operation: string, decode: () => unknown): Promise<unknown> => {
    if (!model.operations[operation]) throw notImplemented(`${service}:${operation}`);
    const input = decode() as Record<string, unknown>;
    const missing = missingMembers(service, operation, input);
    if (missing.length > 0 && model.protocol === 'restXml') throw malformedXml();
    if (missing.length > 0) throw new ApiError('ValidationException', missingMembersMessage(missing));
    return cloud.call({ service, operation, input, principal, origin: { kind: 'client', ...tracedBy(request) } });
  };

  if (model.protocol === 'awsQuery') {
    const parameters = new URLSearchParams(request.body.toString('utf8'));
    const operation = parameters.get('Action') ?? '';
    const output = await call(operation, () => decodeQuery(model, model.operations[operation][0], parameters));
    const xml = encodeQuery(model, operation, model.operations[operation][1], output, requestId);
    return { status: 200, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body: xml };
  }
  if (model.protocol === 'restXml') {
    const sent = received(request);
    const route = matchS3Route(model, sent);
    if (!route) throw notImplemented(`S3 at ${request.method} ${request.path}${request.url.search}`);
    const output = await call(route.operation, () => decodeRestXml(model, model.operations[route.operation][0], sent, route.labels));
    return encodeRestXml(model, route.operation, output, requestId);
  }
  if (model.protocol === 'restJson1') {
    const route = matchRoute(model, request.method, request.url);
    if (!route) throw notImplemented(`${service} at ${request.method} ${request.url.pathname}`);
    const [input, outputShape, http] = model.operations[route.operation];
    const output = await call(route.operation, () => decodeRest(model, input, request, route.labels));
    const response = encodeRest(model, outputShape, http?.[2] ?? 200, output);
    return { ...response, headers: { ...response.headers, 'x-amzn-requestid': requestId } };
  }
  const operation = String(request.headers['x-amz-target'] ?? '').slice((model.target?.length ?? 0) + 1);
  const output = await call(operation, () => decodeJson(model, model.operations[operation][0], parseJson(request.body)));
  return {
    status: 200,
    headers: { 'content-type': `application/x-amz-json-${model.protocol === 'awsJson1_0' ? '1.0' : '1.1'}`, 'x-amzn-requestid': requestId },
    body: JSON.stringify(encodeJson(model, model.operations[operation][1], output ?? {})),
  };
}

/** In a function, the SDK sends the invocation's trace id. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function tracedBy({ headers }: RestRequest): { traceId?: string } {
  const traceId = headers['x-amzn-trace-id'];
  return typeof traceId === 'string' ? { traceId } : {};
}

function parseJson(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError('SerializationException', 'The body of the request is not JSON.');
  }
}
