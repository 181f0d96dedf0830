import type { ItemBatcher, MapState } from '../../../lib/asl/definition';
import type { Json, JsonObject } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { Quota } from '../../../lib/asl/quotas';
import { effectiveInput, pathScope, query, templateScope } from '../data/flow';
import { integerResult } from '../data/jsonata';
import { fieldPath, integerOf } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { runtimeFault } from '../errors';
import type { Visit } from '../visit';

/** The input of one child execution, and of how many items it consists. */
export interface ChildInput {
  readonly input: Json;
  readonly items: number;
}

/**
 * Puts items together, as many as the limits of count and of bytes allow.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
export async function* batches(visit: Visit<MapState>, batcher: ItemBatcher, items: AsyncIterable<Json>): AsyncIterable<ChildInput> {
  const most = await limit(visit, batcher, 'MaxItemsPerBatch');
  const bytes = Math.min((await limit(visit, batcher, 'MaxInputBytesPerBatch')) ?? Quota.PAYLOAD_BYTES, Quota.PAYLOAD_BYTES);
  const shared = await batchInput(visit, batcher);
  const empty = size({ ...shared, Items: [] });
  let batch: Json[] = [];
  let used = empty;
  for await (const item of items) {
    const more = size(item) + (batch.length > 0 ? 1 : 0);
    if (batch.length > 0 && (batch.length >= (most ?? Number.POSITIVE_INFINITY) || used + more > bytes)) {
      yield { input: { ...shared, Items: batch }, items: batch.length };
      [batch, used] = [[], empty];
    }
    used += size(item) + (batch.length > 0 ? 1 : 0);
    batch.push(item);
  }
  if (batch.length > 0) yield { input: { ...shared, Items: batch }, items: batch.length };
}

function size(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value), 'utf8');
}

async function batchInput(visit: Visit<MapState>, batcher: ItemBatcher): Promise<JsonObject> {
  if (batcher.BatchInput === undefined) return {};
  const BatchInput =
    visit.language === 'JSONata'
      ? await query(visit, batcher.BatchInput, 'ItemBatcher/BatchInput')
      : payloadTemplate(batcher.BatchInput, effectiveInput(visit), templateScope(visit));
  return { BatchInput };
}

async function limit(
  visit: Visit<MapState>,
  batcher: ItemBatcher,
  field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch',
): Promise<number | undefined> {
  const path = batcher[`${field}Path`];
  const given = batcher[field];
  let value: Json | undefined = given;
  if (path !== undefined) value = fieldPath(path, effectiveInput(visit), pathScope(visit));
  else if (isJsonata(given)) {
    const location = `ItemBatcher/${field}`;
    value = integerResult(await query(visit, given, location), expressionText(given), location);
  }
  if (value === undefined) return undefined;
  const number = integerOf(value);
  if (number !== undefined && number > 0) return number;
  throw runtimeFault(`${field} must be a positive integer, got ${JSON.stringify(value)}.`);
}
