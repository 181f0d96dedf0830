import type { HttpRequest } from './http';

/** As long as somebody may take to find the right code. */
const KEPT_SECONDS = 600;

/**
 * Keeps what was typed beside a code that was wrong, for the form that comes next: in the browser that sent it, since a page without a
 * script has no other place for it but the address. `__Host-` keeps other hosts of the same domain from setting it.
 * @param reason nothing takes away what was kept before
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie
 */
export function reasonCookie(requestId: string, reason = ''): string {
  const value = Buffer.from(reason).toString('base64url');
  return `${nameOf(requestId)}${value}; Path=/; Max-Age=${reason ? KEPT_SECONDS : 0}; Secure; HttpOnly; SameSite=Strict`;
}

export function keptReason({ cookies = [] }: HttpRequest, requestId: string): string | undefined {
  const name = nameOf(requestId);
  const value = cookies.find((cookie) => cookie.startsWith(name))?.slice(name.length);
  return value && Buffer.from(value, 'base64url').toString();
}

const nameOf = (requestId: string) => `__Host-reason-${requestId}=`;
