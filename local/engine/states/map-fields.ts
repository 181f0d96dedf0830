import type { MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { mapContext } from '../context-object';
import { effectiveInput, pathScope, query, templateScope } from '../data/flow';
import { expectType, integerResult } from '../data/jsonata';
import { fieldPath, innerPath } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { type Item, itemsIn } from '../distributed/json-items';
import { runtimeFault } from '../errors';
import type { Visit } from '../visit';

/** The array to map over, from ItemsPath or Items. */
export async function mapItems(visit: Visit<MapState>): Promise<readonly Json[]> {
  const items = visit.language === 'JSONata' ? await queriedItems(visit) : itemsAtPath(visit);
  if (Array.isArray(items)) return items;
  throw notIterable(visit, items);
}

/** A Distributed Map maps over the members of an object as well. */
export async function distributedItems(visit: Visit<MapState>): Promise<readonly Item[]> {
  const items = visit.language === 'JSONata' ? await queriedItems(visit) : itemsAtPath(visit);
  if (Array.isArray(items) || isObject(items)) return [...itemsIn(items)];
  throw notIterable(visit, items);
}

async function queriedItems(visit: Visit<MapState>): Promise<Json> {
  const { Items } = visit.state;
  return Items === undefined ? visit.input : query(visit, Items, 'Items');
}

function itemsAtPath(visit: Visit<MapState>): Json {
  const items = fieldPath(visit.state.ItemsPath ?? '$', effectiveInput(visit), pathScope(visit));
  if (Array.isArray(items)) visit.inspect?.('afterItemsPath', items);
  return items;
}

function notIterable({ language, state }: Visit<MapState>, items: Json): unknown {
  const { Items, ItemsPath = '$' } = state;
  // AWS shows the path within the context object or the variable.
  if (language !== 'JSONata') return runtimeFault(`Reference path "${innerPath(ItemsPath)}" must point to array.`);
  if (isJsonata(Items)) expectType('array', items, expressionText(Items), 'Items');
  return runtimeFault(`Items must be an array, got ${JSON.stringify(items)}.`);
}

/** An item as its iteration gets it: through ItemSelector, or the older Parameters; a member of an object comes with its key. */
export async function selectItem(visit: Visit<MapState>, item: Item, index: number, source?: string): Promise<Json> {
  const { state } = visit;
  const { key, value } = item;
  const selector = state.ItemSelector ?? state.Parameters;
  if (selector === undefined) return key === undefined ? value : { Key: key, Value: value };
  const context = { ...visit.context, ...mapContext(index, value, source, key) };
  const selected =
    visit.language === 'JSONata'
      ? await query({ ...visit, context }, selector, 'ItemSelector')
      : payloadTemplate(selector, effectiveInput(visit), { ...templateScope(visit), context });
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
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && (kind === 'integer' ? Number.isInteger(number) : Number.isFinite(number))) return number;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw runtimeFault(`The ${field}Path field refers to value "${shown}" which is not a valid ${kind}: ${path}`);
  }
  const given = visit.state[field];
  if (!isJsonata(given)) return given as number | undefined;
  const value = await query(visit, given, field);
  if (kind === 'integer') return integerResult(value, expressionText(given), field);
  expectType('number', value, expressionText(given), field);
  return value as number;
}
