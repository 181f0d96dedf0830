import type { ItemProcessor, MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { batches, type ChildInput } from '../distributed/item-batcher';
import { readItems, type SourcedItem } from '../distributed/item-reader';
import type { Item } from '../distributed/json-items';
import { DistributedMapRun } from '../distributed/map-run';
import { Tolerance } from '../distributed/tolerance';
import { StateFailure } from '../errors';
import type { Visit } from '../visit';
import { stateFailure } from '../workflow';
import { distributedItems, maxConcurrency, selectItem } from './map-fields';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html */
export async function runDistributedMap(visit: Visit<MapState>, processor: ItemProcessor): Promise<Json> {
  const { branch, state } = visit;
  const { ItemReader } = state;
  // A reader's items are read only when the run has begun: their number is not known here.
  const items = ItemReader ? undefined : await distributedItems(visit);
  const concurrency = await maxConcurrency(visit);
  branch.emit('MapStateStarted', { length: items?.length ?? 0 });
  const tolerance = await Tolerance.of(visit);
  const mapRun = beginMapRun(visit, processor, tolerance, concurrency);
  const sourced = ItemReader ? readItems(visit, ItemReader) : fromState(items ?? []);
  const output = await executed(visit, mapRun.execute(childInputs(visit, sourced)));
  emitSucceeded(visit);
  return output;
}

/** What follows does so on the run's beginning; in an execution's first state, on its end. So in all recordings. */
function emitSucceeded({ branch }: Visit<MapState>): void {
  const succeeded = branch.note('MapRunSucceeded');
  branch.note('MapStateSucceeded', undefined, succeeded);
  if (branch.current?.previousEventId === 0) branch.cursor = succeeded;
}

/** A redriven execution redrives its Map Run, if that had been started. */
function beginMapRun(visit: Visit<MapState>, processor: ItemProcessor, tolerance: Tolerance, concurrency: number): DistributedMapRun {
  const { branch } = visit;
  const former = visit.resumed?.mapRun;
  const mapRun = former ?? new DistributedMapRun(visit, processor, tolerance, concurrency);
  if (branch.position) branch.position.mapRun = mapRun;
  if (former) {
    former.redrive(visit, tolerance);
    branch.emit('MapRunRedriven', { mapRunArn: mapRun.arn, redriveCount: mapRun.redriveCount });
  } else {
    branch.run.surroundings.remember(mapRun);
    branch.emit('MapRunStarted', { mapRunArn: mapRun.arn });
  }
  return mapRun;
}

async function executed(visit: Visit<MapState>, results: Promise<Json>): Promise<Json> {
  try {
    return await results;
  } catch (thrown) {
    const failure = stateFailure(visit, thrown);
    if (failure instanceof StateFailure) visit.branch.emit('MapRunFailed', failure.details());
    throw failure;
  }
}

async function* fromState(items: readonly Item[]): AsyncIterable<SourcedItem> {
  for (const item of items) yield { ...item, source: 'STATE_DATA' };
}

async function* childInputs(visit: Visit<MapState>, items: AsyncIterable<SourcedItem>): AsyncIterable<ChildInput> {
  const { ItemBatcher } = visit.state;
  if (ItemBatcher) yield* batches(visit, ItemBatcher, selected(visit, items));
  else for await (const input of selected(visit, items)) yield { input, items: 1 };
}

async function* selected(visit: Visit<MapState>, items: AsyncIterable<SourcedItem>): AsyncIterable<Json> {
  let index = 0;
  for await (const item of items) yield selectItem(visit, item, index++, item.source);
}
