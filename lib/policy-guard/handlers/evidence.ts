import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Evidence } from './guard-case';
import { hashOf } from './live-document';
import type { Services } from './services';

/** Keeps what was found under a name that has its hash, so that nothing else can be passed off for it. The same again is the same object. */
export async function keepEvidence({ s3, evidenceBucket }: Services, caseId: string, found: object): Promise<Evidence> {
  const body = JSON.stringify(found, undefined, 2);
  const sha256 = hashOf(body);
  const key = `cases/${caseId}/${sha256}.json`;
  const { VersionId: versionId } = await s3.send(
    new PutObjectCommand({ Bucket: evidenceBucket, Key: key, Body: body, ContentType: 'application/json', Metadata: { sha256 } }),
  );
  return { key, sha256, versionId };
}
