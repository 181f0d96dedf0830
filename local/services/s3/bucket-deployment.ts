/**
 * `Custom::CDKBucketDeployment`: what the CDK's handler, a Python function around `aws s3 sync`, does when a stack is made.
 * https://github.com/aws/aws-cdk: custom-resource-handlers/lib/aws-s3-deployment, and
 * https://docs.aws.amazon.com/cli/latest/reference/s3/sync.html. There is no CloudFront, so that nothing is to be invalidated.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { unzip } from '../../assembly/zip';
import type { Principal, ResourceRequest, ResourceType } from '../../cloud-types';
import { TemporaryFolder } from '../../keeper/temporary-folder';
import { notImplemented } from '../errors';
import { isTrue } from '../identifiers';
import { walk } from './listing';
import { deleteObject } from './operations/delete-object';
import { putObject } from './operations/put-object';
import type { S3Context } from './service-context';

const OPERATOR: Principal = { kind: 'operator' };

export function bucketDeployment(context: S3Context): ResourceType {
  return {
    create(resource) {
      const { properties } = resource;
      const Bucket: string = properties.DestinationBucketName;
      const given: string = properties.DestinationBucketKeyPrefix ?? '';
      const prefix = given === '' || given === '/' ? '' : given.replace(/\/?$/, '/');
      const chosen = filter(properties.Exclude ?? [], properties.Include ?? []);
      const files = contentsOf(context, resource);
      const settings = settingsOf(properties.SystemMetadata ?? {}, properties.UserMetadata ?? {});

      for (const name of [...files.keys()].filter(chosen).sort()) {
        const input = { Bucket, Key: prefix + name, Body: files.get(name), ContentType: typeOf(name), ...settings };
        putObject(context).run(input, OPERATOR);
      }
      if (properties.Prune === undefined || isTrue(properties.Prune)) {
        const bucket = context.buckets.get({ Bucket });
        const visible = (versions: readonly { readonly deleteMarker: boolean }[]) => versions.at(-1)?.deleteMarker === false;
        const there = [...walk(bucket, { prefix, visible })].flatMap(({ key }) => (key === undefined ? [] : [key]));
        const surplus = there.filter((key) => chosen(key.slice(prefix.length)) && !files.has(key.slice(prefix.length)));
        for (const Key of surplus) deleteObject(context).run({ Bucket, Key }, OPERATOR);
      }
      return {
        ref: `aws.cdk.s3deployment.${resource.physicalName()}`,
        attributes: { DestinationBucketArn: properties.DestinationBucketArn, SourceObjectKeys: properties.SourceObjectKeys },
      };
    },
  };
}

/** Of all sources, by path; a later one replaces what a former one has. */
function contentsOf(context: S3Context, resource: ResourceRequest): ReadonlyMap<string, Buffer> {
  const { SourceBucketNames, SourceObjectKeys, SourceMarkers = [], SourceMarkersConfig = [], Extract } = resource.properties;
  const files = new Map<string, Buffer>();
  const temporary = new TemporaryFolder();
  try {
    for (const [i, key] of (SourceObjectKeys as string[]).entries()) {
      const source = sourceOf(context, resource, SourceBucketNames[i], key, temporary);
      if (Extract !== undefined && !isTrue(Extract)) {
        if (statSync(source).isDirectory()) throw notImplemented(`BucketDeployment of the folder ${source} without extracting it`);
        files.set(path.posix.basename(key), readFileSync(source));
        continue;
      }
      const folder = statSync(source).isDirectory() ? source : unpacked(source, temporary);
      const markers = Object.entries<string>(SourceMarkers[i] ?? {});
      const jsonEscape = isTrue(SourceMarkersConfig[i]?.jsonEscape);
      for (const name of readdirSync(folder, { recursive: true }) as string[]) {
        const file = path.join(folder, name);
        if (statSync(file).isFile()) files.set(name.split(path.sep).join('/'), replaced(readFileSync(file), markers, jsonEscape));
      }
    }
    return files;
  } finally {
    temporary.dispose();
  }
}

/** An asset of the assembly, or an archive that is in a bucket already. */
function sourceOf(context: S3Context, resource: ResourceRequest, bucketName: string, key: string, temporary: TemporaryFolder): string {
  const bucket = context.buckets.find(bucketName);
  if (!bucket) return resource.asset(bucketName, key);
  const file = `${temporary.place()}.zip`;
  writeFileSync(file, context.readable(bucket, { Key: key }).body);
  return file;
}

function unpacked(archive: string, temporary: TemporaryFolder): string {
  const folder = temporary.folder();
  unzip(archive, folder);
  return folder;
}

/** `Source.data` stands for values that are known at deployment only by markers. */
function replaced(content: Buffer, markers: readonly [string, string][], jsonEscape: boolean): Buffer {
  if (!markers.some(([marker]) => content.includes(marker))) return content;
  const text = markers.reduce(
    (made, [marker, value]) => made.replaceAll(marker, () => (jsonEscape ? JSON.stringify(value).slice(1, -1) : value)),
    content.toString('utf8'),
  );
  return Buffer.from(text, 'utf8');
}

/** As `aws s3 sync` has them: of all that match, the last one decides. https://docs.aws.amazon.com/cli/latest/reference/s3/#use-of-exclude-and-include-filters */
function filter(exclude: readonly string[], include: readonly string[]): (name: string) => boolean {
  const excluded = exclude.map(glob);
  const included = include.map(glob);
  return (name) => !excluded.some((pattern) => pattern.test(name)) || included.some((pattern) => pattern.test(name));
}

/** "*" matches "/" too. */
function glob(pattern: string): RegExp {
  const source = pattern.replace(/\*|\?|\[(!?)([^\]]+)\]|[.+^${}()|\\]/g, (found, not, set) => {
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return set === undefined ? `\\${found}` : `[${not ? '^' : ''}${set}]`;
  });
  return new RegExp(`^${source}$`, 's');
}

const SYSTEM: Readonly<Record<string, string>> = {
  acl: 'ACL',
  'cache-control': 'CacheControl',
  'content-disposition': 'ContentDisposition',
  'content-encoding': 'ContentEncoding',
  'content-language': 'ContentLanguage',
  'content-type': 'ContentType',
  expires: 'Expires',
  sse: 'ServerSideEncryption',
  'sse-kms-key-id': 'SSEKMSKeyId',
  'storage-class': 'StorageClass',
  'website-redirect': 'WebsiteRedirectLocation',
};

function settingsOf(system: Record<string, string>, user: Record<string, string>): Record<string, unknown> {
  const settings = Object.entries(system).map(([name, value]) => {
    const member = SYSTEM[name.toLowerCase()];
    if (!member) throw notImplemented(`BucketDeployment with the system metadata ${name}`);
    return [member, member === 'Expires' ? new Date(value) : value];
  });
  return { ...Object.fromEntries(settings), ...(Object.keys(user).length > 0 && { Metadata: user }) };
}

/** What the AWS CLI takes a file for by its name, of the usual ones; else it is no type in particular. */
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/vnd.microsoft.icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webp: 'image/webp',
  xml: 'text/xml',
  zip: 'application/zip',
};

const typeOf = (name: string): string | undefined => TYPES[path.posix.extname(name).slice(1).toLowerCase()];
