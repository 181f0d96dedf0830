import { COMPARISONS } from '../../../lib/asl/comparisons';
import type { ChoiceRule, ChoiceState } from '../../../lib/asl/definition';
import type { Json } from '../../../lib/asl/json';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';
import { assign, effectiveInput, jsonataOutput, objectTemplate, pathScope, query } from '../data/flow';
import { expectType } from '../data/jsonata';
import { inputOrOutputPath, isPathError, resolvePath } from '../data/paths';
import { runtimeFault, type StateFault } from '../errors';
import type { Awaitable, Outcome, Visit } from '../visit';
import { compare } from './comparison';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
export function runChoice(visit: Visit<ChoiceState>): Awaitable<Outcome> {
  return visit.language === 'JSONata' ? byCondition(visit) : byComparison(visit);
}

/** A rule's own Output and Assign count where it matches, the state's where Default is taken. */
async function byCondition(visit: Visit<ChoiceState>): Promise<Outcome> {
  for (const [i, rule] of visit.state.Choices.entries()) {
    const location = `Choices[${i}]/Condition`;
    const value = await query(visit, rule.Condition ?? null, location);
    const text = isJsonata(rule.Condition) ? expressionText(rule.Condition) : String(rule.Condition);
    expectType('boolean', value, text, location);
    if (value) return outcome(visit, rule, rule.Next, `Choices[${i}]/`);
  }
  return outcome(visit, visit.state, defaultNext(visit), '');
}

async function outcome(
  visit: Visit<ChoiceState>,
  of: Pick<ChoiceRule, 'Output' | 'Assign'>,
  next: string | undefined,
  at: string,
): Promise<Outcome> {
  const output = await jsonataOutput(visit, of.Output, {}, visit.input, `${at}Output`);
  return { output, next, assigned: await assign(visit, of.Assign, {}, `${at}Assign`) };
}

function byComparison(visit: Visit<ChoiceState>): Outcome {
  const { state } = visit;
  const input = effectiveInput(visit);
  const rule = state.Choices.find((r) => holds(r, input, visit));
  const assign = rule ? rule.Assign : state.Assign;
  return {
    output: inputOrOutputPath(state.OutputPath, input, pathScope(visit)),
    next: rule ? rule.Next : defaultNext(visit),
    assigned: assign && objectTemplate(assign, input, visit),
  };
}

function defaultNext(visit: Visit<ChoiceState>): string {
  const next = visit.state.Default;
  if (next !== undefined) return next;
  // AWS's documentation has States.NoChoiceMatched for it; this is what it answers.
  throw runtimeFault('Failed to transition out of the state. The state does not point to a next state.');
}

function holds(rule: ChoiceRule, input: Json, visit: Visit): boolean {
  if (rule.And) return rule.And.every((r) => holds(r, input, visit));
  if (rule.Or) return rule.Or.some((r) => holds(r, input, visit));
  if (rule.Not) return !holds(rule.Not, input, visit);
  const operator = Object.keys(rule).find((key) => COMPARISONS.includes(key));
  if (!operator || typeof rule.Variable !== 'string')
    throw runtimeFault(`A choice rule needs Variable and a comparison, got ${JSON.stringify(rule)}.`);
  const actual = variable(rule.Variable, input, visit);
  if (operator === 'IsPresent') return (actual !== undefined) === rule.IsPresent;
  if (actual === undefined) throw invalidPath(rule.Variable);
  return compare(operator, actual, expected(rule, operator, input, visit));
}

/** Undefined where the path leads nowhere. */
function variable(path: string, input: Json, visit: Visit): Json | undefined {
  try {
    return resolvePath(path, input, pathScope(visit));
  } catch (error) {
    if (isPathError(error)) return undefined;
    throw error;
  }
}

function expected(rule: ChoiceRule, operator: string, input: Json, visit: Visit): Json {
  const given = rule[operator] as Json;
  if (!operator.endsWith('Path')) return given;
  const value = variable(String(given), input, visit);
  if (value === undefined) throw invalidPath(String(given));
  return value;
}

function invalidPath(path: string): StateFault {
  return runtimeFault(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}
