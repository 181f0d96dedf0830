import {
  aws_apigatewayv2 as apigateway,
  aws_apigatewayv2_authorizers as authorizers,
  Duration,
  aws_apigatewayv2_integrations as integrations,
  aws_logs as logs,
  RemovalPolicy,
} from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { acknowledge } from '../../core/acknowledge';
import type { HandlerFunction } from '../../core/handler-function';
import type { ApprovalGateProps } from './approval-gate-props';

const { HttpMethod } = apigateway;

/** The API of a gate, without routes; throttled, because anybody may knock. @param scope the gate */
export function makeApi(scope: Construct, props: ApprovalGateProps): apigateway.HttpApi {
  const api = new apigateway.HttpApi(scope, 'Api', {
    description: 'The page of approvers',
    createDefaultStage: false,
    corsPreflight: corsFor(props),
  });
  const accessLogs = new logs.LogGroup(scope, 'AccessLogs', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new apigateway.HttpStage(scope, 'Stage', {
    httpApi: api,
    autoDeploy: true,
    throttle: { rateLimit: 10, burstLimit: 20 },
    accessLogSettings: {
      destination: new apigateway.LogGroupLogDestination(accessLogs),
      // Without the path: it holds the link's signature.
      format: AccessLogFormat.custom(
        JSON.stringify({
          requestId: '$context.requestId',
          requestTime: '$context.requestTime',
          ip: '$context.identity.sourceIp',
          userAgent: '$context.identity.userAgent',
          route: '$context.routeKey',
          status: '$context.status',
        }),
      ),
    },
  });
  return api;
}

/** Three routes on one path: who may only look has a function that may do no more. */
export function routePage(api: apigateway.HttpApi, show: HandlerFunction, respond: HandlerFunction): void {
  const path = '/{link}';
  const shown = api.addRoutes({
    path,
    methods: [HttpMethod.GET, HttpMethod.HEAD],
    integration: new integrations.HttpLambdaIntegration('Show', show.alias),
  });
  const taken = api.addRoutes({
    path,
    methods: [HttpMethod.POST],
    integration: new integrations.HttpLambdaIntegration('Respond', respond.alias),
  });
  for (const route of [...shown, ...taken]) {
    acknowledge(route, 'AwsSolutions-APIG4', "The link's signature is the authorization; deciding takes the code from the mail as well.");
  }
}

/**
 * Routes for who is signed in: API Gateway checks token or signature, the function whose request it is.
 * @returns the one for signatures, where there is one
 */
export function routeSignedIn(
  api: apigateway.HttpApi,
  portal: HandlerFunction,
  { portalIssuer, portalAudience, portalScopes, iamApprovers }: ApprovalGateProps,
): apigateway.HttpRoute | undefined {
  const decide = { methods: [HttpMethod.POST], integration: new integrations.HttpLambdaIntegration('Portal', portal.alias) };
  if (portalIssuer !== undefined) {
    api.addRoutes({
      ...decide,
      path: '/decisions/{requestId}',
      authorizer: new authorizers.HttpJwtAuthorizer('PortalSignIn', portalIssuer, { jwtAudience: portalAudience ?? [] }),
      authorizationScopes: portalScopes,
    });
  }
  if (!iamApprovers) return undefined;
  const [route] = api.addRoutes({ ...decide, path: '/iam-decisions/{requestId}', authorizer: new authorizers.HttpIamAuthorizer() });
  return route;
}

/** A token or a signature is in a header that the page's script sets itself: no cookies, no credentials. */
function corsFor({ portalOrigins, iamApprovers }: ApprovalGateProps): apigateway.CorsPreflightOptions | undefined {
  if (!portalOrigins) return undefined;
  const signing = iamApprovers ? ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'] : [];
  return {
    allowOrigins: portalOrigins,
    allowMethods: [apigateway.CorsHttpMethod.POST],
    allowHeaders: ['authorization', 'content-type', ...signing],
    maxAge: Duration.hours(1),
  };
}
