import type { ItemProcessor, MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { Quota } from '../../../lib/asl/quotas';
import { Branch, type Part, type Position } from '../branch';
import { mapContext } from '../context-object';
import { fromResult } from '../data/flow';
import { Tolerance } from '../distributed/tolerance';
import { Cancelled, endsExecution, runtimeFault } from '../errors';
import { Variables } from '../variables';
import type { Mock, Outcome, Visit } from '../visit';
import { runWorkflow } from '../workflow';
import { runDistributedMap } from './distributed-map';
import { mapItems, maxConcurrency, selectItem } from './map-fields';
import { done, stoodAt } from './parallel';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html */
export async function runMap(visit: Visit<MapState>): Promise<Outcome> {
  const processor = itemProcessor(visit.state);
  if (visit.mock) return fromResult(visit, await runMockedMap(visit, visit.mock));
  if (processor.ProcessorConfig?.Mode === 'DISTRIBUTED') return fromResult(visit, await runDistributedMap(visit, processor));
  return fromResult(visit, await runInlineMap(visit, processor));
}

function itemProcessor(state: MapState): ItemProcessor {
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw runtimeFault('A Map state needs ItemProcessor.');
  return processor;
}

/** A Map whose iterations TestState replaces: its fields are evaluated all the same. */
async function runMockedMap(visit: Visit<MapState>, mock: Mock): Promise<Json> {
  const items = visit.state.ItemReader ? (mock.itemReaderData ?? []) : await mapItems(visit);
  await selectItems(visit, items);
  const concurrency = await maxConcurrency(visit);
  visit.inspect?.('maxConcurrency', concurrency);
  const tolerance = await Tolerance.of(visit);
  if (tolerance.count !== undefined) visit.inspect?.('toleratedFailureCount', tolerance.count);
  if (tolerance.percentage !== undefined) visit.inspect?.('toleratedFailurePercentage', tolerance.percentage);
  mock.checkTolerance(tolerance, items.length);
  return mock.result();
}

async function selectItems(visit: Visit<MapState>, items: readonly Json[]): Promise<void> {
  const { ItemSelector, Parameters } = visit.state;
  if ((ItemSelector ?? Parameters) === undefined) return;
  const selected: Json[] = [];
  for (const [i, item] of items.entries()) selected.push(await selectItem(visit, { value: item }, i));
  visit.inspect?.('afterItemSelector', selected);
}

async function runInlineMap(visit: Visit<MapState>, processor: ItemProcessor): Promise<Json> {
  const { ItemBatcher, ItemReader, ResultWriter } = visit.state;
  if (ItemBatcher || ItemReader || ResultWriter) {
    throw runtimeFault('The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps');
  }
  const items = await mapItems(visit);
  const concurrency = await maxConcurrency(visit);
  visit.branch.emit('MapStateStarted', { length: items.length });
  const results = await iterate(
    visit,
    processor,
    items,
    Math.min(concurrency || Quota.INLINE_MAP_CONCURRENCY, Quota.INLINE_MAP_CONCURRENCY),
  );
  visit.branch.note('MapStateSucceeded');
  return results;
}

/** Runs the iterations, so many at once. The first that fails cancels the others. */
async function iterate(visit: Visit<MapState>, processor: ItemProcessor, items: readonly Json[], limit: number): Promise<Json[]> {
  const { branch } = visit;
  const results = new Array<Json>(items.length);
  const former = visit.resumed?.parts ?? [];
  const parts: Part[] = [];
  if (branch.position) branch.position.parts = parts;
  const started = branch.cursor;
  let next = 0;

  const worker = async () => {
    // An iteration follows the one whose place it takes.
    for (let follows = started; next < items.length; ) {
      const index = next++;
      const before = done(former[index]);
      if (before) {
        parts[index] = before;
        results[index] = before.output;
        continue;
      }
      const child = new Branch(branch.run, branch, [...branch.statePath, visit.name, String(index)], { name: visit.name, index });
      child.cursor = follows;
      parts[index] = child;
      results[index] = await iteration(visit, processor, child, items[index], index, stoodAt(former[index]));
      parts[index] = { output: results[index] };
      follows = child.cursor;
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  for (const each of workers) each.catch(() => {});
  await branch.wait(Promise.all(workers));
  return results;
}

async function iteration(
  visit: Visit<MapState>,
  processor: ItemProcessor,
  child: Branch,
  item: Json,
  index: number,
  from: Position | undefined,
): Promise<Json> {
  const parent = visit.branch;
  const position = { name: visit.name, index };
  child.emit('MapIterationStarted', position);
  try {
    const input = await selectItem(visit, { value: item }, index);
    const scope = {
      language: processor.QueryLanguage ?? visit.defaultLanguage,
      variables: new Variables(visit.variables),
      context: mapContext(index, item),
    };
    const output = await runWorkflow(processor, input, child, scope, from);
    parent.live();
    parent.cursor = child.note('MapIterationSucceeded', position);
    child.leave();
    return output;
  } catch (error) {
    if (!(error instanceof Cancelled) && !parent.cancelled) {
      const told = !endsExecution(error);
      child.fail(position, told);
      parent.cursor = child.cursor;
      for (const sibling of parent.children) sibling.cancel(told);
    }
    throw error;
  }
}
