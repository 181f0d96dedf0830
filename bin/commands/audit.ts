import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Attributes } from '../../lib/blocks/approval-gate/handlers/attributes';
import { fromAttributes } from '../../lib/blocks/approval-gate/handlers/attributes';
import { verifyChain } from '../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../lib/blocks/approval-gate/handlers/audit-record';
import { UsageError } from './usage-error';

export interface AuditOptions {
  /** A file, or the folder of an export. */
  readonly source?: string;
  /** A hash noted before. */
  readonly head?: string;
  readonly json?: boolean;
}

/** `stepworks audit verify`. Exit code 0 if the chain holds, 1 if a record is broken. */
export function auditVerify({ source, head, json }: AuditOptions): number {
  if (source === undefined) throw new UsageError('verify what? The export of an audit: stepworks audit verify <file or folder>');
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
    throw new UsageError(`--head is the hash of a record, 64 hexadecimal digits in small letters, not '${head}'`);
  }
  const finding = verifyChain(filesOf(source).flatMap(recordsIn), head);
  if (json) process.stdout.write(`${JSON.stringify({ holds: finding.broken === undefined, ...finding })}\n`);
  else if (finding.broken) process.stdout.write(`✗ record ${finding.broken.record}: ${finding.broken.problem}\n`);
  else process.stdout.write(`✓ ${finding.records} records, unbroken${finding.head ? `; the last has the hash ${finding.head}` : ''}\n`);
  return finding.broken ? 1 : 0;
}

/**
 * The files with items. An export of DynamoDB has them in `data`, beside manifests.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
 */
function filesOf(source: string): string[] {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`there is no file or folder '${source}'`);
  if (stats.isFile()) return [source];
  const folder = statSync(join(source, 'data'), { throwIfNoEntry: false })?.isDirectory() ? join(source, 'data') : source;
  const files = readdirSync(folder).filter((name) => /\.(json|jsonl)(\.gz)?$/.test(name) && !name.startsWith('manifest-'));
  if (files.length === 0) throw new UsageError(`the folder '${folder}' holds no file that ends in .json.gz, .json or .jsonl`);
  return files.sort().map((name) => join(folder, name));
}

/** One JSON object a line: an item as DynamoDB exports it, `{"Item":{…}}`, or a record as it is. */
function recordsIn(file: string): Partial<AuditRecord>[] {
  return textOf(file)
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [recordOf(line, `${file}, line ${index + 1}`)]));
}

function textOf(file: string): string {
  const bytes = readFileSync(file);
  if (!file.endsWith('.gz')) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be unpacked: ${(error as Error).message}`);
  }
}

function recordOf(line: string, place: string): Partial<AuditRecord> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new UsageError(`${place} is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) throw new UsageError(`${place} is not an object`);
  if (!('Item' in value)) {
    if ('sequence' in value) return value;
    throw new UsageError(`${place} is no record of an audit: it has neither Item, as a full export of DynamoDB has, nor sequence`);
  }
  if (!isObject(value.Item) || !Object.values(value.Item).every(isObject)) {
    throw new UsageError(`${place} has an Item that is not in DynamoDB's form, such as {"sequence":{"N":"1"}}`);
  }
  return fromAttributes(value.Item as Attributes);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
