import { ApiError, type Operation, type Principal } from '../../../cloud-types';
import { checksumMembers, defaultChecksum, verifiedChecksum } from '../checksums';
import { settingsOf } from '../object-settings';
import { quoted } from '../object-version';
import { checkWrite } from '../preconditions';
import { type S3Context, shownVersionId } from '../service-context';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const MAX_SIZE = 5 * 1024 ** 3;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export function putObject(context: S3Context): Operation {
  return {
    access: (input) => context.access.write(input),
    run(input, caller: Principal) {
      const bucket = context.buckets.get(input);
      const settings = settingsOf(input, bucket, context.keyArn);
      const body = bytesOf(input.Body);
      const checksum = verifiedChecksum(input, body);
      checkWrite(input, bucket);
      const etag = context.etagOf(body, settings.encryption);
      const version = context.store(bucket, { key: input.Key, body, etag, checksum, ...settings }, 'PutObject', caller);
      return {
        ETag: quoted(etag),
        VersionId: shownVersionId(bucket, version),
        ...checksumMembers(checksum ?? defaultChecksum(body)),
        ...context.encryptionMembers(settings.encryption),
      };
    },
  };
}

/** A buffer is handed over, as the gateway does; other bytes may change later and are copied. Text is UTF-8. */
export function bytesOf(body: Uint8Array | string | undefined): Buffer {
  if (body === undefined || body.length === 0) return Buffer.alloc(0);
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body as string);
  if (bytes.length > MAX_SIZE) throw new ApiError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  return bytes;
}
