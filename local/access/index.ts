/** IAM: decides each call by the synthesized policies, and keeps the account of it. */
import type { AccessRequest, PolicyDocument, Principal } from '../cloud-types';
import type { Machine } from '../engine/types';
import { lookupIn } from './conditions';
import { accountOf, requestContext } from './context';
import { distributedMapsOf } from './distributed-maps';
import { type Denial, denialMessage, evaluate } from './evaluate';
import { explain } from './explain';
import { keyOf, Ledger } from './ledger';
import { type Call, compilePolicy, type Statement } from './policy-document';
import type { Caller } from './principals';
import { type Resource, Resources } from './resources';
import { type Role, type RolePolicies, Roles, roleName } from './roles';
import { isServiceSide } from './service-side';
import type { Access, AccessMode, Decision, DenialReason } from './types';
import { widerThanUsed } from './wider';

export { type ServiceSidePermission, serviceSidePermissions } from './service-side';
export type * from './types';
export { widerThanUsed } from './wider';

export interface AccessOptions {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /** @default "enforce" */
  readonly mode?: AccessMode;
  /** For `aws:CurrentTime`, in milliseconds since 1970. */
  readonly now?: () => number;
  /** The state machines that ran. @default - none */
  readonly machines?: () => Iterable<Machine>;
  /** ARNs of roles whose code is not run: nothing of theirs is ever unused. @default - none */
  readonly notRun?: () => ReadonlySet<string>;
}

/** Who calls: as policies name it, as reports name it, as AWS's sentence names it, and with what. */
interface Identity {
  readonly caller: Caller;
  readonly name: string;
  readonly user: string;
  readonly policies: RolePolicies;
}

const NO_POLICIES: RolePolicies = { attached: [], statementsOn: () => [], limits: [], unknown: [] };

export function createAccess(options: AccessOptions): Access {
  const { accountId, region, partition, mode = 'enforce', now = Date.now, machines = () => [], notRun = () => NO_ROLES } = options;
  const roles = new Roles(region);
  const resources = new Resources(region, accountId);
  const ledger = new Ledger();
  const takenAway = new Set<string>();
  const identities = new Map<string, Identity>();
  const changed = () => {
    ledger.unsettle();
    identities.clear();
  };

  function identify(principal: Exclude<Principal, { kind: 'operator' }>): Identity {
    if (principal.kind === 'service') {
      const { service } = principal;
      return { caller: { kind: 'service', service }, name: service, user: service, policies: NO_POLICIES };
    }
    const { arn, session = 'session', sessionPolicies } = principal;
    const known = sessionPolicies ? undefined : identities.get(`${arn} ${session}`);
    if (known) return known;
    const role = roles.get(arn);
    const roleAccount = accountOf(arn) ?? accountId;
    const sessionArn = `arn:${partition}:sts::${roleAccount}:assumed-role/${roleName(arn)}/${session}`;
    const policies = withSession(roles.policiesOf(role), sessionPolicies);
    const bounded = role.definition.permissionsBoundary !== undefined;
    const caller: Caller = { kind: 'role', roleArn: arn, sessionArn, accountId: roleAccount, partition, bounded };
    const identity: Identity = { caller, name: role.name, user: sessionArn, policies };
    if (!sessionPolicies) identities.set(`${arn} ${session}`, identity);
    return identity;
  }

  /** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session */
  function withSession(policies: RolePolicies, documents: readonly PolicyDocument[] = []): RolePolicies {
    if (documents.length === 0) return policies;
    const statements = documents.flatMap((document) => compilePolicy(document, { kind: 'identity', label: 'session policy', region }));
    return { ...policies, limits: [...policies.limits, { type: 'session policy', statements }] };
  }

  function decide(principal: Exclude<Principal, { kind: 'operator' }>, request: AccessRequest): Decision {
    const { action, resource } = request;
    const { caller, name, user, policies } = identify(principal);
    const key = keyOf(name, action, resource);
    const isSession = principal.kind === 'role' && principal.sessionPolicies !== undefined;
    if (!isSession && ledger.isSettled(key)) return ALLOWED;
    const context = requestContext(caller, principal, request, { accountId, region, now });
    const call: Call = { action, actionKey: action.toLowerCase(), resource, context, lookup: lookupIn(context) };
    const target = resources.get(request);
    const { limits, unknown } = policies;
    const asked = { identity: policies.statementsOn(call.actionKey), limits, unknown, resource: target.policy, grants: target.grants };
    const verdict = evaluate(caller, call, asked, {
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
      resourceMustAgree: target.isKey || call.actionKey.startsWith('sts:assumerole'),
      crossAccount: caller.kind === 'role' && target.accountId !== undefined && target.accountId !== caller.accountId,
    });

    if (verdict.allowed && !takenAway.has(key)) {
      // Without a resource's policy, a condition or a variable it is the same for whatever session and condition keys.
      const limiting = limits.flatMap(({ statements }) => statements);
      const isSettled = !isSession && target.policy.length === 0 && asked.identity.every(isPlain) && limiting.every(isPlain);
      ledger.use(key, name, call, verdict, isSettled);
      return ALLOWED;
    }
    const denial: Denial = verdict.allowed
      ? { allowed: false, by: verdict.identity.length > 0 ? 'identity-based policy' : 'resource-based policy' }
      : verdict;
    const reason = verdict.allowed
      ? TAKEN_AWAY
      : explain({ caller, call, denial, candidates: statementsOf(denial, policies, target, caller) });
    ledger.denied.push({ role: name, action, resource, reason });
    return { allowed: false, message: denialMessage(user, action, resource, denial) };
  }

  /** What the policies can't decide goes through too: the reason says so. */
  function warn(principal: Exclude<Principal, { kind: 'operator' }>, request: AccessRequest): Decision {
    try {
      decide(principal, request);
    } catch (error) {
      const role = principal.kind === 'service' ? principal.service : roles.nameOf(principal.arn);
      const reason: DenialReason = { kind: 'undecided', mismatches: [], text: (error as Error).message };
      ledger.denied.push({ role, action: request.action, resource: request.resource, reason });
    }
    return { allowed: true };
  }

  /** The Allow statements of all roles' identity policies. */
  function granted<T>(of: (role: Role, statement: Statement, awsManaged: boolean) => readonly T[]): readonly T[] {
    if (mode === 'off') return [];
    return roles.all.flatMap((role) =>
      roles
        .policiesOf(role)
        .attached.flatMap(({ statements, awsManaged }) =>
          statements.filter(({ effect }) => effect === 'Allow').flatMap((statement) => of(role, statement, awsManaged)),
        ),
    );
  }

  const wildcards = () => granted((role, statement) => ledger.wildcards(role.name, statement));

  return {
    mode,
    putRole(definition) {
      changed();
      roles.put(definition);
      resources.putTrust(definition.arn, definition.trust);
    },
    putRolePolicy(roleArn, policyName, document, path) {
      changed();
      roles.putInline(roleArn, policyName, document, path);
    },
    putManagedPolicy(policyArn, document, path) {
      changed();
      roles.putManaged(policyArn, document, path);
    },
    setResourcePolicy(resourceArn, document) {
      changed();
      resources.put(resourceArn, document);
    },
    setGrants(keyArn, grants) {
      changed();
      resources.putGrants(keyArn, grants);
    },

    authorize(principal, request) {
      if (principal.kind === 'operator' || mode === 'off') return ALLOWED;
      return mode === 'warn' ? warn(principal, request) : decide(principal, request);
    },

    get denied() {
      return ledger.denied;
    },
    used: () => ledger.used,
    unused() {
      const ran = new Set(machines());
      const idle = notRun();
      return granted((role, statement, awsManaged) => {
        if (idle.has(role.definition.arn)) return [];
        const distributedMaps = distributedMapsOf(role.definition.arn, ran);
        const holder = { services: role.services, awsManaged, distributedMaps };
        return ledger.unused(role.name, statement, (action, resource) => isServiceSide(action, resource, holder));
      });
    },
    wildcards,
    wider: () => widerThanUsed(wildcards()),
    takeAway({ role, action, resource }) {
      changed();
      takenAway.add(keyOf(role, action, resource));
    },
  };
}

const NO_ROLES: ReadonlySet<string> = new Set();
const ALLOWED: Decision = { allowed: true };
const isPlain = (statement: Statement) => statement.isPlain;

const TAKEN_AWAY: DenialReason = { kind: 'taken away', mismatches: [], text: 'the test took it away' };

/** Every statement of the policies that had to allow a call; the caller's own grants would have done as well. */
function statementsOf({ by }: Denial, policies: RolePolicies, { policy, grants }: Resource, caller: Caller): readonly Statement[] {
  const own = grants.filter(({ principal }) => principal?.(caller) !== undefined);
  if (by === 'resource-based policy') return [...policy, ...own];
  if (by === 'identity-based policy') return [...policies.attached.flatMap(({ statements }) => statements), ...own];
  return policies.limits.filter(({ type }) => type === by).flatMap(({ statements }) => statements);
}
