import { covers } from './judge/glob';
import type { RestrictedRule } from './judge/judge';
import { actorsOf, type Entity, type TrailRecord } from './record';

/** What the guard goes by, as the construct was told. */
export interface GuardRules {
  readonly restrictedActions: readonly RestrictedRule[];
  /** ARNs of roles, users and sessions, with wildcards, or services such as `cloudformation.amazonaws.com`: what they write is reported, not contained. */
  readonly exemptPrincipals: readonly string[];
  /** ARNs of users and roles, with wildcards: what they write is reported apart, and they are never quarantined. */
  readonly breakGlassPrincipals: readonly string[];
}

/** Whether somebody may write what is restricted. */
export function standingOf(record: TrailRecord, rules: GuardRules): 'BREAK_GLASS' | 'EXEMPT' | undefined {
  const actors = actorsOf(record);
  const among = (patterns: readonly string[]) => patterns.some((pattern) => actors.some((actor) => covers(pattern, actor)));
  if (among(rules.breakGlassPrincipals)) return 'BREAK_GLASS';
  return among(rules.exemptPrincipals) ? 'EXEMPT' : undefined;
}

/** Names of users and of roles are unique in an account whatever their path: the path is not looked at. */
export function isBreakGlass({ type, name }: Entity, { breakGlassPrincipals }: GuardRules): boolean {
  return breakGlassPrincipals.some((pattern) => {
    const [kind, ...path] = pattern.split(':').slice(5).join(':').split('/');
    return covers(kind, type.toLowerCase()) && covers(path.at(-1) ?? '*', name);
  });
}
