/** S3 beside the services that it works with, behind the real gateway. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createKms } from '../../../../local/services/kms';
import { createLambda } from '../../../../local/services/lambda';
import { createS3, type S3Service } from '../../../../local/services/s3';
import { createSns } from '../../../../local/services/sns';
import { createSqs } from '../../../../local/services/sqs';
import { TestRuntime, World } from '../world';

export interface Harness {
  readonly world: World;
  readonly service: S3Service;
  readonly runtime: TestRuntime;
  readonly s3: S3Client;
  client(roleArn?: string, options?: Partial<S3ClientConfig>): S3Client;
  /** A fresh bucket's name. */
  bucket(properties?: Record<string, unknown>): Promise<string>;
}

export async function start(): Promise<Harness> {
  const runtime = new TestRuntime();
  let service!: S3Service;
  const world = await World.start((cloud) => {
    const kms = createKms(cloud);
    service = createS3(cloud, kms.keyArn);
    return [service, kms, createSqs(cloud, 'http://queues', kms.keyArn), createSns(cloud, kms.keyArn), createLambda(cloud, runtime)];
  });
  let buckets = 0;
  const client = (roleArn?: string, options: Partial<S3ClientConfig> = {}) => new S3Client({ ...world.client(roleArn), ...options });
  return {
    world,
    service,
    runtime,
    s3: client(),
    client,
    async bucket(properties = {}) {
      buckets += 1;
      const { ref } = await world.create('AWS::S3::Bucket', `Bucket${buckets}`, { BucketName: `bucket-${buckets}`, ...properties });
      return ref;
    },
  };
}

/** Bytes that look like nothing, the same ones every time: a block, again and again, of a prime length so that no framing falls in with it. */
export function noise(size: number, seed = 1): Buffer {
  const random = seeded(seed);
  return Buffer.alloc(
    size,
    Uint8Array.from({ length: 65_521 }, () => Math.floor(random() * 256)),
  );
}

/** A generator for tests of properties. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}
