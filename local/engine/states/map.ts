import type { ItemProcessor, MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { Quota } from '../../../lib/asl/quotas';
import { Branch } from '../branch';
import { mapContext } from '../context-object';
import { effectiveInput, fromResult, pathScope, query, templateScope } from '../data/flow';
import { expectType } from '../data/jsonata';
import { fieldPath } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { Cancelled, runtimeFault } from '../errors';
import { Variables } from '../variables';
import type { Outcome, Visit } from '../visit';
import { runWorkflow } from '../workflow';
import { runDistributedMap } from './distributed-map';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html */
export async function runMap(visit: Visit<MapState>): Promise<Outcome> {
  const processor = itemProcessor(visit.state);
  if (processor.ProcessorConfig?.Mode === 'DISTRIBUTED') return fromResult(visit, await runDistributedMap(visit, processor));
  return fromResult(visit, await runInlineMap(visit, processor));
}

function itemProcessor(state: MapState): ItemProcessor {
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw runtimeFault('A Map state needs ItemProcessor.');
  return processor;
}

async function runInlineMap(visit: Visit<MapState>, processor: ItemProcessor): Promise<Json> {
  const items = await mapItems(visit);
  const concurrency = await maxConcurrency(visit);
  visit.branch.emit('MapStateStarted', { length: items.length });
  const results = await iterate(visit, processor, items, Math.min(concurrency || Quota.INLINE_MAP_CONCURRENCY, Quota.INLINE_MAP_CONCURRENCY));
  visit.branch.note('MapStateSucceeded');
  return results;
}

/** The array to map over, from ItemsPath or Items. */
export async function mapItems(visit: Visit<MapState>): Promise<readonly Json[]> {
  const { state } = visit;
  if (visit.language === 'JSONata') {
    const items = state.Items === undefined ? visit.input : await query(visit, state.Items, 'Items');
    if (isJsonata(state.Items)) expectType('array', items, expressionText(state.Items), 'Items');
    if (!Array.isArray(items)) throw runtimeFault(`Items must be an array, got ${JSON.stringify(items)}.`);
    return items;
  }
  const input = effectiveInput(visit);
  const path = state.ItemsPath ?? '$';
  const items = fieldPath(path, input, pathScope(visit));
  visit.inspect?.('afterItemsPath', items);
  if (!Array.isArray(items)) throw runtimeFault(`Reference path "${path}" must point to array.`);
  return items;
}

/** An item as its iteration gets it: through ItemSelector, or the older Parameters. */
export async function selectItem(visit: Visit<MapState>, item: Json, index: number): Promise<Json> {
  const { state } = visit;
  const selector = state.ItemSelector ?? state.Parameters;
  if (selector === undefined) return item;
  const context = { ...visit.context, ...mapContext(index, item) };
  const selected =
    visit.language === 'JSONata'
      ? await query({ ...visit, context }, selector, 'ItemSelector')
      : payloadTemplate(selector, effectiveInput(visit), { ...templateScope(visit), context });
  visit.inspect?.('afterItemSelector', selected);
  return selected;
}

/** 0 stands for no limit. */
export async function maxConcurrency(visit: Visit<MapState>): Promise<number> {
  const value = await numberField(visit, 'MaxConcurrency', 'integer');
  if (value !== undefined && value < 0) throw runtimeFault('MaxConcurrency cannot be negative.');
  return value ?? 0;
}

type NumberField = 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage';

/** A number of a Map, in its literal, path or expression form. */
export async function numberField(visit: Visit<MapState>, field: NumberField, kind: 'integer' | 'float'): Promise<number | undefined> {
  const path = visit.state[`${field}Path`];
  if (path !== undefined) {
    const value = fieldPath(path, effectiveInput(visit), pathScope(visit));
    if (typeof value === 'number' && (kind === 'float' || Number.isInteger(value))) return value;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeFault(`The ${field}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`);
  }
  const given = visit.state[field];
  if (!isJsonata(given)) return given as number | undefined;
  const value = await query(visit, given, field);
  expectType(kind === 'integer' ? 'integer' : 'number', value, expressionText(given), field);
  return value as number;
}

/** Runs the iterations, so many at once. The first that fails cancels the others. */
async function iterate(visit: Visit<MapState>, processor: ItemProcessor, items: readonly Json[], limit: number): Promise<Json[]> {
  const { branch } = visit;
  const results = new Array<Json>(items.length);
  const started = branch.cursor;
  let next = 0;

  const worker = async () => {
    // An iteration follows the one whose place it takes.
    for (let follows = started; next < items.length; ) {
      const index = next++;
      const child = new Branch(branch.run, branch, [...branch.statePath, visit.name, String(index)], { name: visit.name, index });
      child.cursor = follows;
      results[index] = await iteration(visit, processor, child, items[index], index);
      follows = child.cursor;
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, worker);
  for (const each of workers) each.catch(() => {});
  await branch.wait(Promise.all(workers));
  return results;
}

async function iteration(visit: Visit<MapState>, processor: ItemProcessor, child: Branch, item: Json, index: number): Promise<Json> {
  const parent = visit.branch;
  const position = { name: visit.name, index };
  child.emit('MapIterationStarted', position);
  try {
    const input = await selectItem(visit, item, index);
    const output = await runWorkflow(processor, input, child, {
      language: processor.QueryLanguage ?? visit.language,
      variables: new Variables(visit.variables),
      context: mapContext(index, item),
    });
    parent.live();
    parent.cursor = child.note('MapIterationSucceeded', position);
    child.leave();
    return output;
  } catch (error) {
    if (!(error instanceof Cancelled) && !parent.signal.aborted) {
      child.fail(position);
      parent.cursor = child.cursor;
      for (const sibling of parent.children) sibling.cancel();
    }
    throw error;
  }
}
