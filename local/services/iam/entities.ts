/** Roles, users and groups, and what is attached to them. Users and groups call nothing in a local run; their policies can be looked at. */
import type { Access } from '../../access/types';
import { ApiError, type Cloud, type PolicyDocument } from '../../cloud-types';
import { digits } from '../identifiers';

export type EntityKind = 'Role' | 'User' | 'Group';

export interface Entity {
  readonly kind: EntityKind;
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly iamPath: string;
  /** What reports call it. */
  readonly label: string;
  readonly createdAt: number;
  /** By name; as text, for the API gives it back as it came. */
  readonly inline: Map<string, string>;
  readonly attached: Set<string>;
  readonly trust?: PolicyDocument;
  readonly boundaryArn?: string;
  readonly boundary?: PolicyDocument;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const ID_PREFIXES: Readonly<Record<EntityKind, string>> = { Role: 'AROA', User: 'AIDA', Group: 'AGPA' };

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: characters that aren't white space, of all inline policies together. */
const MAX_INLINE: Readonly<Record<EntityKind, number>> = { Role: 10_240, User: 2048, Group: 5120 };
const MAX_ATTACHED = 10;

export class Entities {
  readonly #byKind: Readonly<Record<EntityKind, Map<string, Entity>>> = { Role: new Map(), User: new Map(), Group: new Map() };

  constructor(
    readonly cloud: Cloud,
    private readonly access: Access,
  ) {}

  get all(): readonly Entity[] {
    return Object.values(this.#byKind).flatMap((entities) => [...entities.values()]);
  }

  create(kind: EntityKind, entity: Pick<Entity, 'name' | 'iamPath' | 'label' | 'trust' | 'boundaryArn' | 'boundary'>): Entity {
    const { clock } = this.cloud;
    const made: Entity = {
      ...entity,
      kind,
      arn: this.#arn(kind, entity.name, entity.iamPath),
      id: iamId(this.cloud, ID_PREFIXES[kind]),
      createdAt: clock.now(),
      inline: new Map(),
      attached: new Set(),
    };
    this.#byKind[kind].set(made.name, made);
    this.#tellRole(made);
    return made;
  }

  arnOf(kind: EntityKind, name: string): string {
    return this.#byKind[kind].get(name)?.arn ?? this.#arn(kind, name, '/');
  }

  get(kind: EntityKind, name: string): Entity | undefined {
    return this.#byKind[kind].get(name);
  }

  find(kind: EntityKind, name: string): Entity {
    const entity = this.get(kind, name);
    if (!entity) throw noSuchEntity(`The ${kind.toLowerCase()} with name ${name} cannot be found.`);
    return entity;
  }

  /** @param label what reports call the policy */
  putInline(entity: Entity, policyName: string, text: string, document: PolicyDocument, label: string): void {
    const others = [...entity.inline].filter(([name]) => name !== policyName).reduce((sum, [, other]) => sum + policySize(other), 0);
    const limit = MAX_INLINE[entity.kind];
    if (others + policySize(text) > limit) {
      throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${entity.kind.toLowerCase()} ${entity.name}`);
    }
    entity.inline.set(policyName, text);
    if (entity.kind === 'Role') this.access.putRolePolicy(entity.arn, policyName, document, label);
  }

  inline(entity: Entity, policyName: string): string {
    const text = entity.inline.get(policyName);
    if (text === undefined) throw noSuchEntity(`The ${entity.kind.toLowerCase()} policy with name ${policyName} cannot be found.`);
    return text;
  }

  deleteInline(entity: Entity, policyName: string): void {
    this.inline(entity, policyName);
    entity.inline.delete(policyName);
    if (entity.kind === 'Role') this.access.putRolePolicy(entity.arn, policyName, { Statement: [] }, entity.label);
  }

  attach(entity: Entity, policyArn: string): void {
    if (!entity.attached.has(policyArn) && entity.attached.size >= MAX_ATTACHED) {
      throw limitExceeded(`Cannot exceed quota for PoliciesPer${entity.kind}: ${MAX_ATTACHED}`);
    }
    entity.attached.add(policyArn);
    this.#tellRole(entity);
  }

  detach(entity: Entity, policyArn: string): void {
    if (!entity.attached.delete(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
    this.#tellRole(entity);
  }

  #arn(kind: EntityKind, name: string, iamPath: string): string {
    return `arn:${this.cloud.partition}:iam::${this.cloud.accountId}:${kind.toLowerCase()}${iamPath}${name}`;
  }

  #tellRole({ kind, arn, label, trust, attached, boundary }: Entity): void {
    if (kind !== 'Role' || !trust) return;
    this.access.putRole({ arn, path: label, trust, managedPolicyArns: [...attached], permissionsBoundary: boundary });
  }
}

export function iamId(cloud: Cloud, prefix: string): string {
  return `${prefix}${digits(cloud, 17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
}

/** White space doesn't count. */
export function policySize(text: string): number {
  return text.replace(/\s/g, '').length;
}

export function noSuchEntity(message: string): ApiError {
  return new ApiError('NoSuchEntity', message, 404);
}

export function limitExceeded(message: string): ApiError {
  return new ApiError('LimitExceeded', message, 409);
}
