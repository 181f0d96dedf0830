import { SetDefaultPolicyVersionCommand } from '@aws-sdk/client-iam';
import { isMissing } from './entities';
import type { Containment, GuardCase } from './guard-case';
import { defaultVersion } from './live-document';
import { quarantine } from './quarantine';
import { describeEntity, type Entity } from './record';
import type { Services } from './services';

export interface ContainAnswer {
  /** Whether the policy has no force any more, by what the guard did. */
  readonly contained: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** IAM refused it; trying again would change nothing. */
class NotContained extends Error {
  override readonly name = 'NotContained';
}

/** IAM took it, and reads otherwise. It may be seen a little later. */
class Unverified extends Error {
  override readonly name = 'Unverified';
}

/** What IAM refuses for good. https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html */
const REFUSED = [
  'LimitExceededException',
  'UnmodifiableEntityException',
  'PolicyNotAttachableException',
  'AccessDenied',
  'AccessDeniedException',
];

/**
 * Takes the force of a policy away, and reads back that it has none. What is done already is done again.
 * @throws NotContained, Unverified
 */
export async function contain({ id, containment }: GuardCase, services: Services): Promise<ContainAnswer> {
  if (containment.kind === 'NONE') return { contained: false, reason: containment.reason };
  if (containment.kind === 'VERSION') return rollBack(containment, services);
  const refused: string[] = [];
  for (const entity of containment.entities) {
    const problem = await attempt(services, id, entity);
    if (problem !== undefined) refused.push(problem);
  }
  if (refused.length > 0) throw new NotContained(`not quarantined: ${refused.join('; ')}`);
  return { contained: true };
}

async function attempt(services: Services, id: string, entity: Entity): Promise<string | undefined> {
  try {
    await quarantine(services, id, entity);
    return undefined;
  } catch (error) {
    const { name, message } = error as Error;
    if (REFUSED.includes(name)) return `${describeEntity(entity)} (${name}: ${message})`;
    throw error;
  }
}

async function rollBack({ policyArn, from, to }: Extract<Containment, { kind: 'VERSION' }>, { iam }: Services): Promise<ContainAnswer> {
  try {
    const before = await defaultVersion(iam, policyArn);
    if (before !== from && before !== to)
      return { contained: false, reason: `version ${before} is the default meanwhile, and is judged by itself` };
    if (before === from) await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn: policyArn, VersionId: to }));
    const after = await defaultVersion(iam, policyArn);
    if (after === to) return { contained: true };
    throw new Unverified(`the default version of ${policyArn} reads ${after}, not ${to}`);
  } catch (error) {
    const { name, message } = error as Error;
    if (isMissing(error)) throw new NotContained(`${policyArn} or its version ${to} is not there any more`);
    if (REFUSED.includes(name)) throw new NotContained(`${name}: ${message}`);
    throw error;
  }
}
