/** IAM authorization of HTTP APIs. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html */
import { ApiError, type Cloud, type Json, type Principal } from '../../cloud-types';
import { credentialsFor, principalOf } from '../../wire/credentials';
import { signingTime } from '../../wire/presigned';
import { parseAuthorization, signatureOf } from '../../wire/signature';
import { notImplemented } from '../errors';
import type { HttpRequest } from '../http/front';
import { arn } from '../identifiers';

/** "In most cases, a request must reach AWS within five minutes of the time stamp": https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
const SKEW_MS = 5 * 60 * 1000;

const SERVICE = 'execute-api';

/** Who signed the request. */
interface Signer {
  readonly accessKeyId: string;
  readonly principal: Principal;
}

/**
 * What the route's function is told of who signed the request, `requestContext.authorizer.iam`; nothing for who may not call the route.
 * @param resource stage, method and path, as the ARN in policies has them
 * @param roleId what IAM calls a role
 */
export async function authorizeByIam(
  cloud: Cloud,
  resource: string,
  request: HttpRequest,
  roleId: (roleArn: string) => string,
): Promise<{ [key: string]: Json } | undefined> {
  const signer = signerOf(cloud, request);
  // "Resource policies aren't currently supported for HTTP APIs": nobody of another account can be let in.
  if (!signer || (signer.principal.kind === 'role' && signer.principal.arn.split(':')[4] !== cloud.accountId)) return undefined;
  try {
    const input = { resource: arn(cloud, SERVICE, resource) };
    await cloud.call({ service: 'apigatewayv2', operation: 'InvokeRoute', input, principal: signer.principal });
  } catch (error) {
    if (error instanceof ApiError && error.statusCode === 403) return undefined;
    throw error;
  }
  return describe(cloud, signer, roleId);
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html */
function signerOf(cloud: Cloud, request: HttpRequest): Signer | undefined {
  const { headers, target } = request;
  const header = String(headers.authorization ?? '');
  if (/^AWS4-ECDSA/.test(header)) throw notImplemented('Signature Version 4A');
  if (/[?&]X-Amz-Signature=/.test(target)) throw notImplemented('requests to HTTP APIs whose signature stands in the query string');
  const found = parseAuthorization(header);
  if (!found) return undefined;
  const { accessKeyId, date, region, service, signedHeaders } = found;
  const time = String(headers['x-amz-date'] ?? '');
  const signedAt = signingTime(time) ?? Number.NaN;
  const inTime = Math.abs(cloud.clock.now() - signedAt) <= SKEW_MS && time.startsWith(date);
  if (!inTime || region !== cloud.region || service !== SERVICE) return undefined;
  // "Include the host header and any x-amz-* headers in the request."
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (!needed.every((name) => signedHeaders.includes(name))) return undefined;
  const principal = principalOf(accessKeyId);
  // All that the local cloud gives out have the same secret.
  const { secretAccessKey, sessionToken } = credentialsFor();
  if (!principal || headers['x-amz-security-token'] !== sessionToken) return undefined;
  const expected = signatureOf(request, signedHeaders, { time, region, service }, secretAccessKey);
  return expected === found.signature ? { accessKeyId, principal } : undefined;
}

/**
 * The members are those of a function URL's event, which has the same format; a session's ids are AWS's, here and in `userArn`:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
function describe(
  cloud: Cloud,
  { accessKeyId: accessKey, principal }: Signer,
  roleId: (roleArn: string) => string,
): { [key: string]: Json } {
  const { accountId, partition } = cloud;
  const whole = (callerId: string, userArn: string) => {
    return { accessKey, accountId, callerId, cognitoIdentity: null, principalOrgId: null, userArn, userId: callerId };
  };
  if (principal.kind !== 'role') return whole('AIDAOPERATOR', `arn:${partition}:iam::${accountId}:user/operator`);
  const { arn: roleArn, session = 'session' } = principal;
  const name = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return whole(`${roleId(roleArn)}:${session}`, `arn:${partition}:sts::${accountId}:assumed-role/${name}/${session}`);
}
