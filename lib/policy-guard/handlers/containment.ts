import type { Containment } from './guard-case';
import { type GuardRules, isBreakGlass } from './guard-rules';
import { type Finding, judge, type Verdict } from './judge/judge';
import type { LiveDocument, PolicyVersion } from './live-document';
import { describeEntity, type Entity, type Target } from './record';
import { shownText } from './shown-text';

/** What stands beside the live document of a managed policy: its other versions, the newest first, and who has it. */
export interface Surroundings {
  readonly versions: readonly PolicyVersion[];
  readonly attachedTo: readonly Entity[];
}

/**
 * The newest other version that is compliant takes the place of a managed policy's; it is made by nobody here, so the limit of five versions is not met, and none
 * has to be deleted. Where there is none, whoever has the policy is quarantined.
 */
export function plan(target: Target, live: Pick<LiveDocument, 'versionId'>, around: Surroundings, rules: GuardRules): Containment {
  if (target.kind === 'UNKNOWN') return { kind: 'NONE', reason: target.problem };
  if (target.kind === 'MANAGED') {
    if (live.versionId === undefined) return { kind: 'NONE', reason: 'the policy is not there any more' };
    const good = around.versions.find(({ text }) => judge(text, rules.restrictedActions).kind === 'COMPLIANT');
    if (good) return { kind: 'VERSION', policyArn: target.policyArn, from: live.versionId, to: good.id };
  }
  const concerned = target.kind === 'MANAGED' ? around.attachedTo : [target.entity];
  const entities = concerned.filter((entity) => !isBreakGlass(entity, rules));
  if (entities.length > 0) return { kind: 'QUARANTINE', entities };
  return {
    kind: 'NONE',
    reason:
      concerned.length > 0
        ? 'only break-glass principals have the policy'
        : 'the policy is attached to nobody: attaching it will be judged',
  };
}

export function replacement(containment: Containment, { versions }: Surroundings): string | undefined {
  return containment.kind === 'VERSION' ? versions.find(({ id }) => id === containment.to)?.text : undefined;
}

export function describe(containment: Containment): string {
  if (containment.kind === 'NONE') return `nothing was changed: ${containment.reason}`;
  if (containment.kind === 'VERSION') return `the default version was put from ${containment.from} to ${containment.to}`;
  const names = containment.entities.map(describeEntity);
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  return `quarantined, with an explicit deny of all that is restricted: ${shown}${names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : ''}`;
}

/** Of people's patience. */
const SHOWN_FINDINGS = 10;
const SHOWN_NAMES = 10;
const SHOWN_CHARACTERS = 1500;

export function inWords(verdict: Exclude<Verdict, { kind: 'COMPLIANT' }>): string {
  if (verdict.kind === 'MALFORMED') return `nobody can say what it grants: ${short(verdict.problem)}`;
  const { findings } = verdict;
  const shown = findings.slice(0, SHOWN_FINDINGS).map(describeFinding).join('; ');
  const more = findings.length > SHOWN_FINDINGS ? `; and ${findings.length - SHOWN_FINDINGS} more` : '';
  return shownText(shown + more, SHOWN_CHARACTERS);
}

function describeFinding({ statement, grants, restricted, resources, conditional }: Finding): string {
  const condition = conditional ? ' under a condition' : '';
  return `${short(statement)} grants ${short(grants)} on ${short(resources.join(', '))}${condition}, thus ${restricted}`;
}

function short(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
