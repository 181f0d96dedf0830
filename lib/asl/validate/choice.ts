import { COMPARISONS, TYPE_TESTS } from '../comparisons';
import type { Json, JsonObject } from '../json';
import { isObject } from '../json';
import { isJsonata } from '../jsonata';
import {
  anything,
  bool,
  type Check,
  checkFields,
  EMPTY,
  exactlyOne,
  type Fields,
  list,
  number,
  object,
  otherLanguage,
  path,
  requireFields,
  text,
  timestamp,
} from './fields';
import type { Surrounding } from './surrounding';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
export function validateChoices(state: JsonObject, surrounding: Surrounding): void {
  const { at, findings, language } = surrounding;
  const { Choices } = state;
  if (!Array.isArray(Choices)) return;
  if (Choices.length === 0) findings.error(`${at}/Choices`, EMPTY);
  for (const [i, rule] of Choices.entries()) {
    const where = `${at}/Choices[${i}]`;
    if (!isObject(rule)) findings.error(where, 'Expected value of type Object');
    else if (language === 'JSONata') validateCondition(rule, { ...surrounding, at: where });
    else validateComparison(rule, true, { ...surrounding, at: where });
  }
}

const CONDITION: Check = (value) =>
  typeof value === 'boolean' || isJsonata(value) ? undefined : 'Expected a boolean or a JSONata expression';
const CONDITION_RULE: Fields = { Comment: text, Condition: CONDITION, Next: text, Assign: object, Output: anything };

function validateCondition(rule: JsonObject, { at, findings }: Surrounding): void {
  if (Object.hasOwn(rule, 'Variable')) {
    findings.error(at, otherLanguage('Variable', 'JSONata'));
    return;
  }
  checkFields(rule, CONDITION_RULE, 'JSONata', at, findings);
  requireFields(rule, ['Condition', 'Next'], at, findings);
}

const TOP: Fields = { Next: text, Assign: object };
const NESTED: Fields = { Comment: text };
const SELECTORS = ['And', 'Or', 'Not', 'Variable', 'Condition'];

function validateComparison(rule: JsonObject, top: boolean, surrounding: Surrounding): void {
  const { at, findings, language } = surrounding;
  const common = top ? { ...NESTED, ...TOP } : NESTED;
  if (top) requireFields(rule, ['Next'], at, findings);
  const selectors = SELECTORS.filter((name) => Object.hasOwn(rule, name));
  if (selectors.length !== 1) {
    findings.error(at, `The object must have only one of the following fields, [${SELECTORS.join(', ')}]`);
    return;
  }
  const [operator] = selectors;
  if (operator === 'Condition') {
    findings.error(at, otherLanguage('Condition', language));
    return;
  }
  if (operator !== 'Variable') {
    checkFields(rule, { ...common, [operator]: operator === 'Not' ? object : list }, language, at, findings);
    validateOperands(rule[operator], { ...surrounding, at: `${at}/${operator}` });
    return;
  }
  exactlyOne(rule, COMPARISONS, at, findings);
  const compared = Object.fromEntries(COMPARISONS.map((name) => [name, comparedWith(name)]));
  checkFields(rule, { ...common, Variable: path, ...compared }, language, at, findings);
}

function validateOperands(operands: Json, surrounding: Surrounding): void {
  if (isObject(operands)) validateComparison(operands, false, surrounding);
  if (!Array.isArray(operands)) return;
  if (operands.length === 0) surrounding.findings.error(surrounding.at, EMPTY);
  for (const [i, operand] of operands.entries()) {
    const at = `${surrounding.at}[${i}]`;
    if (isObject(operand)) validateComparison(operand, false, { ...surrounding, at });
    else surrounding.findings.error(at, 'Expected value of type Object');
  }
}

function comparedWith(name: string): Check {
  if (name.endsWith('Path')) return path;
  if (name === 'BooleanEquals' || TYPE_TESTS.includes(name)) return bool;
  if (name.startsWith('Numeric')) return number(-Number.MAX_VALUE, Number.MAX_VALUE);
  return name.startsWith('Timestamp') ? timestamp : text;
}
