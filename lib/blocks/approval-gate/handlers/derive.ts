import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { GenerateMacCommand, type KMSClient } from '@aws-sdk/client-kms';
import { codeOf } from './code';

/** The id of a request: opaque, and the same when the task that asks is retried. */
export function requestIdOf(requestKey: string, approver: string): string {
  const text = JSON.stringify(['stepworks/approval-gate/request/v1', requestKey, approver]);
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
}

/**
 * What belongs to one request and is stored nowhere: one call to KMS gives a secret, and each purpose derives its own value from it,
 * so that none of them tells anything about another.
 */
export class RequestSecrets {
  /** Proves that the gate made the link. */
  readonly signature: string;
  /** What a person types. */
  readonly code: string;

  private constructor(private readonly secret: Uint8Array) {
    this.signature = this.mac('link').subarray(0, 16).toString('base64url');
    this.code = codeOf(this.mac('code'));
  }

  static async derive(kms: KMSClient, keyId: string, requestId: string, expiresAt: number): Promise<RequestSecrets> {
    const { Mac } = await kms.send(
      new GenerateMacCommand({
        KeyId: keyId,
        MacAlgorithm: 'HMAC_SHA_256',
        Message: Buffer.from(`stepworks/approval-gate/secret/v1|${requestId}|${expiresAt}`),
      }),
    );
    if (!Mac) throw new Error('KMS gave no MAC');
    return new RequestSecrets(Mac);
  }

  /** Makes a form good for one use: whatever is done to the request changes its revision. */
  nonce(revision: number): string {
    return this.mac(`nonce|${revision}`).subarray(0, 16).toString('base64url');
  }

  private mac(purpose: string): Buffer {
    return createHmac('sha256', this.secret).update(purpose).digest();
  }
}

/** Whether two texts are the same, in a time that doesn't tell where they differ. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
