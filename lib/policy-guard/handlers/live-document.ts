import { createHash } from 'node:crypto';
import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient, ListPolicyVersionsCommand } from '@aws-sdk/client-iam';
import { inlinePolicy, isMissing, readable } from './entities';
import type { Target } from './record';

/** What is in force now. */
export interface LiveDocument {
  /** Undefined where the policy is not there. */
  readonly text?: string;
  /** Of a managed policy: its default version. */
  readonly versionId?: string;
}

/** One version of a managed policy. */
export interface PolicyVersion {
  readonly id: string;
  readonly text: string;
}

export async function liveDocument(iam: IAMClient, target: Exclude<Target, { kind: 'UNKNOWN' }>): Promise<LiveDocument> {
  try {
    if (target.kind === 'INLINE') {
      const text = await inlinePolicy(iam, target.entity, target.policyName);
      return text === undefined ? {} : { text: readable(text) };
    }
    const versionId = await defaultVersion(iam, target.policyArn);
    return { versionId, text: await versionText(iam, target.policyArn, versionId) };
  } catch (error) {
    if (isMissing(error)) return {};
    throw error;
  }
}

/** @throws NoSuchEntityException */
export async function defaultVersion(iam: IAMClient, PolicyArn: string): Promise<string> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  return Policy?.DefaultVersionId ?? '';
}

/** Those that are not the default, the newest first. There are four at most. */
export async function otherVersions(iam: IAMClient, PolicyArn: string): Promise<PolicyVersion[]> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  const ids = Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).map(({ VersionId = '' }) => VersionId);
  const newestFirst = ids.sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  return Promise.all(newestFirst.map(async (id) => ({ id, text: await versionText(iam, PolicyArn, id) })));
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @throws NoSuchEntityException */
export async function versionText(iam: IAMClient, PolicyArn: string, VersionId: string): Promise<string> {
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return readable(PolicyVersion?.Document ?? '');
}
