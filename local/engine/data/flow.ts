/** The data flow that states share: from their input to their work's, and from its result to their output. */
import type { Json, JsonObject } from '../../../lib/asl/json';
import { isObject } from '../../../lib/asl/json';
import { runtimeFault } from '../errors';
import type { Awaitable, Outcome, Visit } from '../visit';
import type { TemplateScope } from './intrinsics';
import { evaluateTemplate, type QueryScope } from './jsonata';
import { applyResultPath, inputOrOutputPath, type PathScope } from './paths';
import { payloadTemplate } from './payload-template';

export function pathScope(visit: Visit): PathScope {
  return { context: visit.context, variables: visit.variables };
}

export function templateScope(visit: Visit): TemplateScope {
  return { ...pathScope(visit), random: visit.branch.run.surroundings.options.random };
}

/** What a JSONata expression of a state sees; `extra` adds `result` or `errorOutput`. */
export function queryScope(visit: Visit, extra: { readonly result?: Json; readonly errorOutput?: Json } = {}): QueryScope {
  const { clock, random } = visit.branch.run.surroundings.options;
  return { states: { input: visit.input, context: visit.context, ...extra }, variables: visit.variables.all(), now: clock.now(), random };
}

/** Evaluates a field of a JSONata state. */
export function query(
  visit: Visit,
  value: Json,
  location: string,
  extra?: { readonly result?: Json; readonly errorOutput?: Json },
): Promise<Json> {
  return evaluateTemplate(value, location, queryScope(visit, extra));
}

/** The input after InputPath; a JSONata state takes it as it is. */
export function effectiveInput(visit: Visit): Json {
  if (visit.language === 'JSONata') return visit.input;
  const input = inputOrOutputPath(visit.state.InputPath, visit.input, pathScope(visit));
  visit.inspect?.('afterInputPath', input);
  return input;
}

/** What a state gives to its work: Arguments, or Parameters on the effective input. */
export function workInput(visit: Visit): Awaitable<Json> {
  return visit.language === 'JSONata' ? queriedArguments(visit) : selectedParameters(visit);
}

async function queriedArguments(visit: Visit): Promise<Json> {
  const given = 'Arguments' in visit.state ? visit.state.Arguments : undefined;
  const input = given === undefined ? visit.input : await query(visit, given, 'Arguments');
  visit.inspect?.('afterArguments', input);
  return input;
}

/** InputPath and Parameters of a JSONPath state. */
export function selectedParameters(visit: Visit): Json {
  const { state } = visit;
  const input = effectiveInput(visit);
  const template = 'Parameters' in state ? state.Parameters : undefined;
  const parameters = template === undefined ? input : payloadTemplate(template, input, templateScope(visit));
  visit.inspect?.('afterParameters', parameters);
  return parameters;
}

/** From the result of a state's work to its outcome: ResultSelector, Assign, ResultPath and OutputPath, or Output and Assign. */
export function fromResult(visit: Visit, result: Json): Awaitable<Outcome> {
  const { state } = visit;
  if (visit.language === 'JSONata') return queriedOutcome(visit, { result }, result, state.Next);
  const selector = 'ResultSelector' in state ? state.ResultSelector : undefined;
  const selected = selector === undefined ? result : payloadTemplate(selector, result, templateScope(visit));
  visit.inspect?.('afterResultSelector', selected);
  const assigned = state.Assign && objectTemplate(state.Assign, selected, visit);
  const combined = applyResultPath('ResultPath' in state ? state.ResultPath : undefined, visit.input, selected);
  visit.inspect?.('afterResultPath', combined);
  return { output: inputOrOutputPath(state.OutputPath, combined, pathScope(visit)), next: state.Next, assigned };
}

/** The outcome of a state that passes its input on: Wait, Choice, Succeed. */
export function fromInput(visit: Visit, next: string | undefined): Awaitable<Outcome> {
  const { state } = visit;
  if (visit.language === 'JSONata') return queriedOutcome(visit, {}, visit.input, next);
  const input = effectiveInput(visit);
  const assigned = state.Assign && objectTemplate(state.Assign, input, visit);
  return { output: inputOrOutputPath(state.OutputPath, input, pathScope(visit)), next, assigned };
}

/** Output and Assign see the variables as they were. */
async function queriedOutcome(visit: Visit, extra: Extra, otherwise: Json, next: string | undefined): Promise<Outcome> {
  const output = await jsonataOutput(visit, visit.state.Output, extra, otherwise, 'Output');
  return { output, next, assigned: await assign(visit, visit.state.Assign, extra, 'Assign') };
}

export function objectTemplate(template: JsonObject, data: Json, visit: Visit): JsonObject {
  return payloadTemplate(template, data, templateScope(visit)) as JsonObject;
}

type Extra = { readonly result?: Json; readonly errorOutput?: Json };

export async function jsonataOutput(
  visit: Visit,
  output: Json | undefined,
  extra: Extra,
  otherwise: Json,
  location: string,
): Promise<Json> {
  return output === undefined ? otherwise : query(visit, output, location, extra);
}

export async function assign(visit: Visit, values: Json | undefined, extra: Extra, location: string): Promise<JsonObject | undefined> {
  if (values === undefined) return undefined;
  const assigned = await query(visit, values, location, extra);
  if (!isObject(assigned)) throw runtimeFault(`${location} must be an object of variables, got ${JSON.stringify(assigned)}`);
  return assigned;
}
