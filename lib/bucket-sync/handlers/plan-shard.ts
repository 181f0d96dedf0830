import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { JsonLinesWriter } from '../../blocks/bulk-map/handlers/json-lines-writer';
import { planned } from './comparison';
import { partsOf } from './copy-limits';
import { count, noCounts } from './counts';
import { countsPrefix, linesPrefix } from './folder';
import { inParallel } from './in-parallel';
import { keyFilter } from './key-filter';
import { type KeyRange, type ListedObject, listRange } from './listing';
import { chunks, merge, type Pair } from './merge';
import type { Action } from './plan-line';
import { writeJson } from './results';
import type { SyncSettings } from './settings';

/** A range of keys to be planned. */
export interface Shard extends KeyRange {
  /** The run's. */
  readonly folder: string;
  readonly index: number;
}

export interface PlanShardEvent extends Shard {
  /** How often a call ended for want of time before this one. */
  readonly lap?: number;
  /** How often this very call was made before. */
  readonly attempt?: number;
}

/** What is left of the shard, if there was no time for it. */
export type PlanShardAnswer = { readonly more?: Pick<PlanShardEvent, 'lap' | 'after'> };

export interface PlanContext {
  readonly s3: S3Client;
  readonly settings: SyncSettings;
  /** Milliseconds that this call may still take. */
  remaining(): number;
}

const ACTIONS: readonly Action[] = ['copy', 'replace', 'delete', 'skip'];
const CHUNK = 1000;
const HEADS_AT_ONCE = 32;

/** What is left when a lap ends: enough to compare one more chunk and to write. */
const RESERVE_MS = 90_000;

/**
 * Plans a range of keys: two listings merged in one pass. It holds some pages of keys and a part of each file, however large the range
 * is, and goes on in another call before Lambda's time is over.
 */
export async function planShard(event: PlanShardEvent, { s3, settings, remaining }: PlanContext): Promise<PlanShardAnswer> {
  const { folder, index, after, upTo, lap = 0 } = event;
  const name = `${String(index).padStart(5, '0')}-${String(lap).padStart(4, '0')}`;
  const target = { s3, bucket: settings.results.bucket };
  // Replaced are copied, in the same map.
  const keys = ['copy', 'delete', 'skip'].map((action) => `${linesPrefix(folder, action)}${name}.jsonl`);
  if (event.attempt) await forget(s3, settings.results.bucket, keys);
  const [copies, deletions, skips] = keys.map((key) => new JsonLinesWriter(target, key));
  const writers: Record<Action, JsonLinesWriter> = { copy: copies, replace: copies, delete: deletions, skip: skips };
  const counts = noCounts();
  const wanted = keyFilter(settings.include, settings.exclude);
  const counted = async function* (place: 'source' | 'destination'): AsyncGenerator<ListedObject> {
    for await (const object of listRange(s3, settings[place], { after, upTo })) {
      if (wanted(object.key)) yield object;
      else counts.excluded++;
    }
  };
  let last: string | undefined;
  for await (const pairs of chunks<Pair>(merge(counted('source'), counted('destination')), CHUNK)) {
    for (const line of await inParallel(pairs, HEADS_AT_ONCE, (pair) => planned(pair, settings, s3))) {
      count(counts, line, partsOf);
      await writers[line.action].add(line);
    }
    last = pairs[pairs.length - 1].key;
    if (pairs.length === CHUNK && remaining() < RESERVE_MS) break;
    last = undefined;
  }
  for (const writer of new Set(ACTIONS.map((action) => writers[action]))) await writer.end();
  await writeJson(s3, settings.results.bucket, `${countsPrefix(folder)}${name}.json`, counts);
  return last === undefined ? {} : { more: { lap: lap + 1, after: last } };
}

/** What an attempt before this one may have written: what is written now need not have every file. */
async function forget(s3: S3Client, bucket: string, keys: readonly string[]): Promise<void> {
  await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true } }));
}
