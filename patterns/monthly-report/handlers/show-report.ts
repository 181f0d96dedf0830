import type { S3Client } from '@aws-sdk/client-s3';
import { type LinkKey, openedLink } from './link';
import { readText } from './objects';
import { STYLE_HASH } from './render-report';

/** What is used of an HTTP API's event, payload format 2.0. */
export interface ReportRequest {
  readonly pathParameters?: { readonly link?: string };
  readonly requestContext: { readonly http: { readonly method: string } };
}

export interface ReportResponse {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface ShowServices extends LinkKey {
  readonly s3: S3Client;
  readonly bucket: string;
}

/** The report that a link opens. Whoever has no link learns nothing, not even which reports there are. */
export async function showReport(services: ShowServices, request: ReportRequest): Promise<ReportResponse> {
  const link = await openedLink(services, request.pathParameters?.link ?? '');
  if (!link) return answer(request, 404, 'text/plain', 'There is nothing here.\n');
  if (Date.now() >= link.expiresAt) return answer(request, 410, 'text/plain', 'This link is no longer good. Ask for a new one.\n');
  try {
    return answer(request, 200, 'text/html', await readText(services.s3, services.bucket, link.key));
  } catch (error) {
    // Without the permission to list, S3 does not tell the two apart.
    if (['NoSuchKey', 'AccessDenied'].includes((error as Error).name))
      return answer(request, 410, 'text/plain', 'This report is no longer kept.\n');
    throw error;
  }
}

function answer({ requestContext }: ReportRequest, statusCode: number, type: string, body: string): ReportResponse {
  return {
    statusCode,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'content-security-policy': `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex, nofollow',
      'strict-transport-security': 'max-age=63072000',
    },
    body: requestContext.http.method === 'HEAD' ? '' : body,
  };
}
