import type { LocalCloud } from '../../../../local';

/** What a key has in one of the buckets. */
export interface Content {
  readonly body: string;
  /** How it is uploaded, which decides what its ETag is. */
  readonly as: 'whole' | 'parts' | 'kms';
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: string;
  readonly contentType: string;
}

export interface RandomPair {
  readonly source: Map<string, Content>;
  readonly destination: Map<string, Content>;
}

const PIECES = [
  ...'aaabbcz/-_.',
  '//',
  ' ',
  '+',
  '%20',
  '%',
  '&',
  '<',
  "'",
  '"',
  '\n',
  '\u0007',
  'ä',
  '～',
  '\ue000',
  '🦆',
  '\u{10FFFD}',
  '~',
  '=',
  '?',
  '#',
];

/** Two buckets with something in common: the same, the same in another form, another of the same size, another size, on one side only. */
export function randomPair(random: () => number, most: number): RandomPair {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
  const key = () => Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(PIECES)).join('');
  const content = (body: string): Content => ({
    body,
    as: pick(['whole', 'whole', 'parts', 'kms']),
    metadata: random() < 0.3 ? { origin: `no. ${Math.floor(random() * 9)}` } : {},
    tags: random() < 0.2 ? 'team=web&stage=two%20words' : '',
    contentType: pick(['text/plain', 'text/html', 'application/octet-stream']),
  });
  const [source, destination] = [new Map<string, Content>(), new Map<string, Content>()];
  for (let n = Math.floor(random() * most); n > 0; n--) {
    const name = key();
    const body = name.endsWith('/') && random() < 0.5 ? '' : `${Math.floor(random() * 1000)}`.padStart(4, '0');
    const other = `${(Number(body) + 1) % 1000}`.padStart(body.length, '0');
    const kind = pick(['source', 'source', 'destination', 'same', 'same', 'another', 'longer']);
    if (kind !== 'destination') source.set(name, content(body));
    if (kind === 'source') destination.delete(name);
    else destination.set(name, content(kind === 'same' || kind === 'destination' ? body : kind === 'another' ? other : `${body}!`));
    if (kind === 'destination') source.delete(name);
  }
  return { source, destination };
}

/** Uploads an object in its way, as nobody whom a policy would stop. */
export async function upload(
  cloud: LocalCloud,
  Bucket: string,
  Key: string,
  { body, as, metadata, tags, contentType }: Content,
): Promise<void> {
  const settings = {
    Bucket,
    Key,
    Metadata: metadata,
    ContentType: contentType,
    ...(tags && { Tagging: tags }),
    ...(as === 'kms' && { ServerSideEncryption: 'aws:kms' }),
  };
  if (as !== 'parts') {
    await cloud.operate('s3', 'PutObject', { ...settings, Body: Buffer.from(body) });
    return;
  }
  const { UploadId } = await cloud.operate<{ UploadId: string }>('s3', 'CreateMultipartUpload', settings);
  const part = { Bucket, Key, UploadId, PartNumber: 1, Body: Buffer.from(body) };
  const { ETag } = await cloud.operate<{ ETag: string }>('s3', 'UploadPart', part);
  await cloud.operate('s3', 'CompleteMultipartUpload', { Bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } });
}

/** Takes away everything, old versions too. */
export async function empty(cloud: LocalCloud, Bucket: string): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await cloud.operate<{ Versions?: Version[]; DeleteMarkers?: Version[] }>(
      's3',
      'ListObjectVersions',
      {
        Bucket,
      },
    );
    const all = [...Versions, ...DeleteMarkers];
    if (all.length === 0) return;
    for (const { Key, VersionId } of all) await cloud.operate('s3', 'DeleteObject', { Bucket, Key, VersionId });
  }
}

interface Version {
  readonly Key: string;
  readonly VersionId: string;
}
