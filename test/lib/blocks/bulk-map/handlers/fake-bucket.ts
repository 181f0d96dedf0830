import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { BucketTarget } from '../../../../../lib/blocks/bulk-map/handlers/result-files';

/** A bucket that keeps objects and says what was called. */
export class FakeBucket {
  readonly objects = new Map<string, string>();
  readonly calls: string[] = [];
  private readonly parts: Buffer[] = [];

  get target(): BucketTarget {
    // The paginator wants a real client.
    const s3 = Object.create(require('@aws-sdk/client-s3').S3Client.prototype) as S3Client;
    return { s3: Object.assign(s3, { send: (command: Command) => this.answer(command) }), bucket: 'results' };
  }

  private async answer({ constructor: { name }, input }: Command): Promise<unknown> {
    this.calls.push(name);
    switch (name) {
      case 'GetObjectCommand': {
        const body = this.objects.get(input.Key);
        if (body === undefined) throw Object.assign(new Error(input.Key), { name: 'NoSuchKey' });
        return { Body: Object.assign(Readable.from([Buffer.from(body)]), { transformToString: async () => body }) };
      }
      case 'ListObjectsV2Command':
        return { Contents: [...this.objects.keys()].filter((key) => key.startsWith(input.Prefix)).map((Key) => ({ Key })) };
      case 'PutObjectCommand':
        this.objects.set(input.Key, String(input.Body));
        return {};
      case 'CreateMultipartUploadCommand':
        return { UploadId: 'upload' };
      case 'UploadPartCommand':
        this.parts[input.PartNumber - 1] = input.Body;
        return { ETag: `etag-${input.PartNumber}` };
      case 'CompleteMultipartUploadCommand':
        this.objects.set(
          input.Key,
          input.MultipartUpload.Parts.map(({ PartNumber }: { PartNumber: number }) => this.parts[PartNumber - 1]).join(''),
        );
        return {};
      default:
        throw new Error(`not expected: ${name}`);
    }
  }
}

interface Command {
  readonly constructor: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: an SDK command's input
  readonly input: any;
}
