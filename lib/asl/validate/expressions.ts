import { type IntrinsicArgument, IntrinsicSyntaxError, parseIntrinsic } from '../intrinsics';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { expressionText, isJsonata } from '../jsonata';
import type { Findings } from './diagnostic';
import { pathFault } from './fields';
import { jsonataFaults } from './jsonata-faults';
import type { Surrounding } from './surrounding';

/** Fields that hold other states or are for people only. */
export const NOT_EXPRESSIONS: readonly string[] = ['Branches', 'ItemProcessor', 'Iterator', 'Comment'];

/** Checks every expression of a state: JSONata, or the paths and intrinsic functions of payload templates. */
export function validateExpressions(state: JsonObject, { at, findings, language }: Surrounding): void {
  if (language === 'JSONata') {
    checkFields(state, { at, findings, offered: RESULT_TYPES.includes(state.Type as string) ? [...ALWAYS, 'result'] : ALWAYS });
    return;
  }
  for (const [field, value] of Object.entries(state)) {
    // A Pass state's Result is no template.
    if (NOT_EXPRESSIONS.includes(field) || field === 'Result') continue;
    checkTemplate(value, `${at}/${field}`, findings);
    if (field === 'ErrorPath' || field === 'CausePath') checkTemplateValue(field, value, at, findings);
  }
}

interface Place {
  readonly at: string;
  readonly findings: Findings;
  /** What `$states` has in `Output` and `Assign`. */
  readonly offered: readonly string[];
}

const ALWAYS: readonly string[] = ['input', 'context'];
const RESULT_TYPES = ['Task', 'Parallel', 'Map'];
const TEXTS = [...NOT_EXPRESSIONS, 'CSVHeaders', 'Default', 'ErrorEquals', 'Next', 'QueryLanguage', 'Resource', 'Type'];
/** Fields with fields of their own. The others have data, whose keys mean nothing. */
const STRUCTURES = ['Catch', 'Choices', 'ItemBatcher', 'ItemReader', 'ReaderConfig', 'ResultWriter', 'Retry', 'WriterConfig'];

/** Of a state, a catcher, a rule and so on. */
function checkFields(value: JsonObject, { at, findings, offered }: Place): void {
  for (const [field, item] of Object.entries(value)) {
    const where = `${at}/${field}`;
    if (STRUCTURES.includes(field)) {
      const inner = field === 'Catch' ? [...ALWAYS, 'errorOutput'] : ALWAYS;
      const entries: [string, Json][] = Array.isArray(item) ? item.map((entry, i) => [`${where}[${i}]`, entry]) : [[where, item]];
      for (const [place, entry] of entries) if (isObject(entry)) checkFields(entry, { at: place, findings, offered: inner });
    } else if (!TEXTS.includes(field)) {
      checkJsonata(item, { at: where, findings, offered: field === 'Output' || field === 'Assign' ? offered : ALWAYS });
    }
  }
}

function checkJsonata(value: Json, { at, findings, offered }: Place): void {
  if (isJsonata(value)) {
    for (const { code, message } of jsonataFaults(expressionText(value), offered)) findings.error(at, message, code);
  } else if (typeof value === 'string') {
    if (value.startsWith('{%')) findings.error(at, 'JSONata string must start with {% and end with %}');
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) checkJsonata(item, { at: `${at}[${i}]`, findings, offered });
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) checkJsonata(item, { at: `${at}/${key}`, findings, offered });
  }
}

function checkTemplate(value: Json, at: string, findings: Findings): void {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) checkTemplate(item, `${at}[${i}]`, findings);
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (key.endsWith('.$')) checkTemplateValue(key, item, at, findings);
    else checkTemplate(item, `${at}/${key}`, findings);
  }
}

function checkTemplateValue(key: string, value: Json, at: string, findings: Findings): void {
  const fault = typeof value === 'string' ? templateFault(value) : 'it is no text';
  if (fault) findings.error(`${at}/${key}`, `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
}

function templateFault(text: string): string | undefined {
  if (text.startsWith('$')) return pathFault(text);
  try {
    return parseIntrinsic(text)
      .arguments.map(argumentFault)
      .find((fault) => fault !== undefined);
  } catch (error) {
    if (error instanceof IntrinsicSyntaxError) return error.message;
    throw error;
  }
}

function argumentFault(argument: IntrinsicArgument): string | undefined {
  if ('path' in argument) return pathFault(argument.path);
  return 'name' in argument ? argument.arguments.map(argumentFault).find((fault) => fault !== undefined) : undefined;
}
