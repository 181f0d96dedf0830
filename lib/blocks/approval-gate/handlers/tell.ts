import type { KMSClient } from '@aws-sdk/client-kms';
import { type ChannelServices, send } from './channel';
import { formatCode } from './code';
import { RequestSecrets } from './derive';
import { formatLink, linkUrl } from './link';
import type { Log } from './log';
import type { Channel } from './notify-event';
import type { NewRequest } from './request';

export interface TellServices extends ChannelServices {
  readonly kms: KMSClient;
  readonly keyId: string;
  readonly apiUrl: string;
}

/** Tells a person, with a link and a code of their own: the same each time. */
export async function tellWithLink(
  request: NewRequest,
  channel: Channel,
  { kms, keyId, apiUrl, ...channels }: TellServices,
  log: Log,
  reminder = false,
): Promise<void> {
  const { requestId } = request;
  const expiresAt = Date.parse(request.expiresAt);
  const { signature, code } = await RequestSecrets.derive(kms, keyId, requestId, expiresAt);
  const link = { requestId, expiresAt, signature };
  log.hide(formatLink(link), signature, formatCode(code), code);
  await send(channels, channel, { request, link: linkUrl(apiUrl, link), code, reminder });
  log.info(reminder ? 'reminded' : 'told');
}
