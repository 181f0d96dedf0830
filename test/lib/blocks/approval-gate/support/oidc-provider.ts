import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenID Connect provider, as far as API Gateway asks one. */
export class OidcProvider {
  static async start(): Promise<OidcProvider> {
    const provider = new OidcProvider();
    await new Promise<void>((resolve) => provider.server.listen(0, '127.0.0.1', resolve));
    return provider;
  }

  readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  /** How often its keys were asked for. */
  keysAsked = 0;

  private readonly server: Server = createServer((request, response) => {
    const metadata = { issuer: this.issuer, jwks_uri: `${this.issuer}/keys` };
    const keys = { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: 'own', use: 'sig', alg: 'RS256' }] };
    if (request.url === '/keys') this.keysAsked++;
    response.end(JSON.stringify(request.url === '/keys' ? keys : metadata));
  });

  private constructor() {}

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Good for five minutes. @param now milliseconds since the epoch */
  claimsOf(email: string, now: number): Record<string, unknown> {
    const seconds = Math.floor(now / 1000);
    return {
      iss: this.issuer,
      aud: 'portal',
      sub: `id of ${email}`,
      email,
      email_verified: true,
      scope: 'openid approve',
      iat: seconds,
      exp: seconds + 300,
    };
  }

  tokenOf(claims: object, header: object = {}, key: KeyObject = this.keys.privateKey): string {
    const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'own', ...header })}.${encoded(claims)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

export const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
