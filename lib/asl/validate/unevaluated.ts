import { isObject, type Json, type JsonObject } from '../json';
import type { Findings } from './diagnostic';
import { NOT_EXPRESSIONS } from './expressions';

const PATH = /^\$\$?(?:[.[]|$)/;
const INTRINSIC = /^States\.[A-Za-z0-9]+\(.*\)$/s;

/** Fields whose values are payload templates. */
const TEMPLATES = ['Assign', 'BatchInput', 'Credentials', 'ItemSelector', 'Parameters', 'ResultSelector'];

/** Takes a path, whatever its name. */
const VARIABLE = 'Variable';

/**
 * Warns of what looks as if a JSONPath state would evaluate it, and stands for itself. The words are ours: AWS gives the codes only.
 * Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
 */
export function warnOfUnevaluated(state: JsonObject, at: string, findings: Findings): void {
  const fields = Object.entries(state).filter(([field]) => !NOT_EXPRESSIONS.includes(field));
  for (const [field, value] of fields) {
    const where = `${at}/${field}`;
    if (field === 'Result') warnOfResult(value, where, findings);
    else if (TEMPLATES.includes(field)) warnOfTemplate(value, where, findings);
    else if (Array.isArray(value)) {
      for (const [i, item] of value.entries()) if (isObject(item)) warnOfUnevaluated(item, `${where}[${i}]`, findings);
    } else if (isObject(value)) warnOfUnevaluated(value, where, findings);
    else if (typeof value === 'string' && PATH.test(value) && !field.endsWith('Path') && field !== VARIABLE) {
      findings.warning(where, `The text '${value}' looks like a path and is none: the name of the field does not end in 'Path'`, 'NO_PATH');
    }
  }
}

function warnOfTemplate(value: Json, at: string, findings: Findings): void {
  for (const [key, text, where] of members(value, at)) {
    if (key.endsWith('.$') || !(PATH.test(text) || INTRINSIC.test(text))) continue;
    findings.warning(where, `The text '${text}' is not evaluated: the name of the field does not end in '.$'`, 'NO_DOLLAR');
  }
}

function warnOfResult(value: Json, at: string, findings: Findings): void {
  for (const [, text, where] of members(value, at)) {
    if (PATH.test(text))
      findings.warning(where, `The text '${text}' is not evaluated: a Pass state's Result is static`, 'PASS_RESULT_IS_STATIC');
  }
}

/** All texts in a value: the name of the field that each stands in, the text and its place. */
function* members(value: Json, at: string, key = ''): Iterable<[string, string, string]> {
  if (typeof value === 'string') yield [key, value, at];
  else if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* members(item, `${at}[${i}]`, key);
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) yield* members(item, `${at}/${name}`, name);
}
