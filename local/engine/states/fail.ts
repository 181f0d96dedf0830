import type { FailState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { query, templateScope } from '../data/flow';
import { expectType } from '../data/jsonata';
import { templateValue } from '../data/payload-template';
import { runtimeFault, StateFailure } from '../errors';
import type { Outcome, Visit } from '../visit';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html */
export async function runFail(visit: Visit<FailState>): Promise<Outcome> {
  if (visit.language === 'JSONPath') visit.inspect?.('afterInputPath', visit.input);
  throw new StateFailure(await text(visit, 'Error'), await text(visit, 'Cause'));
}

async function text(visit: Visit<FailState>, field: 'Error' | 'Cause'): Promise<string | undefined> {
  const { state } = visit;
  const literal = state[field];
  if (visit.language === 'JSONata') {
    if (literal === undefined) return undefined;
    const value = await query(visit, literal, field);
    if (isJsonata(literal)) expectType('string', value, expressionText(literal), field);
    return value as string;
  }
  const path = state[`${field}Path`];
  return path === undefined ? literal : stringAt(visit, path, `${field}Path`);
}

function stringAt(visit: Visit<FailState>, path: string, field: string): string {
  const value: Json = templateValue(field, path, visit.input, templateScope(visit));
  if (typeof value !== 'string')
    throw runtimeFault(`The ${field} parameter does not reference a string: ${path} == ${JSON.stringify(value)}`);
  return value;
}
