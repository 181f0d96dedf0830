/** Reads the settings of an object from the request that makes it: PutObject, CopyObject and CreateMultipartUpload alike. */
import { ApiError } from '../../cloud-types';
import { notImplemented } from '../errors';
import type { Bucket } from './bucket';
import { encryptionOf, type KeyArn } from './encryption';
import { invalidArgument } from './errors';
import type { ObjectHeaders, ObjectSettings } from './object-version';
import { tagsFromHeader } from './tags';

const MAX_KEY_BYTES = 1024;
const MAX_METADATA_BYTES = 2048;

/** Of Outposts, Snow and directory buckets there are further ones. */
const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** Would keep an object from being deleted, and nothing here does. */
const OBJECT_LOCK = ['ObjectLockMode', 'ObjectLockRetainUntilDate', 'ObjectLockLegalHoldStatus', 'ObjectLockEventHold'];

const OWNER_ACLS = ['private', 'bucket-owner-full-control'];

// biome-ignore lint/suspicious/noExplicitAny: the members that these inputs share
export function settingsOf(input: any, bucket: Bucket, keyArn: KeyArn): ObjectSettings {
  checkKey(input.Key);
  if (bucket.unsupported) throw notImplemented(`${bucket.unsupported} (bucket ${bucket.name})`);
  const lock = OBJECT_LOCK.find((name) => input[name] !== undefined);
  if (lock) throw notImplemented(`S3 Object Lock (${lock})`);
  if (input.WriteOffsetBytes !== undefined) throw notImplemented('appending to objects: AWS has it for directory buckets only');
  checkAcl(input, bucket);
  const storageClass = input.StorageClass ?? 'STANDARD';
  if (!STORAGE_CLASSES.has(storageClass)) throw new ApiError('InvalidStorageClass', 'The storage class you specified is not valid');
  return {
    headers: headersOf(input),
    metadata: metadataOf(input.Metadata),
    tags: tagsFromHeader(input.Tagging),
    storageClass,
    encryption: encryptionOf(input, bucket.encryption, keyArn),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
function checkKey(key: string): void {
  const size = Buffer.byteLength(key, 'utf8');
  if (size > MAX_KEY_BYTES)
    throw new ApiError('KeyTooLongError', 'Your key is too long', 400, { Size: size, MaxSizeAllowed: MAX_KEY_BYTES });
  if (key === '') throw invalidArgument('A key must not be empty', 'key', key);
  if (/\p{Surrogate}/u.test(key)) throw new ApiError('InvalidURI', "Couldn't parse the specified URI.");
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html */
function checkAcl(input: Readonly<Record<string, unknown>>, bucket: Bucket): void {
  const grants = ['GrantFullControl', 'GrantRead', 'GrantReadACP', 'GrantWriteACP'].some((name) => input[name] !== undefined);
  const others = input.ACL !== undefined && !OWNER_ACLS.includes(input.ACL as string);
  if (bucket.ownership === 'BucketOwnerEnforced' && (grants || others)) {
    throw new ApiError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
}

const HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Expires',
  'WebsiteRedirectLocation',
];

/** What a million objects have in common they share. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
const DEFAULT_HEADERS: ObjectHeaders = { ContentType: 'binary/octet-stream' };
const NO_METADATA: Readonly<Record<string, string>> = {};

function headersOf(input: Readonly<Record<string, unknown>>): ObjectHeaders {
  const given = HEADERS.filter((name) => input[name] !== undefined);
  return given.length === 0 ? DEFAULT_HEADERS : { ...DEFAULT_HEADERS, ...Object.fromEntries(given.map((name) => [name, input[name]])) };
}

/** Names in lower case: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata */
function metadataOf(given: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  if (!given) return NO_METADATA;
  const entries = Object.entries(given);
  const size = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > MAX_METADATA_BYTES) {
    throw new ApiError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400, {
      Size: size,
      MaxSizeAllowed: MAX_METADATA_BYTES,
    });
  }
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}
