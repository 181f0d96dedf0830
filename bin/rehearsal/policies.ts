import type { Entity, EntityType, Target, TrailRecord } from '../../lib/policy-guard/handlers/record';
import { awsManagedPolicy } from '../../local/access/managed-policies';

interface Managed {
  /** Documents by version, as far as the archive has them. */
  readonly versions: Map<string, string>;
  default?: string;
  readonly attached: Map<string, Entity>;
}

/** Policies and who has them, as far as an archive tells. */
export class PoliciesInArchive {
  private readonly managed = new Map<string, Managed>();
  private readonly members = new Map<string, Set<string>>();

  /** Takes a call over that has succeeded. */
  apply({ eventName, requestParameters, responseElements }: TrailRecord): void {
    const given = (requestParameters ?? {}) as Record<string, unknown>;
    const answer = (responseElements ?? {}) as Record<string, Record<string, unknown> | undefined>;
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const document = text(given.policyDocument);
    const arn = text(given.policyArn) ?? text(answer.policy?.arn);
    const user = text(given.userName);
    const group = text(given.groupName);
    if (eventName === 'AddUserToGroup' && user && group) this.membersOf(group).add(user);
    if (eventName === 'RemoveUserFromGroup' && user && group) this.membersOf(group).delete(user);
    if (arn === undefined) return;
    const policy = this.policy(arn);
    if (eventName === 'CreatePolicy') this.version(policy, text(answer.policy?.defaultVersionId) ?? 'v1', document, true);
    if (eventName === 'CreatePolicyVersion')
      this.version(policy, text(answer.policyVersion?.versionId) ?? `after ${policy.versions.size}`, document, given.setAsDefault === true);
    if (eventName === 'SetDefaultPolicyVersion') policy.default = text(given.versionId);
    if (eventName === 'DeletePolicyVersion') policy.versions.delete(text(given.versionId) ?? '');
    const entity = attachedEntity(eventName, given);
    if (entity && eventName.startsWith('Attach')) policy.attached.set(keyOf(entity), entity);
    if (entity && eventName.startsWith('Detach')) policy.attached.delete(keyOf(entity));
  }

  /** What is in force once a call has written it; undefined where the archive doesn't say. */
  document(target: Target, { requestParameters }: TrailRecord): string | undefined {
    if (target.kind === 'UNKNOWN') return undefined;
    if (target.kind === 'INLINE')
      return typeof requestParameters?.policyDocument === 'string' ? requestParameters.policyDocument : undefined;
    const { versions, default: id } = this.policy(target.policyArn);
    const known = id === undefined ? undefined : versions.get(id);
    if (known !== undefined) return known;
    const ofAws = awsManagedPolicy(target.policyArn);
    return ofAws && JSON.stringify(ofAws);
  }

  defaultVersion(policyArn: string): string | undefined {
    return this.policy(policyArn).default;
  }

  /** The newest first. */
  otherVersions(policyArn: string): { readonly id: string; readonly text: string }[] {
    const { versions, default: id } = this.policy(policyArn);
    return [...versions]
      .filter(([other]) => other !== id)
      .map(([other, text]) => ({ id: other, text }))
      .reverse();
  }

  attachedTo(policyArn: string): Entity[] {
    return [...this.policy(policyArn).attached.values()];
  }

  /** The roles and users that an entity stands for: the members of a group, or itself. */
  people(entity: Entity): Entity[] {
    if (entity.type !== 'Group') return [entity];
    return [...this.membersOf(entity.name)].map((name): Entity => ({ type: 'User', name }));
  }

  private version(policy: Managed, id: string, document: string | undefined, isDefault: boolean): void {
    if (document !== undefined) policy.versions.set(id, document);
    if (isDefault) policy.default = id;
  }

  private policy(arn: string): Managed {
    const known: Managed = this.managed.get(arn) ?? { versions: new Map(), attached: new Map() };
    this.managed.set(arn, known);
    return known;
  }

  private membersOf(group: string): Set<string> {
    const known = this.members.get(group) ?? new Set<string>();
    this.members.set(group, known);
    return known;
  }
}

const keyOf = ({ type, name }: Entity): string => `${type}/${name}`;

function attachedEntity(eventName: string, given: Record<string, unknown>): Entity | undefined {
  const type = /^(?:Attach|Detach)(User|Role|Group)Policy$/.exec(eventName)?.[1] as EntityType | undefined;
  const name = type && given[`${type.toLowerCase()}Name`];
  return type && typeof name === 'string' ? { type, name } : undefined;
}
