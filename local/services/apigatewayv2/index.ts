/** API Gateway's HTTP APIs, each on a loopback port of its own. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html */
import { ApiError, type Cloud, type Json, type Service } from '../../cloud-types';
import { notImplemented } from '../errors';
import { logTime, requestEvent } from '../http/event';
import { type HttpFront, type HttpRequest, type HttpResponse, jsonMessage, listen } from '../http/front';
import { responseOf } from '../http/response';
import { digits, uuid } from '../identifiers';
import { type AccessLogLine, renderAccessLog } from './access-log';
import { type CorsConfiguration, preflight, withCors } from './cors';
import { authorizeByIam } from './iam-authorizer';
import { type JwtAuthorizer, JwtAuthorizers } from './jwt-authorizer';
import { type MatchedRoute, type Route, selectRoute } from './routes';

export interface HttpApiService extends Service {
  /** Every line that stages with access logging wrote, in order. */
  readonly accessLogs: readonly AccessLogLine[];
  dispose(): Promise<void>;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY = 10 * 1024 * 1024;

const JSON_TYPE = { 'content-type': 'application/json' };

interface Api {
  readonly id: string;
  readonly front: HttpFront;
  readonly cors?: CorsConfiguration;
  readonly routes: Route[];
  readonly integrations: Map<string, Integration>;
  readonly authorizers: Map<string, JwtAuthorizer>;
  readonly stages: Map<string, Stage>;
}

interface Integration {
  readonly type: string;
  readonly uri: string;
  readonly payloadFormatVersion: string;
  readonly credentialsArn?: string;
}

interface Stage {
  readonly name: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly accessLog?: { readonly destinationArn: string; readonly format: string };
}

/** The status that the caller gets instead, or what the route's function is told of who calls. */
type Authorization = 401 | 403 | { [key: string]: Json } | undefined;

/** @param roleId the unique id of a role */
export function createHttpApis(cloud: Cloud, roleId: (roleArn: string) => string): HttpApiService {
  const apis = new Map<string, Api>();
  const accessLogs: AccessLogLine[] = [];
  const jwt = new JwtAuthorizers(cloud);
  const newId = (): string => digits(cloud, 10, 'abcdefghijklmnopqrstuvwxyz0123456789');

  async function answer(api: Api, request: HttpRequest): Promise<HttpResponse> {
    const pre = api.cors && preflight(api.cors, request);
    if (pre) return pre;
    const response = await answerRoute(api, request);
    return api.cors ? withCors(api.cors, request, response) : response;
  }

  async function answerRoute(api: Api, request: HttpRequest): Promise<HttpResponse> {
    const [path] = request.target.split('?');
    const named = api.stages.get(path.split('/')[1] ?? '');
    const stage = named ?? api.stages.get('$default');
    if (!stage) return jsonMessage(404, 'Not Found');
    const routed = named ? path.slice(named.name.length + 1) || '/' : path;
    const match = selectRoute(api.routes, request.method, routed);
    const requestId = uuid(cloud);
    const at = cloud.clock.now();
    let integrationError: string | undefined;
    let response: HttpResponse;
    if (!match) response = jsonMessage(404, 'Not Found');
    else if (request.body.length > MAX_BODY) response = jsonMessage(413, 'Request Entity Too Large');
    else {
      try {
        response = await integrate(api, stage, match, request, { requestId, at });
      } catch (error) {
        if (!(error instanceof ApiError) || error.statusCode === 501) throw error;
        // The caller learns nothing of the reason; the access log does.
        integrationError = error.message;
        response =
          error.code === 'RequestTooLargeException'
            ? jsonMessage(413, 'Request Entity Too Large')
            : jsonMessage(500, 'Internal Server Error');
      }
    }
    log(api, stage, match, request, response, { requestId, at, integrationError });
    return { ...response, headers: { ...response.headers, 'apigw-requestid': requestId } };
  }

  async function authorize(api: Api, stage: Stage, { route, path }: MatchedRoute, request: HttpRequest): Promise<Authorization> {
    if (route.authorizationType === 'NONE') return undefined;
    if (route.authorizationType === 'AWS_IAM') {
      const iam = await authorizeByIam(cloud, `${api.id}/${stage.name}/${request.method}${path}`, request, roleId);
      return iam ? { iam } : 403;
    }
    const authorizer = route.authorizationType === 'JWT' && api.authorizers.get(route.authorizerId ?? '');
    if (!authorizer) throw notImplemented(`HTTP API authorization of the type ${route.authorizationType} (route ${route.key})`);
    const found = await jwt.authorize(authorizer, route.authorizationScopes ?? [], request);
    return typeof found === 'number' ? found : { jwt: { claims: { ...found.claims }, scopes: found.scopes && [...found.scopes] } };
  }

  async function integrate(
    api: Api,
    stage: Stage,
    match: MatchedRoute,
    request: HttpRequest,
    { requestId, at }: { requestId: string; at: number },
  ): Promise<HttpResponse> {
    const { route, pathParameters } = match;
    const integration = api.integrations.get(route.target.replace('integrations/', ''));
    if (!integration) throw new Error(`The route ${route.key} has no integration ${route.target}.`);
    const authorized = await authorize(api, stage, match, request);
    if (authorized === 401) return { ...jsonMessage(401, 'Unauthorized'), headers: { ...JSON_TYPE, 'www-authenticate': 'Bearer' } };
    if (authorized === 403) return jsonMessage(403, 'Forbidden');
    if (integration.type !== 'AWS_PROXY' || !integration.uri.includes(':function:')) {
      throw notImplemented(`HTTP API integrations of the type ${integration.type} to ${integration.uri}`);
    }
    if (integration.payloadFormatVersion !== '2.0')
      throw notImplemented(`the payload format ${integration.payloadFormatVersion} (route ${route.key})`);

    const { accountId, region, partition } = cloud;
    const event = requestEvent(request, {
      accountId,
      apiId: api.id,
      requestId,
      routeKey: route.key,
      stage: stage.name,
      at,
      pathParameters,
      stageVariables: stage.variables,
      authorizer: authorized,
    });
    // The function's policy names the route: arn:aws:execute-api:region:account:api/stage/method/path, or …/$default.
    const where = route.key === '$default' ? '$default' : route.key.replace(' ', '').replace(/^ANY/, '*');
    const output = (await cloud.call({
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: functionArn(integration.uri), Payload: Buffer.from(JSON.stringify(event)) },
      principal: integration.credentialsArn
        ? { kind: 'role', arn: integration.credentialsArn }
        : {
            kind: 'service',
            service: 'apigateway.amazonaws.com',
            sourceArn: `arn:${partition}:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${where}`,
          },
    })) as { Payload: Uint8Array; FunctionError?: string };
    const text = Buffer.from(output.Payload).toString('utf8');
    if (output.FunctionError) throw new ApiError('IntegrationFailure', `The function failed: ${text}`);
    const response = responseOf(JSON.parse(text) as Json);
    if (!response) throw new ApiError('IntegrationFailure', `The function's response is malformed: ${text}`);
    return response;
  }

  function log(
    api: Api,
    stage: Stage,
    match: MatchedRoute | undefined,
    request: HttpRequest,
    response: HttpResponse,
    { requestId, at, integrationError }: { requestId: string; at: number; integrationError?: string },
  ): void {
    if (!stage.accessLog) return;
    const context = {
      accountId: cloud.accountId,
      apiId: api.id,
      domainName: String(request.headers.host ?? ''),
      domainPrefix: api.id,
      extendedRequestId: requestId,
      requestId,
      httpMethod: request.method,
      path: request.target.split('?')[0],
      protocol: 'HTTP/1.1',
      routeKey: match?.route.key,
      stage: stage.name,
      status: response.status,
      responseLength: response.body.length,
      responseLatency: cloud.clock.now() - at,
      integrationLatency: cloud.clock.now() - at,
      integrationErrorMessage: integrationError,
      'integration.error': integrationError,
      'integration.status': match && !integrationError ? 200 : undefined,
      'error.message': response.status === 404 && !match ? 'Not Found' : undefined,
      'identity.sourceIp': request.sourceIp,
      'identity.userAgent': String(request.headers['user-agent'] ?? ''),
      requestTime: logTime(at),
      requestTimeEpoch: at,
    };
    accessLogs.push({ logGroupArn: stage.accessLog.destinationArn, at, line: renderAccessLog(stage.accessLog.format, context) });
  }

  function apiOf(id: string): Api {
    const api = apis.get(id);
    if (!api) throw new Error(`There is no HTTP API ${id}.`);
    return api;
  }

  return {
    name: 'apigatewayv2',
    accessLogs,
    async dispose() {
      await Promise.all([...apis.values()].map(({ front }) => front.close()));
    },
    operations: {
      // No operation of an API, but an action: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
      InvokeRoute: {
        access: ({ resource }) => [{ action: 'execute-api:Invoke', resource }],
        run: () => ({}),
      },
    },
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html */
    resources: {
      'AWS::ApiGatewayV2::Api': {
        async create({ properties, path, logicalId }) {
          if (properties.ProtocolType !== 'HTTP')
            throw notImplemented(`${properties.ProtocolType ?? 'OpenAPI'} APIs (${path ?? logicalId})`);
          const id = newId();
          const front = await listen(cloud, (request) => answer(apiOf(id), request));
          apis.set(id, {
            id,
            front,
            cors: properties.CorsConfiguration,
            routes: [],
            integrations: new Map(),
            authorizers: new Map(),
            stages: new Map(),
          });
          return { ref: id, attributes: { ApiId: id, ApiEndpoint: front.url } };
        },
      },
      'AWS::ApiGatewayV2::Integration': {
        create({ properties }) {
          const id = newId();
          apiOf(properties.ApiId).integrations.set(id, {
            type: properties.IntegrationType,
            uri: properties.IntegrationUri ?? '',
            payloadFormatVersion: properties.PayloadFormatVersion ?? '1.0',
            credentialsArn: properties.CredentialsArn,
          });
          return { ref: id, attributes: { IntegrationId: id } };
        },
      },
      'AWS::ApiGatewayV2::Authorizer': {
        create({ properties, path, logicalId }) {
          const { AuthorizerType: type, JwtConfiguration: settings, IdentitySource: sources } = properties;
          if (type !== 'JWT') throw notImplemented(`HTTP API authorizers of the type ${type} (${path ?? logicalId})`);
          const id = newId();
          apiOf(properties.ApiId).authorizers.set(id, {
            issuer: settings.Issuer,
            audience: settings.Audience ?? [],
            identitySource: sources?.[0] ?? '$request.header.Authorization',
          });
          return { ref: id, attributes: { AuthorizerId: id } };
        },
      },
      'AWS::ApiGatewayV2::Route': {
        create({ properties }) {
          const id = newId();
          apiOf(properties.ApiId).routes.push({
            key: properties.RouteKey,
            target: properties.Target ?? '',
            authorizationType: properties.AuthorizationType ?? 'NONE',
            authorizerId: properties.AuthorizerId,
            authorizationScopes: properties.AuthorizationScopes,
          });
          return { ref: id, attributes: { RouteId: id } };
        },
      },
      'AWS::ApiGatewayV2::Stage': {
        create({ properties }) {
          const { StageName: name, StageVariables: variables, AccessLogSettings: log } = properties;
          const accessLog = log && { destinationArn: log.DestinationArn, format: log.Format };
          apiOf(properties.ApiId).stages.set(name, { name, variables, accessLog });
          return { ref: name };
        },
      },
    },
  };
}

/** From an ARN of the function, or of API Gateway's way to call it. */
function functionArn(uri: string): string {
  return /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? uri;
}
