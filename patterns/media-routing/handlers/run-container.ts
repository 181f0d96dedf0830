import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { makePreview } from './make-preview';
import { bucketsFromEnvironment } from './recordings';

/** The work of the container: the recording comes by its environment. */
export async function runContainer(
  environment: Readonly<Record<string, string | undefined>>,
  config: S3ClientConfig,
): Promise<{ readonly present: boolean }> {
  const s3 = new S3Client(config);
  try {
    return await makePreview(JSON.parse(environment.RECORDING ?? ''), s3, bucketsFromEnvironment(environment));
  } finally {
    s3.destroy();
  }
}
