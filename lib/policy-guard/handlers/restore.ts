import { SetDefaultPolicyVersionCommand } from '@aws-sdk/client-iam';
import { isMissing } from './entities';
import type { Containment, GuardCase } from './guard-case';
import { defaultVersion, hashOf, liveDocument, versionText } from './live-document';
import { lift } from './quarantine';
import { describeEntity, describeTarget } from './record';
import type { Services } from './services';

export interface RestoreAnswer {
  /** Whether all is as it was before the guard came. */
  readonly restored: boolean;
  /** Who stays quarantined, and by which cases. */
  readonly heldBy: readonly string[];
}

/** The policy is not what was approved. */
class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

/** IAM took it, and reads otherwise. It may be seen a little later. */
class Unverified extends Error {
  override readonly name = 'Unverified';
}

/**
 * Gives exactly the document its force back that was asked about. What is done already is done again.
 * @throws ChangedMeanwhile, Unverified
 */
export async function restore(found: GuardCase, services: Services): Promise<RestoreAnswer> {
  const { id, containment } = found;
  if (containment.kind === 'VERSION') return rollForward(containment, found, services);
  await assertUnchanged(found, services);
  const heldBy: string[] = [];
  for (const entity of containment.kind === 'QUARANTINE' ? containment.entities : []) {
    const holding = await lift(services, id, entity);
    if (holding.length > 0) heldBy.push(`${describeEntity(entity)} by ${holding.join(', ')}`);
  }
  return { restored: heldBy.length === 0, heldBy };
}

async function rollForward(
  { policyArn, from, to }: Extract<Containment, { kind: 'VERSION' }>,
  { documentHash }: GuardCase,
  { iam }: Services,
): Promise<RestoreAnswer> {
  try {
    const text = await versionText(iam, policyArn, from);
    if (hashOf(text) !== documentHash) throw new ChangedMeanwhile(`version ${from} of ${policyArn} is not the one that was approved`);
    const before = await defaultVersion(iam, policyArn);
    if (before !== from && before !== to)
      throw new ChangedMeanwhile(`version ${before} of ${policyArn} is the default meanwhile, not ${to}`);
    if (before === to) await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policyArn, VersionId: from }));
    const after = await defaultVersion(iam, policyArn);
    if (after !== from) throw new Unverified(`the default version of ${policyArn} reads ${after}, not ${from}`);
    return { restored: true, heldBy: [] };
  } catch (error) {
    if (isMissing(error)) throw new ChangedMeanwhile(`${policyArn} or its version ${from} is not there any more`);
    throw error;
  }
}

async function assertUnchanged({ target, documentHash }: GuardCase, { iam }: Services): Promise<void> {
  if (target.kind === 'UNKNOWN') throw new ChangedMeanwhile(target.problem);
  const { text } = await liveDocument(iam, target);
  const hash = text === undefined ? undefined : hashOf(text);
  if (hash === documentHash) return;
  throw new ChangedMeanwhile(`${describeTarget(target)} ${hash ? `reads ${hash}` : 'is gone'}, not ${documentHash}, which was approved`);
}
