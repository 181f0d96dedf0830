import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';

/** More lists so many objects that a list of its own would be needed to compare. */
const LARGEST_MANIFEST = 1_048_576;

/**
 * The keys that a manifest lists; nothing when there is none, or one that can't be read: whoever writes it may write it again, and if
 * not, the wait ends at its time limit.
 */
export async function listedBy(s3: S3Client, bucket: string, prefix: string, key: string): Promise<Set<string> | undefined> {
  try {
    const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (ContentLength > LARGEST_MANIFEST) throw new Error(`it has ${ContentLength} bytes, at most ${LARGEST_MANIFEST} are read`);
    return new Set(keysOf(JSON.parse((await Body?.transformToString()) ?? ''), bucket, prefix));
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    if (isOfService(error)) throw error;
    console.error(JSON.stringify({ level: 'ERROR', outcome: 'the manifest can not be read', key, message: (error as Error).message }));
    return undefined;
  }
}

function keysOf(manifest: { readonly files?: unknown; readonly entries?: unknown }, bucket: string, prefix: string): string[] {
  const { files, entries } = manifest ?? {};
  if (Array.isArray(files)) return files.map((name) => `${prefix}${text(name)}`);
  if (!Array.isArray(entries)) throw new Error('it has neither files nor entries');
  const root = `s3://${bucket}/`;
  return entries.map((entry) => {
    const url = text(entry?.url);
    if (!url.startsWith(`${root}${prefix}`)) throw new Error(`${url} is not below s3://${bucket}/${prefix}`);
    return url.slice(root.length);
  });
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new Error('it lists something that is no text');
  return value;
}

function isOfService(error: unknown): boolean {
  return error instanceof Error && '$metadata' in error;
}
