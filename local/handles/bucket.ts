import type { Json } from '../cloud-types';
import type { BucketContents } from '../services/s3';
import type { OperatedCloud } from './operated-cloud';

/** A deployed S3 bucket. */
export class LocalBucket {
  constructor(
    private readonly cloud: OperatedCloud,
    readonly name: string,
    private readonly contents: () => Pick<BucketContents, 'keys' | 'get' | 'openUploads'>,
  ) {}

  /** The keys that begin with `prefix`, in S3's order. */
  keys(prefix?: string): readonly string[] {
    return this.contents().keys(prefix);
  }

  /** The object's bytes; undefined without one. */
  bytes(key: string): Buffer | undefined {
    return this.contents().get(key);
  }

  /** The object as text. @throws without one */
  text(key: string): string {
    const bytes = this.bytes(key);
    if (bytes) return bytes.toString('utf8');
    throw new Error(`the bucket ${this.name} has no object '${key}'; it has: ${this.keys().slice(0, 20).join(', ') || 'none'}`);
  }

  /** The object as JSON. @throws without one */
  json(key: string): Json {
    return JSON.parse(this.text(key));
  }

  /** Keys of multipart uploads that were begun, and neither completed nor aborted. */
  openUploads(): readonly string[] {
    return this.contents().openUploads();
  }

  /** Puts an object; whoever is notified is. */
  async put(key: string, body: string | Uint8Array): Promise<void> {
    await this.cloud.operate('s3', 'PutObject', { Bucket: this.name, Key: key, Body: Buffer.from(body as Uint8Array) });
  }
}
