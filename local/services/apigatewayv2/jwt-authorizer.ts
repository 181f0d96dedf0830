/** JWT authorizers of HTTP APIs. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { get } from 'node:http';
import type { Cloud, Json } from '../../cloud-types';
import { notImplemented } from '../errors';
import type { HttpRequest } from '../http/front';

export interface JwtAuthorizer {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** "$request.header.Authorization". */
  readonly identitySource: string;
}

/** What a route's function is told of a token that is good. */
interface Authorized {
  /** Each as text. */
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/** The status that the caller gets instead. */
type Denied = 401 | 403;

type Claims = { readonly [name: string]: Json | undefined };

interface SigningKey extends JsonWebKey {
  readonly kid?: string;
}

/** "Currently, only RSA-based algorithms are supported." */
const ALGORITHMS: Readonly<Record<string, string>> = { RS256: 'RSA-SHA256', RS384: 'RSA-SHA384', RS512: 'RSA-SHA512' };

/** "API Gateway can cache the public key for two hours." */
const CACHED_MS = 2 * 3600 * 1000;

export class JwtAuthorizers {
  private readonly keys = new Map<string, { readonly keys: readonly SigningKey[]; readonly until: number }>();

  constructor(private readonly cloud: Cloud) {}

  /** @param scopes of the route: the token has to have one of them */
  async authorize(authorizer: JwtAuthorizer, scopes: readonly string[], request: HttpRequest): Promise<Authorized | Denied> {
    const token = tokenIn(authorizer, request);
    const [header, claims, signature] = (token ?? '').split('.');
    const [head, said] = [decoded(header), decoded(claims)];
    if (!head || !said || !signature || !Object.hasOwn(ALGORITHMS, String(head.alg))) return 401;
    const key = (await this.keysOf(authorizer.issuer)).find(({ kid, kty }) => kid !== undefined && kid === head.kid && kty === 'RSA');
    if (!key || !isSigned(`${header}.${claims}`, signature, key, ALGORITHMS[String(head.alg)])) return 401;
    if (!isMeant(authorizer, said) || !isInTime(said, this.cloud.clock.now() / 1000)) return 401;
    const given = String(said.scope ?? said.scp ?? '').split(/[ ,]+/);
    if (scopes.length > 0 && !scopes.some((scope) => given.includes(scope))) return 403;
    return { claims: asTexts(said), scopes: scopes.length > 0 ? scopes.filter((scope) => given.includes(scope)) : null };
  }

  private async keysOf(issuer: string): Promise<readonly SigningKey[]> {
    const now = this.cloud.clock.now();
    const cached = this.keys.get(issuer);
    if (cached && now < cached.until) return cached.keys;
    const { jwks_uri: uri } = await this.fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { keys } = await this.fetchJson(String(uri));
    const found = (Array.isArray(keys) ? keys : []) as unknown as SigningKey[];
    this.keys.set(issuer, { keys: found, until: now + CACHED_MS });
    return found;
  }

  /** From this machine only: the runner talks to no other. */
  private fetchJson(url: string): Promise<Claims> {
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
      throw notImplemented(`a JWT issuer that is not on this machine (${url}): give one at http://127.0.0.1`);
    }
    return this.cloud.clock.busy(
      new Promise((resolve, reject) => {
        const request = get(url, { agent: false }, async (response) => {
          try {
            const chunks: Buffer[] = [];
            for await (const chunk of response) chunks.push(chunk);
            resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
          } catch (error) {
            reject(error);
          }
        });
        request.on('error', reject);
      }),
    );
  }
}

/** "The identitySource can include only the token, or the token prefixed with Bearer." */
function tokenIn({ identitySource }: JwtAuthorizer, request: HttpRequest): string | undefined {
  const [, header] = /^\$request\.header\.(.+)$/.exec(identitySource) ?? [];
  const [, parameter] = /^\$request\.querystring\.(.+)$/.exec(identitySource) ?? [];
  if (!header && !parameter) throw notImplemented(`the identity source ${identitySource}`);
  const found = header
    ? request.headers[header.toLowerCase()]
    : (new URLSearchParams(request.target.split(/\?(.*)/s)[1]).get(parameter) ?? undefined);
  return found === undefined ? undefined : String(found).replace(/^Bearer /i, '');
}

function decoded(part: string | undefined): Claims | undefined {
  try {
    const value = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSigned(text: string, signature: string, key: SigningKey, algorithm: string): boolean {
  try {
    return verify(algorithm, Buffer.from(text), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

/** "API Gateway validates client_id only if aud is not present." */
function isMeant({ issuer, audience }: JwtAuthorizer, { iss, aud, client_id: clientId }: Claims): boolean {
  const meant = aud === undefined ? [clientId] : Array.isArray(aud) ? aud : [aud];
  return iss === issuer && meant.some((one) => typeof one === 'string' && audience.includes(one));
}

function isInTime({ exp, nbf, iat }: Claims, now: number): boolean {
  return (
    typeof exp === 'number' && exp > now && [nbf, iat].every((from) => from === undefined || (typeof from === 'number' && from <= now))
  );
}

function asTexts(claims: Claims): Record<string, string> {
  const text = (value: Json | undefined): string => {
    if (Array.isArray(value)) return `[${value.map(text).join(' ')}]`;
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, text(value)]));
}
