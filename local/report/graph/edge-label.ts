import type { Catcher, ChoiceRule } from '../../../lib/asl/definition';
import { expressionText, isJsonata } from '../../../lib/asl/jsonata';

export interface EdgeLabel {
  /** What is drawn. */
  readonly short: string;
  /** What is told to who points at it. */
  readonly full: string;
}

export const OTHERWISE: EdgeLabel = { short: 'otherwise', full: 'otherwise' };

/** Beyond this a condition explains nothing in a picture. */
const LONGEST = 56;

/** A rule's comment, else its condition, else its number where the condition is long. */
export function choiceLabel(rule: ChoiceRule, index: number, rules: number): EdgeLabel {
  const full = condition(rule);
  const comment = typeof rule.Comment === 'string' && rule.Comment !== '' ? rule.Comment : undefined;
  if (comment !== undefined && comment.length <= LONGEST) return { short: comment, full };
  if (full.length <= LONGEST) return { short: full, full };
  return { short: rules === 1 ? 'condition' : `condition ${index + 1}`, full };
}

export function catchLabel({ Comment, ErrorEquals }: Catcher): EdgeLabel {
  const full = ErrorEquals.map((name) => (name === 'States.ALL' ? 'any error' : name)).join(', ');
  if (Comment && Comment.length <= LONGEST) return { short: Comment, full };
  const [first, second, ...others] = ErrorEquals.map((name) => (name === 'States.ALL' ? 'any error' : name.replace(/^States\./, '')));
  const names = [first, second].filter((name) => name !== undefined).join(', ');
  return { short: others.length > 0 ? `${names}, ${others.length} more` : names, full };
}

const OPERATORS: Readonly<Record<string, string>> = {
  Equals: '=',
  LessThan: '<',
  LessThanEquals: '≤',
  GreaterThan: '>',
  GreaterThanEquals: '≥',
  Matches: 'is like',
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html */
function condition(rule: ChoiceRule): string {
  const { And, Or, Not, Condition, Variable } = rule;
  if (Condition !== undefined) return isJsonata(Condition) ? plain(expressionText(Condition)) : String(Condition);
  if (And) return And.map((inner) => bracketed(inner)).join(' and ');
  if (Or) return Or.map((inner) => bracketed(inner)).join(' or ');
  if (Not) return `not ${bracketed(Not)}`;
  const comparison = Object.keys(rule).find((key) => !['Variable', 'Next', 'Comment', 'Assign', 'Output'].includes(key)) ?? '';
  const subject = String(Variable ?? '').replace(/^\$\./, '');
  const operand = rule[comparison];
  if (comparison.startsWith('Is')) return `${subject} is ${operand === false ? 'not ' : ''}${comparison.slice(2).toLowerCase()}`;
  const [, operator, path] = /^(?:String|Numeric|Boolean|Timestamp)(\w+?)(Path)?$/.exec(comparison) ?? [];
  const value = path ? String(operand).replace(/^\$\./, '') : JSON.stringify(operand);
  return `${subject} ${OPERATORS[operator] ?? comparison} ${value}`;
}

function bracketed(rule: ChoiceRule): string {
  return rule.And || rule.Or ? `(${condition(rule)})` : condition(rule);
}

/** An expression as a reader of the picture wants it: of the input, in one line. */
function plain(expression: string): string {
  return expression.replaceAll('$states.input.', '').replace(/\s+/g, ' ').trim();
}
