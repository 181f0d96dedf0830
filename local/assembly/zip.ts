import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';

/**
 * Unpacks a .zip file, as CloudFormation and Lambda do with an asset that is one already. Format: APPNOTE.TXT 6.3,
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. Zip64 and encryption are refused.
 */
export function unzip(file: string, into: string): void {
  const archive = readFileSync(file);
  const refuse = (why: string): never => {
    throw new Error(`${file} cannot be unpacked: ${why}`);
  };
  for (const entry of entries(archive, refuse)) {
    const target = path.resolve(into, entry.name);
    if (target !== into && !target.startsWith(into + path.sep)) refuse(`"${entry.name}" lies outside of it`);
    if (entry.name.endsWith('/')) {
      mkdirSync(target, { recursive: true });
      continue;
    }
    const data = content(archive, entry, refuse);
    mkdirSync(path.dirname(target), { recursive: true });
    // A link that the archive brought may lead elsewhere.
    if (!isInside(into, path.dirname(target))) refuse(`"${entry.name}" lies outside of it`);
    if ((entry.mode & 0o170000) === 0o120000) symlinkSync(data.toString(), target);
    else writeFileSync(target, data, { mode: entry.mode & 0o777 || 0o644, flag: 'wx' });
  }
}

function isInside(folder: string, subfolder: string): boolean {
  const [outer, inner] = [folder, subfolder].map((each) => realpathSync(each));
  return inner === outer || inner.startsWith(outer + path.sep);
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly headerOffset: number;
  /** Unix file mode, 0 when the archive was made elsewhere. */
  readonly mode: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

function* entries(archive: Buffer, refuse: (why: string) => never): Generator<Entry> {
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== END) end--; // a comment may follow
  if (end < 0) refuse('it is no zip archive');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) refuse('the local runner does not read Zip64 archives');
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== CENTRAL) refuse('its directory is damaged');
    if (archive.readUInt16LE(at + 8) & 1) refuse('it is encrypted');
    const nameLength = archive.readUInt16LE(at + 28);
    yield {
      name: archive.toString('utf8', at + 46, at + 46 + nameLength),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      compressedSize: archive.readUInt32LE(at + 20),
      headerOffset: archive.readUInt32LE(at + 42),
      mode: archive.readUInt16LE(at + 40),
    };
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
}

function content(archive: Buffer, { name, method, crc, compressedSize, headerOffset }: Entry, refuse: (why: string) => never): Buffer {
  if (archive.readUInt32LE(headerOffset) !== LOCAL) refuse(`the header of "${name}" is damaged`);
  const start = headerOffset + 30 + archive.readUInt16LE(headerOffset + 26) + archive.readUInt16LE(headerOffset + 28);
  const packed = archive.subarray(start, start + compressedSize);
  if (method !== 0 && method !== 8) refuse(`"${name}" is compressed by method ${method}`);
  const data = method === 0 ? packed : inflateRawSync(packed);
  if (crc32(data) !== crc) refuse(`the checksum of "${name}" is wrong`);
  return data;
}
