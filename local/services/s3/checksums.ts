/** Checksums of objects and parts. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ApiError } from '../../cloud-types';
import { notImplemented } from '../errors';
import { crc32c, crc64nvme } from './crc';
import { invalidRequest } from './errors';

type Digest = (bytes: Uint8Array) => Buffer;

const hash =
  (name: string): Digest =>
  (bytes) =>
    createHash(name).update(bytes).digest();

const DIGESTS = {
  CRC32: (bytes: Uint8Array) => {
    const result = Buffer.alloc(4);
    result.writeUInt32BE(crc32(bytes as Buffer));
    return result;
  },
  CRC32C: crc32c,
  CRC64NVME: crc64nvme,
  SHA1: hash('sha1'),
  SHA256: hash('sha256'),
  SHA512: hash('sha512'),
  MD5: hash('md5'),
} satisfies Record<string, Digest>;

export type ChecksumAlgorithm = keyof typeof DIGESTS;
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64; of a composite one, with "-" and the number of parts. */
  readonly value: string;
  readonly type: ChecksumType;
}

const ALL = [...Object.keys(DIGESTS), 'XXHASH64', 'XXHASH3', 'XXHASH128'] as const;

export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  return DIGESTS[algorithm](bytes).toString('base64');
}

/** What S3 computes of an object whose sender gave none. */
export function defaultChecksum(body: Uint8Array): Checksum {
  return { algorithm: 'CRC64NVME', value: checksumOf('CRC64NVME', body), type: 'FULL_OBJECT' };
}

export const md5 = (bytes: Uint8Array): Buffer => DIGESTS.MD5(bytes);

export function parseAlgorithm(name: string): ChecksumAlgorithm {
  if (name in DIGESTS) return name as ChecksumAlgorithm;
  if ((ALL as readonly string[]).includes(name)) throw notImplemented(`the checksum ${name}`);
  throw invalidRequest(
    'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
  );
}

/** The one `Checksum…` member of a request, or part of one. */
export function givenChecksum(input: Readonly<Record<string, unknown>>): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  const given = ALL.filter((name) => typeof input[`Checksum${name}`] === 'string');
  if (given.length === 0) return undefined;
  if (given.length > 1) throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  return { algorithm: parseAlgorithm(given[0]), value: input[`Checksum${given[0]}`] as string };
}

/** Checks what the sender says of the body; gives the checksum to keep, if it asked for one. */
export function verifiedChecksum(input: Readonly<Record<string, unknown>>, body: Uint8Array): Checksum | undefined {
  verifyMd5(input.ContentMD5 as string | undefined, body);
  const given = givenChecksum(input);
  const named = given ? given.algorithm : typeof input.ChecksumAlgorithm === 'string' ? parseAlgorithm(input.ChecksumAlgorithm) : undefined;
  if (!named) return undefined;
  const value = checksumOf(named, body);
  if (given) compare(named, given.value, value);
  return { algorithm: named, value, type: 'FULL_OBJECT' };
}

export function compare(algorithm: ChecksumAlgorithm, given: string, actual: string): void {
  if (given === actual) return;
  if (Buffer.from(given, 'base64').length !== Buffer.from(actual, 'base64').length) {
    throw invalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`);
  }
  throw new ApiError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

function verifyMd5(given: string | undefined, body: Uint8Array): void {
  if (given === undefined) return;
  const expected = Buffer.from(given, 'base64');
  if (expected.length !== 16)
    throw new ApiError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400, { 'Content-MD5': given });
  if (!expected.equals(md5(body))) {
    throw new ApiError('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400, { ExpectedDigest: given });
  }
}

/** The checksum of the parts' checksums. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html#ChecksumTypes */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): Checksum {
  const joined = Buffer.concat(parts.map((value) => Buffer.from(value, 'base64')));
  return { algorithm, value: `${checksumOf(algorithm, joined)}-${parts.length}`, type: 'COMPOSITE' };
}

/** As members of an answer: `ChecksumCRC32` and `ChecksumType`. */
export function checksumMembers(checksum: Checksum | undefined): Record<string, string> {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
}
