import type { MapState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { mapContext } from '../context-object';
import { effectiveInput, pathScope, query, templateScope } from '../data/flow';
import { expectType } from '../data/jsonata';
import { fieldPath, innerPath } from '../data/paths';
import { payloadTemplate } from '../data/payload-template';
import { runtimeFault } from '../errors';
import type { Visit } from '../visit';

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
  // AWS shows the path within the context object or the variable.
  if (!Array.isArray(items)) throw runtimeFault(`Reference path "${innerPath(path)}" must point to array.`);
  visit.inspect?.('afterItemsPath', items);
  return items;
}

/** An item as its iteration gets it: through ItemSelector, or the older Parameters. */
export async function selectItem(visit: Visit<MapState>, item: Json, index: number, source?: string): Promise<Json> {
  const { state } = visit;
  const selector = state.ItemSelector ?? state.Parameters;
  if (selector === undefined) return item;
  const context = { ...visit.context, ...mapContext(index, item, source) };
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
  expectType(kind === 'integer' ? 'integer' : 'number', value, expressionText(given), field);
  return value as number;
}
