import { describe, inWords, plan, replacement, type Surroundings } from './containment';
import { difference } from './difference';
import { attachedTo, isMissing } from './entities';
import { keepEvidence } from './evidence';
import type { CaseStatus, GuardCase } from './guard-case';
import { type GuardRules, standingOf } from './guard-rules';
import { judge } from './judge/judge';
import { hashOf, type LiveDocument, liveDocument, otherVersions } from './live-document';
import { actorsOf, describeTarget, isDetaching, type Target, type TrailRecord, targetOf, WATCHED_CALLS } from './record';
import type { Services } from './services';

export interface ExamineEvent {
  /** Name of the run. */
  readonly id: string;
  readonly event: TrailRecord;
  /** How often it was tried before. */
  readonly attempt: number;
}

export interface GuardSettings {
  readonly rules: GuardRules;
  /** Names of the guard's own roles. */
  readonly ownRoles: readonly string[];
}

/**
 * What the event tells of is not to be seen yet: IAM is eventually consistent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
class PolicyNotVisible extends Error {
  override readonly name = 'PolicyNotVisible';
}

/** So often it is looked again; then what is seen counts. */
const LOOKS = 4;

/** Judges the live document of the policy that a call has written, and keeps evidence of what is not compliant. Changes nothing of IAM. */
export async function examine(given: ExamineEvent, settings: GuardSettings, services: Services): Promise<GuardCase> {
  const { id, event: record } = given;
  const isWatched = WATCHED_CALLS.includes(record.eventName) && (record.eventSource ?? 'iam.amazonaws.com') === 'iam.amazonaws.com';
  const target: Target = isWatched ? targetOf(record) : { kind: 'UNKNOWN', problem: `${record.eventName} writes no policy of IAM` };
  const [actor = 'nobody whom the record names'] = actorsOf(record);
  const common = {
    id,
    call: record.eventName,
    actor,
    at: record.eventTime,
    policy: describeTarget(target),
    target,
  };
  const ended = (status: CaseStatus, reason: string): GuardCase => ({
    ...common,
    status,
    reason,
    containment: { kind: 'NONE', reason },
    contained: 'nothing was changed',
  });

  if (!isWatched && target.kind === 'UNKNOWN') return ended('IGNORED', target.problem);
  const ignored = reasonToIgnore(record, target, settings, services);
  if (ignored !== undefined) return ended('IGNORED', ignored);
  const standing = standingOf(record, settings.rules);
  if (isOwn(target, settings, services)) {
    const evidence = await keepEvidence(services, id, { event: record });
    const reason = 'a policy of the guard itself was written: it does not act on itself';
    return { ...ended(standing ?? 'TAMPERED', reason), evidence };
  }
  if (target.kind === 'UNKNOWN') {
    const evidence = await keepEvidence(services, id, { event: record, problem: target.problem });
    return { ...ended(standing ?? 'MALFORMED', target.problem), evidence };
  }

  const live = await liveDocument(services.iam, target);
  if (given.attempt < LOOKS) assertVisible(target, live);
  const verdict = judge(live.text, settings.rules.restrictedActions);
  if (verdict.kind === 'COMPLIANT') return ended('COMPLIANT', 'the policy grants nothing that is restricted');
  const reason = inWords(verdict);
  const around = await surroundings(services, target, live);
  const evidence = await keepEvidence(services, id, { event: record, target, live, verdict, ...around });
  const containment = standing ? { kind: 'NONE' as const, reason: `${actor} may write it` } : plan(target, live, around, settings.rules);
  return {
    ...common,
    status: standing ?? verdict.kind,
    reason,
    documentHash: live.text === undefined ? undefined : hashOf(live.text),
    difference: live.text === undefined ? undefined : difference(replacement(containment, around), live.text),
    containment,
    contained: describe(containment),
    evidence,
  };
}

function reasonToIgnore(record: TrailRecord, target: Target, { ownRoles }: GuardSettings, { quarantineArn }: Services): string | undefined {
  if (record.errorCode !== undefined) return `the call failed with ${record.errorCode}`;
  if (actorsOf(record).some((actor) => ownRoles.some((role) => isRole(actor, role)))) return 'the guard itself made the call';
  const isQuarantine = target.kind === 'ATTACHMENT' && target.policyArn === quarantineArn;
  if (isDetaching(record) && !isQuarantine) return 'a policy was taken away';
  if (!isDetaching(record) && isQuarantine) return 'the quarantine policy denies only';
  return undefined;
}

/** Names of roles are unique in an account; a user may be called the same. */
function isRole(actor: string, name: string): boolean {
  return actor.includes(`:assumed-role/${name}/`) || (actor.includes(':role/') && actor.endsWith(`/${name}`));
}

/** Whether the policy is one of the guard's: its roles', or its quarantine. */
function isOwn(target: Target, { ownRoles }: GuardSettings, { quarantineArn }: Services): boolean {
  if (target.kind === 'UNKNOWN') return false;
  if (target.kind !== 'INLINE' && target.policyArn === quarantineArn) return true;
  return target.kind !== 'MANAGED' && target.entity.type === 'Role' && ownRoles.includes(target.entity.name);
}

/** @throws PolicyNotVisible */
function assertVisible(target: Target, live: LiveDocument): void {
  const policy = describeTarget(target);
  if (live.text === undefined) throw new PolicyNotVisible(`there is no document of ${policy} yet`);
  if (target.kind !== 'MANAGED' || target.versionId === undefined || target.versionId === live.versionId) return;
  throw new PolicyNotVisible(`the default version of ${policy} is ${live.versionId}, and not yet ${target.versionId}`);
}

async function surroundings({ iam }: Services, target: Target, live: LiveDocument): Promise<Surroundings> {
  if (target.kind !== 'MANAGED' || live.versionId === undefined) return { versions: [], attachedTo: [] };
  try {
    return { versions: await otherVersions(iam, target.policyArn), attachedTo: await attachedTo(iam, target.policyArn) };
  } catch (error) {
    if (isMissing(error)) return { versions: [], attachedTo: [] };
    throw error;
  }
}
