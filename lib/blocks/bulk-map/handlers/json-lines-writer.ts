import { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { BucketTarget } from './result-files';

/** S3 takes at most 10,000 parts, of at least 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

/** Writes JSON Lines without holding more than one part of it. Nothing is written when nothing was added. */
export class JsonLinesWriter {
  private lines: Buffer[] = [];
  private bytes = 0;
  private upload?: string;
  private readonly parts: { readonly ETag: string | undefined; readonly PartNumber: number }[] = [];

  constructor(
    private readonly target: BucketTarget,
    private readonly key: string,
    private readonly partBytes = PART_BYTES,
  ) {}

  async add(record: unknown): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    this.lines.push(line);
    this.bytes += line.length;
    if (this.bytes >= this.partBytes) await this.putPart();
  }

  /** Whether there is an object. */
  async end(): Promise<boolean> {
    if (!this.upload) {
      if (this.lines.length === 0) return false;
      await this.target.s3.send(new PutObjectCommand({ ...this.place(), Body: Buffer.concat(this.lines) }));
      return true;
    }
    if (this.lines.length > 0) await this.putPart();
    const MultipartUpload = { Parts: this.parts };
    await this.target.s3.send(new CompleteMultipartUploadCommand({ ...this.place(), UploadId: this.upload, MultipartUpload }));
    return true;
  }

  private async putPart(): Promise<void> {
    this.upload ??= (await this.target.s3.send(new CreateMultipartUploadCommand(this.place()))).UploadId;
    const PartNumber = this.parts.length + 1;
    const Body = Buffer.concat(this.lines);
    const { ETag } = await this.target.s3.send(new UploadPartCommand({ ...this.place(), UploadId: this.upload, PartNumber, Body }));
    this.parts.push({ ETag, PartNumber });
    this.lines = [];
    this.bytes = 0;
  }

  private place() {
    return { Bucket: this.target.bucket, Key: this.key };
  }
}
