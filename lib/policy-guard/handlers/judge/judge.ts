/**
 * What a policy document grants of what is restricted. Pure: no AWS, no clock. When in doubt it finds a violation: an approval puts that right,
 * and nothing puts right what was missed.
 */
import { covers, intersects } from './glob';
import { type Condition, MalformedPolicy, type Patterns, parsePolicy, type Statement } from './policy-document';

/** What no policy may grant without a person's approval. */
export interface RestrictedRule {
  /** Such as `iam:PassRole`, or `iam:*` for each of a service. Case does not matter. */
  readonly action: string;
  /** ARNs, with wildcards, that are meant. @default - any resource */
  readonly resources?: readonly string[];
  /** A grant that is limited in one of these ways is no violation. @default - no condition excuses it */
  readonly allowedIf?: readonly AllowedCondition[];
}

/** A condition that excuses: the key is compared with some of these values and nothing else. */
export interface AllowedCondition {
  readonly key: string;
  readonly values: readonly string[];
}

/** A statement that grants what is restricted. */
export interface Finding {
  /** Which statement. */
  readonly statement: string;
  /** What it says, such as `iam:Pass*`, or `all but s3:*`. */
  readonly grants: string;
  /** The rule's action. */
  readonly restricted: string;
  /** On what, as it says. */
  readonly resources: readonly string[];
  /** Whether a condition limits it that no rule accepts. */
  readonly conditional: boolean;
}

export type Verdict =
  | { readonly kind: 'COMPLIANT' }
  | { readonly kind: 'VIOLATION'; readonly findings: readonly Finding[] }
  | { readonly kind: 'MALFORMED'; readonly problem: string };

/** @param text of the document, URL-encoded or not; undefined where there is none */
export function judge(text: string | undefined, rules: readonly RestrictedRule[]): Verdict {
  if (text === undefined) return { kind: 'MALFORMED', problem: 'there is no document' };
  let statements: readonly Statement[];
  try {
    statements = parsePolicy(text);
  } catch (error) {
    if (error instanceof MalformedPolicy) return { kind: 'MALFORMED', problem: error.message };
    throw error;
  }
  const denials = statements.filter(({ effect, conditions }) => effect === 'Deny' && conditions.length === 0);
  const findings = statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) => rules.flatMap((rule) => findIn(statement, rule, denials)));
  return findings.length === 0 ? { kind: 'COMPLIANT' } : { kind: 'VIOLATION', findings };
}

function findIn(statement: Statement, rule: RestrictedRule, denials: readonly Statement[]): Finding[] {
  const { actions, resources, conditions, label } = statement;
  const action = rule.action.toLowerCase();
  const targets = rule.resources ?? ['*'];
  if (conditions.some((condition) => isAllowed(condition, rule.allowedIf ?? []))) return [];
  const reached = granted(withoutVariables(resources, 'Allow'), targets);
  if (reached.length === 0) return [];
  const open = granted(actions, [action]).filter(
    (pattern) =>
      !denials.some(
        (denial) =>
          denies(denial.actions, pattern, [action]) &&
          reached.every((resource) => denies(withoutVariables(denial.resources, 'Deny'), resource, targets)),
      ),
  );
  if (open.length === 0) return [];
  return [
    {
      statement: label,
      grants: actions.negated ? `all but ${actions.texts.join(', ')}` : open.join(', '),
      restricted: rule.action,
      resources: resources.negated ? [`all but ${resources.texts.join(', ')}`] : resources.texts,
      conditional: conditions.length > 0,
    },
  ];
}

/** The patterns that reach one of the targets; `*` for a list of exceptions that leaves something of them. */
function granted({ texts, negated }: Patterns, targets: readonly string[]): string[] {
  if (!negated) return texts.filter((text) => targets.some((target) => intersects(text, target)));
  return targets.some((target) => !texts.some((text) => covers(text, target))) ? ['*'] : [];
}

/** Whether a Deny takes back all that a pattern grants of the targets. */
function denies({ texts, negated }: Patterns, pattern: string, targets: readonly string[]): boolean {
  if (!negated) return texts.some((text) => covers(text, pattern) || targets.every((target) => covers(text, target)));
  return texts.every((text) => !intersects(text, pattern) || targets.every((target) => !intersects(text, target)));
}

const VARIABLE = /\$\{[^}]*\}/g;

/** Nobody knows here what a policy variable stands for. What is granted with one, or excepted from a Deny, may be anything; what is denied, or excepted from a grant, nothing. */
function withoutVariables({ texts, negated }: Patterns, effect: 'Allow' | 'Deny'): Patterns {
  const anything = (effect === 'Allow') !== negated;
  return { negated, texts: texts.map((text) => text.replace(VARIABLE, anything ? '*' : '\0')) };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const LIMITING = ['stringequals', 'stringequalsignorecase', 'stringlike', 'arnequals', 'arnlike', 'bool'];

/** Operators that hold for a missing key, or for none of several values, limit nothing: `…IfExists`, `ForAllValues:…`, the negated ones, `Null`. */
function isAllowed({ operator, key, values }: Condition, allowed: readonly AllowedCondition[]): boolean {
  if (!LIMITING.includes(operator.toLowerCase()) || values.length === 0) return false;
  const ofKey = allowed.filter((one) => one.key.toLowerCase() === key.toLowerCase()).flatMap((one) => one.values);
  return values.every((value) => ofKey.some((one) => covers(one.toLowerCase(), value.toLowerCase().replace(VARIABLE, '*'))));
}
