import type { S3Client } from '@aws-sdk/client-s3';
import { VirtualClock } from '../../../../local/clock';
import type { ApiRequest, Cloud } from '../../../../local/cloud-types';
import { seededRandom } from '../../../../local/seeded-random';
import { createS3, type S3Service } from '../../../../local/services/s3';
import { type S3Request, s3InProcess } from './s3-in-process';

/** The runner's S3 alone: nobody is checked, nothing is recorded but how often each operation was called. */
export class Store {
  readonly clock = new VirtualClock();
  readonly calls = new Map<string, number>();
  /** Sees, and may spoil, each request. */
  before: (request: S3Request) => unknown = () => undefined;
  readonly cloud: Cloud;
  readonly s3: S3Client;
  private readonly service: S3Service;

  constructor(...buckets: string[]) {
    this.cloud = {
      clock: this.clock,
      accountId: '123456789012',
      region: 'us-east-1',
      partition: 'aws',
      call: async ({ operation, input }: ApiRequest) => this.run(operation, input),
      random: seededRandom(1),
      emit: () => undefined,
      setResourcePolicy: () => undefined,
    };
    this.service = createS3(this.cloud);
    for (const Bucket of buckets) this.run('CreateBucket', { Bucket });
    this.s3 = s3InProcess(async (request) => {
      this.calls.set(request.operation, (this.calls.get(request.operation) ?? 0) + 1);
      await this.before(request);
      return this.run(request.operation, request.input);
    });
  }

  /** As nobody whom anything would stop, and uncounted. */
  run<T>(operation: string, input: Record<string, unknown>): T {
    return this.service.operations[operation].run(input, { kind: 'operator' }) as T;
  }

  put(Bucket: string, Key: string, body: string | Buffer, more: Record<string, unknown> = {}): void {
    this.run('PutObject', { Bucket, Key, Body: Buffer.from(body as Buffer), ...more });
  }

  keys(bucket: string, prefix?: string): string[] {
    return this.service.bucket(bucket).keys(prefix);
  }

  text(bucket: string, key: string): string {
    return String(this.service.bucket(bucket).get(key));
  }
}
