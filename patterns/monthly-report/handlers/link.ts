import { GenerateMacCommand, type KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';

/** What a link opens, and until when. */
export interface ReportLink {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface LinkKey {
  readonly kms: KMSClient;
  readonly keyId: string;
}

/**
 * A link that only the holder of the key can make. It holds no credentials: a presigned URL of S3 would, and would end with the role's
 * session, hours before it says.
 */
export async function signedLink({ kms, keyId }: LinkKey, link: ReportLink): Promise<string> {
  const payload = Buffer.from(JSON.stringify([link.key, link.expiresAt])).toString('base64url');
  const { Mac } = await kms.send(new GenerateMacCommand({ KeyId: keyId, MacAlgorithm: 'HMAC_SHA_256', Message: messageOf(payload) }));
  if (!Mac) throw new Error('KMS gave no MAC');
  return `${payload}.${Buffer.from(Mac).toString('base64url')}`;
}

/** What a link says; undefined for one that was not made with the key. */
export async function openedLink({ kms, keyId }: LinkKey, text: string): Promise<ReportLink | undefined> {
  const [, payload, mac] = /^([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{43})$/.exec(text) ?? [];
  if (!payload) return undefined;
  try {
    await kms.send(
      new VerifyMacCommand({ KeyId: keyId, MacAlgorithm: 'HMAC_SHA_256', Message: messageOf(payload), Mac: Buffer.from(mac, 'base64url') }),
    );
  } catch (error) {
    if (error instanceof KMSInvalidMacException) return undefined;
    throw error;
  }
  const [key, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return { key, expiresAt };
}

/** So that no other use of the key makes links. */
function messageOf(payload: string): Uint8Array {
  return Buffer.from(`stepworks/monthly-report/link/v1|${payload}`);
}
