/** The same calls for users, roles and groups. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html */
import {
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  DetachGroupPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  paginateListAttachedGroupPolicies,
  paginateListAttachedRolePolicies,
  paginateListAttachedUserPolicies,
  paginateListEntitiesForPolicy,
} from '@aws-sdk/client-iam';
import { plainText } from './judge/policy-document';
import type { Entity } from './record';

/** URL-encoded, as IAM gives it, or undefined where there is none. @throws NoSuchEntityException */
export async function inlinePolicy(iam: IAMClient, { type, name }: Entity, PolicyName: string): Promise<string | undefined> {
  const calls = {
    User: () => iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName })),
    Role: () => iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName })),
    Group: () => iam.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName })),
  };
  return (await calls[type]()).PolicyDocument;
}

export async function attach(iam: IAMClient, { type, name }: Entity, PolicyArn: string): Promise<void> {
  if (type === 'User') await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  else if (type === 'Role') await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else await iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

export async function detach(iam: IAMClient, { type, name }: Entity, PolicyArn: string): Promise<void> {
  if (type === 'User') await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
  else if (type === 'Role') await iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else await iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

export async function isAttached(client: IAMClient, { type, name }: Entity, policyArn: string): Promise<boolean> {
  const pages = {
    User: () => paginateListAttachedUserPolicies({ client }, { UserName: name }),
    Role: () => paginateListAttachedRolePolicies({ client }, { RoleName: name }),
    Group: () => paginateListAttachedGroupPolicies({ client }, { GroupName: name }),
  };
  for await (const { AttachedPolicies = [] } of pages[type]()) {
    if (AttachedPolicies.some(({ PolicyArn }) => PolicyArn === policyArn)) return true;
  }
  return false;
}

/** Everybody whom a policy is attached to. */
export async function attachedTo(client: IAMClient, PolicyArn: string): Promise<Entity[]> {
  const entities: Entity[] = [];
  for await (const page of paginateListEntitiesForPolicy({ client }, { PolicyArn, PolicyUsageFilter: 'PermissionsPolicy' })) {
    entities.push(...(page.PolicyUsers ?? []).map(({ UserName = '' }): Entity => ({ type: 'User', name: UserName })));
    entities.push(...(page.PolicyRoles ?? []).map(({ RoleName = '' }): Entity => ({ type: 'Role', name: RoleName })));
    entities.push(...(page.PolicyGroups ?? []).map(({ GroupName = '' }): Entity => ({ type: 'Group', name: GroupName })));
  }
  return entities;
}

export const isMissing = (error: unknown): boolean => (error as Error).name === 'NoSuchEntityException';

/** Decoded, for people and hashes; as it came where it can't be. */
export function readable(document: string): string {
  try {
    return plainText(document);
  } catch {
    return document;
  }
}
