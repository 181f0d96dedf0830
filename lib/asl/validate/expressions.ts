import { type IntrinsicArgument, IntrinsicSyntaxError, parseIntrinsic } from '../intrinsics';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { expressionText, isJsonata, parseJsonata } from '../jsonata';
import type { Findings } from './diagnostic';
import { pathFault } from './fields';
import type { Surrounding } from './workflow';

/** Fields that hold other states or are for people only. */
export const NOT_EXPRESSIONS: readonly string[] = ['Branches', 'ItemProcessor', 'Iterator', 'Comment'];

/** Checks that every expression of a state parses: JSONata, or the paths and intrinsic functions of payload templates. */
export function validateExpressions(state: JsonObject, { at, findings, language }: Surrounding): void {
  for (const [field, value] of Object.entries(state)) {
    if (NOT_EXPRESSIONS.includes(field)) continue;
    if (language === 'JSONata') checkJsonata(value, `${at}/${field}`, findings);
    // A Pass state's Result is no template.
    else if (field !== 'Result') checkTemplate(value, `${at}/${field}`, findings);
    if (language === 'JSONPath' && (field === 'ErrorPath' || field === 'CausePath')) checkTemplateValue(field, value, at, findings);
  }
}

function checkJsonata(value: Json, at: string, findings: Findings): void {
  if (isJsonata(value)) {
    const fault = jsonataFault(expressionText(value));
    if (fault) findings.error(at, `Invalid JSONata expression ${value}: ${fault}`);
  } else if (Array.isArray(value)) for (const [i, item] of value.entries()) checkJsonata(item, `${at}[${i}]`, findings);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) checkJsonata(item, `${at}/${key}`, findings);
}

function jsonataFault(text: string): string | undefined {
  try {
    parseJsonata(text);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return code ? `${code}: ${message}` : message;
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
