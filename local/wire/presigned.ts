/**
 * Presigned URLs: the signature and what it covers stand in the query string.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import { ApiError } from '../cloud-types';

export function isPresigned(url: URL): boolean {
  return url.searchParams.has('X-Amz-Signature') || url.searchParams.has('X-Amz-Credential');
}

/** The time in `X-Amz-Date`, in milliseconds since the epoch. */
export function signingTime(text: string): number | undefined {
  const signed = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!signed) return undefined;
  const [year, month, day, hours, minutes, seconds] = signed.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hours, minutes, seconds);
}

/** A URL that expired by the virtual clock. One signed in the future is let through: its signer may live in the real time. */
export function checkExpiry(url: URL, now: number): void {
  if (!isPresigned(url)) return;
  const signed = signingTime(url.searchParams.get('X-Amz-Date') ?? '');
  const seconds = Number(url.searchParams.get('X-Amz-Expires') ?? Number.NaN);
  if (signed === undefined || !(seconds >= 1 && seconds <= 604_800)) {
    throw new ApiError('AuthorizationQueryParametersError', 'X-Amz-Date and X-Amz-Expires (1 to 604800 seconds) must be given.', 400);
  }
  const expires = signed + seconds * 1000;
  if (now > expires) {
    throw new ApiError('AccessDenied', 'Request has expired', 403, {
      'X-Amz-Expires': seconds,
      Expires: new Date(expires).toISOString(),
      ServerTime: new Date(now).toISOString(),
    });
  }
}
