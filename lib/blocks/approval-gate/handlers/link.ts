/** What a link says. It holds nothing that decides by itself: the task token stays in the table, the code in the message. */
export interface Link {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly signature: string;
}

/** The last part of the link's URL: `<requestId>.<expiry in base 36>.<signature>`. */
export function formatLink({ requestId, expiresAt, signature }: Link): string {
  return `${requestId}.${expiresAt.toString(36)}.${signature}`;
}

/** @returns nothing for text that cannot be a link, so that it is refused before anything is called */
export function parseLink(text: string): Link | undefined {
  const match = /^([\w-]{22})\.([1-9a-z][0-9a-z]{0,9})\.([\w-]{22})$/.exec(text);
  if (!match) return undefined;
  const expiresAt = Number.parseInt(match[2], 36);
  return Number.isSafeInteger(expiresAt) ? { requestId: match[1], expiresAt, signature: match[3] } : undefined;
}

/** The whole URL. */
export function linkUrl(apiUrl: string, link: Link): string {
  return `${apiUrl.replace(/\/+$/, '')}/${formatLink(link)}`;
}
