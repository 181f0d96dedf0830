import type { GuardRules } from '../../lib/policy-guard/handlers/guard-rules';
import type { RestrictedRule } from '../../lib/policy-guard/handlers/judge/judge';
import type { Assembly } from '../../local/assembly/types';
import { UsageError } from '../commands/usage-error';

export interface GuardConfig {
  readonly rules: GuardRules;
  /** Principals that nobody knows before the stack is deployed. */
  readonly unknownPrincipals: number;
}

/** `guard.json`: `{ restrictedActions, exemptPrincipals?, breakGlassPrincipals? }`, each restricted action a text or `{ action, resources?, allowedIf? }`. */
export function configFrom(json: unknown, name: string): GuardConfig {
  const refuse = (what: string): never => {
    throw new UsageError(`${name}: ${what}`);
  };
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse('it is no object');
  const { restrictedActions, exemptPrincipals = [], breakGlassPrincipals = [], ...other } = json as Record<string, unknown>;
  const [unknown] = Object.keys(other);
  if (unknown !== undefined) refuse(`'${unknown}' is not known: restrictedActions, exemptPrincipals and breakGlassPrincipals are`);
  if (!Array.isArray(restrictedActions) || restrictedActions.length === 0)
    return refuse('restrictedActions has to be a list of one action at least');
  for (const [list, value] of Object.entries({ exemptPrincipals, breakGlassPrincipals })) {
    if (!isTexts(value)) refuse(`${list} has to be a list of texts`);
  }
  const rules = restrictedActions.map((action): RestrictedRule => {
    const rule = typeof action === 'string' ? { action } : action;
    if (!/^[\w-]+:[\w*?]+$/.test(String(rule?.action))) refuse(`${JSON.stringify(action)} is no restricted action such as 'iam:PassRole'`);
    const { resources, allowedIf } = rule;
    if (resources !== undefined && !(isTexts(resources) && resources.length > 0))
      refuse(`resources of '${rule.action}' has to be a list of texts`);
    const conditions = Array.isArray(allowedIf) ? allowedIf : Object.entries(allowedIf ?? {}).map(([key, values]) => ({ key, values }));
    for (const { key, values } of conditions) {
      if (typeof key !== 'string' || !isTexts(values)) refuse(`allowedIf of '${rule.action}' has to have lists of texts by condition key`);
    }
    return { action: rule.action, resources, allowedIf: conditions };
  });
  return {
    rules: {
      restrictedActions: rules,
      exemptPrincipals: exemptPrincipals as string[],
      breakGlassPrincipals: breakGlassPrincipals as string[],
    },
    unknownPrincipals: 0,
  };
}

/** The guard of an app, by the environment of its function. */
export function configOf(assembly: Assembly): GuardConfig {
  const found = assembly.stacks.flatMap(({ template }) =>
    Object.values<Resource>(template.Resources ?? {}).flatMap(({ Type, Properties }) => {
      const text = Type === 'AWS::Lambda::Function' ? Properties?.Environment?.Variables?.GUARD_RULES : undefined;
      return text === undefined ? [] : [literal(text)];
    }),
  );
  if (found.length !== 1) {
    throw new UsageError(
      `the app has ${found.length === 0 ? 'no PolicyGuard' : `${found.length} of PolicyGuard`}: give --config guard.json`,
    );
  }
  const { rules } = configFrom(JSON.parse(found[0]), 'the PolicyGuard of the app');
  const known = (principals: readonly string[]) => principals.filter((principal) => !principal.includes(REFERENCE));
  const exemptPrincipals = known(rules.exemptPrincipals);
  const breakGlassPrincipals = known(rules.breakGlassPrincipals);
  const all = rules.exemptPrincipals.length + rules.breakGlassPrincipals.length;
  return {
    rules: { ...rules, exemptPrincipals, breakGlassPrincipals },
    unknownPrincipals: all - exemptPrincipals.length - breakGlassPrincipals.length,
  };
}

interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  readonly Properties?: any;
}

/** In the place of what only a deployed stack knows. */
const REFERENCE = '<reference>';

function literal(text: unknown): string {
  if (typeof text === 'string') return text;
  const [separator, parts] = (text as { readonly 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? ['', []];
  return parts.map((part) => (typeof part === 'string' ? part : REFERENCE)).join(separator);
}

const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');
