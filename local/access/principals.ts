/**
 * Who a resource's policy speaks of: `Principal` and `NotPrincipal`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import type { PolicyDocument, PolicyStatement } from '../cloud-types';
import { listOf } from './conditions';

export type Caller =
  | {
      readonly kind: 'role';
      readonly roleArn: string;
      readonly sessionArn: string;
      readonly accountId: string;
      readonly partition: string;
      readonly bounded: boolean;
    }
  | { readonly kind: 'service'; readonly service: string };

/**
 * How directly a statement names the caller, which decides what else must allow the call.
 * - `session`: the role's session itself, or everybody: an implicit deny elsewhere doesn't matter.
 * - `role`: the role: its permissions boundary still limits it.
 * - `account`: the account: it lets the account's own IAM policies decide.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 */
export type Naming = 'session' | 'role' | 'account';

export type PrincipalTest = (caller: Caller) => Naming | undefined;

export function compilePrincipals(statement: PolicyStatement, region: string): PrincipalTest {
  const names = namesOf(statement.Principal ?? statement.NotPrincipal ?? {}, region);
  if (statement.Principal !== undefined) return (caller) => namings(names, caller, region)[0];

  // Spared is who has account, role and session all listed, and no boundary.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
  return (caller) => {
    const listed = namings(names, caller, region);
    const spared = caller.kind === 'service' ? listed.length > 0 : !caller.bounded && (names.has('*') || listed.length === 3);
    return spared ? undefined : 'session';
  };
}

/** The names of `Principal`, as the policy has them; `NotPrincipal` is one: all but those. */
export function principalsOf({ Principal, NotPrincipal }: PolicyStatement): readonly string[] {
  const names = (element: PolicyStatement['Principal'] = {}) =>
    element === '*' ? ['*'] : Object.values(element).flatMap((values) => listOf(values));
  return NotPrincipal === undefined ? names(Principal) : [`all but ${names(NotPrincipal).join(', ')}`];
}

/** The service principals that a trust policy lets assume its role. */
export function trustedServices(trust: PolicyDocument, region: string): ReadonlySet<string> {
  const services = listOf(trust.Statement).flatMap(({ Effect, Principal }) =>
    Effect === 'Allow' && typeof Principal === 'object' ? listOf(Principal.Service) : [],
  );
  return new Set(services.map((service) => withoutRegion(service, region)));
}

/** The ways in which the names include the caller, the most direct first. */
function namings(names: ReadonlySet<string>, caller: Caller, region: string): readonly Naming[] {
  // `"*"` and `{"AWS": "*"}` are everybody, AWS services as well (S3's notifications have long been let in so).
  if (caller.kind === 'service') return names.has('*') || names.has(withoutRegion(caller.service, region)) ? ['session'] : [];
  const found: Naming[] = [];
  if (names.has('*') || names.has(caller.sessionArn)) found.push('session');
  if (names.has(caller.roleArn)) found.push('role');
  if (names.has(caller.accountId) || names.has(`arn:${caller.partition}:iam::${caller.accountId}:root`)) found.push('account');
  return found;
}

const KINDS: ReadonlySet<string> = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

function namesOf(element: NonNullable<PolicyStatement['Principal']>, region: string): ReadonlySet<string> {
  if (element === '*') return new Set('*');
  const names = new Set<string>();
  for (const [kind, values] of Object.entries(element)) {
    if (!KINDS.has(kind)) throw new Error(`MalformedPolicyDocument: there is no kind of principal "${kind}".`);
    for (const name of listOf(values)) {
      if (name !== '*' && /[*?]/.test(name)) throw new Error(`MalformedPolicyDocument: the principal "${name}" must not have wildcards.`);
      // Federated and canonical users call nothing here; their names match nobody.
      if (kind === 'AWS') names.add(name);
      if (kind === 'Service') names.add(withoutRegion(name, region));
    }
  }
  return names;
}

/** `states.eu-west-1.amazonaws.com` is the service in that region: to us, who live in one region, the same as `states.amazonaws.com`. */
function withoutRegion(service: string, region: string): string {
  return service.replace(`.${region}.amazonaws.com`, '.amazonaws.com');
}
