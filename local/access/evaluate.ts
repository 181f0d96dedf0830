/**
 * AWS's decision, from compiled policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
import { applies, type Call, type Statement } from './policy-document';
import type { Caller, Naming } from './principals';
import type { PolicyType } from './types';

export interface Policies {
  readonly identity: readonly Statement[];
  /** What allows nothing by itself: an implicit deny in one of them is a denial. */
  readonly limits: readonly Limit[];
  /** Of the resource; a role's trust policy is one. */
  readonly resource: readonly Statement[];
  /** Of the KMS key: what allows its grantee the call, whatever policies are silent on. */
  readonly grants: readonly Statement[];
  /** Managed policies whose text isn't known. */
  readonly unknown: readonly string[];
}

export interface Limit {
  readonly type: 'permissions boundary' | 'session policy';
  readonly statements: readonly Statement[];
}

export type Verdict = Allowed | Denial;

/** With the statements that allow it. */
export interface Allowed {
  readonly allowed: true;
  readonly identity: readonly Statement[];
  readonly resource: readonly Statement[];
}

export interface Denial {
  readonly allowed: false;
  readonly by: PolicyType;
  /** The statement that denies it explicitly. */
  readonly statement?: Statement;
}

export interface Circumstances {
  /** KMS keys and roles: the resource's policy must agree, by naming the role or by leaving it to the account. */
  readonly resourceMustAgree: boolean;
  /** Then both sides must allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html */
  readonly crossAccount: boolean;
}

export function evaluate(caller: Caller, call: Call, policies: Policies, { resourceMustAgree, crossAccount }: Circumstances): Verdict {
  const identity = policies.identity.filter((statement) => applies(statement, call));
  const speaksOfIt = (statement: Statement) => statement.principal?.(caller) !== undefined && applies(statement, call);
  const resource = policies.resource.filter(speaksOfIt);
  const grants = policies.grants.filter(speaksOfIt);
  const limits = policies.limits.map(({ type, statements }) => ({ type, statements: statements.filter((one) => applies(one, call)) }));

  const everything: readonly { readonly type: PolicyType; readonly statements: readonly Statement[] }[] = [
    { type: 'identity-based policy', statements: identity },
    { type: 'resource-based policy', statements: resource },
    ...limits,
  ];
  for (const { type, statements } of everything) {
    const statement = statements.find(denies);
    if (statement) return { allowed: false, by: type, statement };
  }

  const verdict: Verdict = { allowed: true, identity: identity.filter(allows), resource: [...grants, ...resource.filter(allows)] };
  const named = mostDirect(verdict.resource, caller);
  // No service goes without one. What needs none (SNS to a mail address, a service with a role of its own) asks nothing here as a service.
  if (caller.kind === 'service') return named ? verdict : implicitDeny('resource-based policy');

  // To its grantee a grant is enough, in another account too (a service-linked role has no permissions on keys at all).
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
  const granted = mostDirect(grants, caller);
  const isGrantee = granted === 'session' || granted === 'role';
  const needsIdentity = (crossAccount && !isGrantee) || named === undefined || named === 'account';
  if (needsIdentity && verdict.identity.length === 0) {
    if (policies.unknown.length > 0) {
      throw new Error(`The managed policy ${policies.unknown.join(', ')} isn't known to the local runner, and ${call.action} needs it.`);
    }
    return implicitDeny('identity-based policy');
  }
  if ((resourceMustAgree || crossAccount) && named === undefined) return implicitDeny('resource-based policy');
  if (needsIdentity || named === 'role') {
    const limit = limits.find(({ statements }) => !statements.some(allows));
    if (limit) return implicitDeny(limit.type);
  }
  return verdict;
}

const denies = (statement: Statement) => statement.effect === 'Deny';
const allows = (statement: Statement) => statement.effect === 'Allow';
const implicitDeny = (by: PolicyType): Denial => ({ allowed: false, by });

function mostDirect(statements: readonly Statement[], caller: Caller): Naming | undefined {
  const namings = statements.map((statement) => statement.principal?.(caller));
  return (['session', 'role', 'account'] as const).find((naming) => namings.includes(naming));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialMessage(user: string, action: string, resource: string, { by, statement }: Denial): string {
  const article = by === 'identity-based policy' ? 'an' : 'a';
  const why = statement ? `with an explicit deny in ${article} ${by}` : `because no ${by} allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
