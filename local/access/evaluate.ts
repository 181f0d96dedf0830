/**
 * AWS's decision, from compiled policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
import { applies, type Call, type Statement } from './policy-document';
import type { Caller, Naming } from './principals';

export interface Policies {
  readonly identity: readonly Statement[];
  /** Absent where the role has none. */
  readonly boundary?: readonly Statement[];
  /** Of the resource; a role's trust policy is one. */
  readonly resource: readonly Statement[];
  /** Managed policies whose text isn't known. */
  readonly unknown: readonly string[];
}

export type PolicyType = 'identity-based policy' | 'resource-based policy' | 'permissions boundary';

export type Verdict =
  | { readonly allowed: true; readonly identity: readonly Statement[]; readonly resource: readonly Statement[] }
  | { readonly allowed: false; readonly explicit: boolean; readonly by: PolicyType };

export interface Circumstances {
  /** KMS keys and roles: the resource's policy must agree, by naming the role or by leaving it to the account. */
  readonly resourceMustAgree: boolean;
  /** Then both sides must allow. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html */
  readonly crossAccount: boolean;
}

export function evaluate(caller: Caller, call: Call, policies: Policies, { resourceMustAgree, crossAccount }: Circumstances): Verdict {
  const identity = policies.identity.filter((statement) => applies(statement, call));
  const resource = policies.resource.filter((statement) => statement.principal?.(caller) !== undefined && applies(statement, call));
  const boundary = policies.boundary?.filter((statement) => applies(statement, call));

  if (identity.some(denies)) return explicitDeny('identity-based policy');
  if (resource.some(denies)) return explicitDeny('resource-based policy');
  if (boundary?.some(denies)) return explicitDeny('permissions boundary');

  const verdict: Verdict = { allowed: true, identity: identity.filter(allows), resource: resource.filter(allows) };
  const named = mostDirect(verdict.resource, caller);
  // No service goes without one. What needs none (SNS to a mail address, a service with a role of its own) asks nothing here as a service.
  if (caller.kind === 'service') return named ? verdict : implicitDeny('resource-based policy');

  const needsIdentity = crossAccount || named === undefined || named === 'account';
  if (needsIdentity && verdict.identity.length === 0) {
    if (policies.unknown.length > 0) {
      throw new Error(`The managed policy ${policies.unknown.join(', ')} isn't known to the local runner, and ${call.action} needs it.`);
    }
    return implicitDeny('identity-based policy');
  }
  if ((resourceMustAgree || crossAccount) && named === undefined) return implicitDeny('resource-based policy');
  if ((needsIdentity || named === 'role') && boundary !== undefined && !boundary.some(allows)) return implicitDeny('permissions boundary');
  return verdict;
}

const denies = (statement: Statement) => statement.effect === 'Deny';
const allows = (statement: Statement) => statement.effect === 'Allow';
const explicitDeny = (by: PolicyType): Verdict => ({ allowed: false, explicit: true, by });
const implicitDeny = (by: PolicyType): Verdict => ({ allowed: false, explicit: false, by });

function mostDirect(statements: readonly Statement[], caller: Caller): Naming | undefined {
  const namings = statements.map((statement) => statement.principal?.(caller));
  return (['session', 'role', 'account'] as const).find((naming) => namings.includes(naming));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialMessage(user: string, action: string, resource: string, denial: { explicit: boolean; by: PolicyType }): string {
  const article = denial.by === 'identity-based policy' ? 'an' : 'a';
  const why = denial.explicit ? `with an explicit deny in ${article} ${denial.by}` : `because no ${denial.by} allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
