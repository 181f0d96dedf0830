import { ApiError, type Cloud, type Principal } from '../../cloud-types';
import type { ObjectRequest, ObjectSummary, ObjectsCaller, ObjectsPort } from '../../engine/types';

interface ListedObject {
  readonly Key: string;
  readonly Size: number;
  readonly ETag: string;
  readonly LastModified: Date;
  readonly StorageClass: string;
}

/** How much of an object is handed on at once. */
const PIECE = 1024 * 1024;

/**
 * S3 as a Distributed Map reads and writes it: by calls in the name of the machine's role.
 * @param toFailure what a state sees of an error of S3's
 */
export function createObjectsPort(cloud: Cloud, toFailure: (error: ApiError) => Error): ObjectsPort {
  async function call<T>(
    operation: string,
    { roleArn, executionArn }: ObjectsCaller,
    input: Readonly<Record<string, unknown>>,
  ): Promise<T> {
    const principal: Principal = { kind: 'role', arn: roleArn };
    try {
      return (await cloud.call({ service: 's3', operation, principal, input, origin: { kind: 'objects', executionArn } })) as T;
    } catch (error) {
      throw error instanceof ApiError ? toFailure(error) : error;
    }
  }
  const place = ({ bucket, key, versionId }: ObjectRequest) => ({
    Bucket: bucket,
    Key: key,
    ...(versionId !== undefined && { VersionId: versionId }),
  });

  return {
    async get(request) {
      const { Body } = await call<{ Body: Buffer }>('GetObject', request, place(request));
      return pieces(Body);
    },
    async *list(request) {
      let ContinuationToken: string | undefined;
      do {
        const input = { Bucket: request.bucket, Prefix: request.prefix, ContinuationToken };
        const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
        const page = await call<{ Contents: ListedObject[]; NextContinuationToken?: string }>('ListObjectsV2', request, given);
        for (const object of page.Contents) yield summary(object);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },
    async put(request) {
      await call('PutObject', request, { ...place(request), Body: Buffer.from(request.body, 'utf8') });
    },
  };
}

async function* pieces(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE) yield body.subarray(at, at + PIECE);
}

const summary = ({ Key, Size, ETag, LastModified, StorageClass }: ListedObject): ObjectSummary => ({
  key: Key,
  size: Size,
  etag: ETag,
  lastModified: LastModified.getTime(),
  storageClass: StorageClass,
});
