/**
 * What a PolicyGuard would have done, had it been there: its own judge and its own plan over what CloudTrail has recorded. Where the guard would read from IAM, it goes by
 * the documents in the archive; what it can't know it says.
 */
import { describe, inWords, plan } from '../../lib/policy-guard/handlers/containment';
import { type GuardRules, standingOf } from '../../lib/policy-guard/handlers/guard-rules';
import { covers } from '../../lib/policy-guard/handlers/judge/glob';
import { judge } from '../../lib/policy-guard/handlers/judge/judge';
import {
  actorsOf,
  describeEntity,
  describeTarget,
  type Entity,
  POLICY_WRITES,
  type TrailRecord,
  targetOf,
} from '../../lib/policy-guard/handlers/record';
import { PoliciesInArchive } from './policies';

/** `CONTAINED`: it would have lost its force. `REPORTED`: told, and nothing to contain. `EXEMPT`, `BREAK_GLASS`: by somebody who may. `UNKNOWN`: the archive doesn't have the document. */
export type Outcome = 'COMPLIANT' | 'CONTAINED' | 'REPORTED' | 'EXEMPT' | 'BREAK_GLASS' | 'UNKNOWN';

export interface RehearsedCase {
  readonly eventId: string;
  readonly at: string;
  readonly call: string;
  readonly actor: string;
  readonly policy: string;
  readonly outcome: Outcome;
  /** Why, in words. */
  readonly reason: string;
  /** What would have been done, in words. */
  readonly containment: string;
  /** Who would have lost what, until a decision or the end of the archive. */
  readonly lockedOut: readonly LockedOut[];
}

export interface LockedOut {
  readonly principal: string;
  /** What it did later that would have been refused. */
  readonly used: readonly Use[];
}

export interface Use {
  readonly action: string;
  readonly times: number;
  readonly last: string;
}

export function rehearse(records: readonly TrailRecord[], rules: GuardRules): RehearsedCase[] {
  const policies = new PoliciesInArchive();
  return records.flatMap((record, index) => {
    if (record.eventSource !== 'iam.amazonaws.com' || record.errorCode !== undefined) return [];
    policies.apply(record);
    if (!POLICY_WRITES.includes(record.eventName)) return [];
    return [rehearseOne(record, rules, policies, records.slice(index + 1))];
  });
}

function rehearseOne(record: TrailRecord, rules: GuardRules, policies: PoliciesInArchive, later: readonly TrailRecord[]): RehearsedCase {
  const target = targetOf(record);
  const common = {
    eventId: record.eventID,
    at: record.eventTime,
    call: record.eventName,
    actor: actorsOf(record)[0] ?? 'nobody whom the record names',
    policy: describeTarget(target),
  };
  const ended = (outcome: Outcome, reason: string, containment = 'nothing'): RehearsedCase => ({
    ...common,
    outcome,
    reason,
    containment,
    lockedOut: [],
  });
  const standing = standingOf(record, rules);
  if (target.kind === 'UNKNOWN') return ended(standing ?? 'REPORTED', target.problem);
  const text = policies.document(target, record);
  if (text === undefined) return ended('UNKNOWN', 'the archive does not have the document: the guard reads it from IAM');
  const verdict = judge(text, rules.restrictedActions);
  if (verdict.kind === 'COMPLIANT') return ended('COMPLIANT', 'it grants nothing that is restricted');
  if (standing) return ended(standing, inWords(verdict));
  const around =
    target.kind === 'MANAGED'
      ? { versions: policies.otherVersions(target.policyArn), attachedTo: policies.attachedTo(target.policyArn) }
      : { versions: [], attachedTo: [] };
  const versionId = target.kind === 'MANAGED' ? policies.defaultVersion(target.policyArn) : undefined;
  const containment = plan(target, { versionId }, around, rules);
  if (containment.kind === 'NONE') return ended('REPORTED', inWords(verdict), describe(containment));
  const concerned = containment.kind === 'QUARANTINE' ? containment.entities : around.attachedTo;
  // A quarantine denies all that is restricted; an earlier version only takes away what the later one has added.
  const taken =
    containment.kind === 'QUARANTINE' || verdict.kind !== 'VIOLATION'
      ? rules.restrictedActions.map(({ action }) => action)
      : verdict.findings.map(({ restricted }) => restricted);
  return {
    ...ended('CONTAINED', inWords(verdict), describe(containment)),
    lockedOut: concerned.flatMap((entity) => lockedOut(entity, taken, policies, later)),
  };
}

function lockedOut(entity: Entity, actions: readonly string[], policies: PoliciesInArchive, later: readonly TrailRecord[]): LockedOut[] {
  const people = policies.people(entity);
  const names = people.length > 0 ? people : [entity];
  return names.map((person) => {
    const uses = new Map<string, Use>();
    for (const record of later) {
      const action = actionOf(record);
      if (record.errorCode !== undefined || !isBy(record, person)) continue;
      if (!actions.some((restricted) => covers(restricted.toLowerCase(), action.toLowerCase()))) continue;
      uses.set(action, { action, times: (uses.get(action)?.times ?? 0) + 1, last: record.eventTime });
    }
    const through = person === entity ? '' : `, through ${describeEntity(entity)}`;
    return { principal: `${describeEntity(person)}${through}`, used: [...uses.values()] };
  });
}

function isBy(record: TrailRecord, { type, name }: Entity): boolean {
  return actorsOf(record).some((actor) =>
    type === 'Role' ? /:role\//.test(actor) && actor.endsWith(`/${name}`) : /:user\//.test(actor) && actor.endsWith(`/${name}`),
  );
}

/** Where the prefix of the actions is another than the event source's. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch', email: 'ses' };

function actionOf({ eventSource = '', eventName }: TrailRecord): string {
  const [service] = eventSource.split('.');
  return `${PREFIXES[service] ?? service}:${eventName}`;
}
