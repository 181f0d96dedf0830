/** IAM: decides each call by the synthesized policies, and keeps the account of it. */
import type { Principal } from '../cloud-types';
import { lookupIn } from './conditions';
import { accountOf, requestContext } from './context';
import { denialMessage, evaluate, type Policies } from './evaluate';
import { keyOf, Ledger } from './ledger';
import type { Call } from './policy-document';
import type { Caller } from './principals';
import { Resources } from './resources';
import { Roles, roleName } from './roles';
import { isServiceSide } from './service-side';
import type { Access } from './types';

export { type ServiceSidePermission, serviceSidePermissions } from './service-side';
export type { Access, Decision, DeniedCall, RoleDefinition, UnusedPermission, UsedPermission } from './types';

export interface AccessOptions {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /** For `aws:CurrentTime`, in milliseconds since 1970. */
  readonly now?: () => number;
}

export function createAccess({ accountId, region, partition, now = Date.now }: AccessOptions): Access {
  const roles = new Roles(region);
  const resources = new Resources(region, accountId);
  const ledger = new Ledger();
  const takenAway = new Set<string>();

  /** Who calls: as policies name it, as reports name it, as AWS's sentence names it, and with what. */
  function identify(principal: Exclude<Principal, { kind: 'operator' }>) {
    if (principal.kind === 'service') {
      const caller: Caller = { kind: 'service', service: principal.service };
      return { caller, name: principal.service, user: principal.service, statementsOn: () => [], boundary: undefined, unknown: [] };
    }
    const { arn } = principal;
    const role = roles.get(arn);
    const roleAccount = accountOf(arn) ?? accountId;
    const sessionArn = `arn:${partition}:sts::${roleAccount}:assumed-role/${roleName(arn)}/${principal.session ?? 'session'}`;
    const policies = roles.policiesOf(role);
    const bounded = policies.boundary !== undefined;
    const caller: Caller = { kind: 'role', roleArn: arn, sessionArn, accountId: roleAccount, partition, bounded };
    return { caller, name: role.name, user: sessionArn, ...policies };
  }

  return {
    putRole(definition) {
      roles.put(definition);
      resources.putTrust(definition.arn, definition.trust);
    },
    putRolePolicy: (roleArn, policyName, document, path) => roles.putInline(roleArn, policyName, document, path),
    putManagedPolicy: (policyArn, document, path) => roles.putManaged(policyArn, document, path),
    setResourcePolicy: (resourceArn, document) => resources.put(resourceArn, document),

    authorize(principal, request) {
      if (principal.kind === 'operator') return { allowed: true };
      const { action, resource } = request;
      const { caller, name, user, statementsOn, boundary, unknown } = identify(principal);
      const context = requestContext(caller, principal, request, { accountId, region, now });
      const call: Call = { action, actionKey: action.toLowerCase(), resource, context, lookup: lookupIn(context) };
      const target = resources.get(resource);
      const policies: Policies = { identity: statementsOn(call.actionKey), boundary, unknown, resource: target.policy };
      const verdict = evaluate(caller, call, policies, {
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
        resourceMustAgree: target.isKey || call.actionKey.startsWith('sts:assumerole'),
        crossAccount: caller.kind === 'role' && target.accountId !== undefined && target.accountId !== caller.accountId,
      });

      if (verdict.allowed && !takenAway.has(keyOf(name, action, resource))) {
        ledger.use(name, call, verdict.identity, verdict.resource);
        return { allowed: true };
      }
      ledger.denied.push({ role: name, action, resource });
      const denial = verdict.allowed
        ? { explicit: false, by: verdict.identity.length > 0 ? ('identity-based policy' as const) : ('resource-based policy' as const) }
        : verdict;
      return { allowed: false, message: denialMessage(user, action, resource, denial) };
    },

    get denied() {
      return ledger.denied;
    },
    used: () => ledger.used,
    unused: () =>
      roles.all.flatMap((role) =>
        roles
          .policiesOf(role)
          .attached.flatMap(({ statements, awsManaged }) =>
            statements
              .filter((statement) => statement.effect === 'Allow')
              .flatMap((statement) =>
                ledger.unused(role.name, statement, (action, resource) => isServiceSide(action, resource, role.services, awsManaged)),
              ),
          ),
      ),
    takeAway: ({ role, action, resource }) => {
      takenAway.add(keyOf(role, action, resource));
    },
  };
}
