/** Managed policies and their versions. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html */
import { awsManagedPolicy } from '../../access/managed-policies';
import type { Access } from '../../access/types';
import { ApiError, type Cloud, type PolicyDocument } from '../../cloud-types';
import { notImplemented } from '../errors';
import { iamId, limitExceeded, noSuchEntity, policySize } from './entities';
import { parsePolicy } from './policy-text';

export interface PolicyVersion {
  readonly id: string;
  readonly text: string;
  readonly document: PolicyDocument;
  readonly createdAt: number;
}

export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly iamPath: string;
  readonly description?: string;
  /** What reports call it. */
  readonly label: string;
  readonly createdAt: number;
  changedAt: number;
  /** The oldest first. */
  readonly versions: PolicyVersion[];
  default: PolicyVersion;
  /** Numbers aren't given out twice. */
  lastNumber: number;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_SIZE = 6144;
const MAX_VERSIONS = 5;

export class ManagedPolicies {
  readonly #byArn = new Map<string, ManagedPolicy>();

  constructor(
    private readonly cloud: Cloud,
    private readonly access: Access,
  ) {}

  get all(): readonly ManagedPolicy[] {
    return [...this.#byArn.values()];
  }

  arnOf(name: string, iamPath = '/'): string {
    return `arn:${this.cloud.partition}:iam::${this.cloud.accountId}:policy${iamPath}${name}`;
  }

  create(given: { name: string; iamPath?: string; text: string; description?: string; label: string }): ManagedPolicy {
    const { name, iamPath = '/', text, description, label } = given;
    if (this.all.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      throw new ApiError('EntityAlreadyExists', `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
    }
    const now = this.cloud.clock.now();
    const first = this.#version(text, 1);
    const policy: ManagedPolicy = {
      arn: this.arnOf(name, iamPath),
      name,
      id: iamId(this.cloud, 'ANPA'),
      iamPath,
      description,
      label,
      createdAt: now,
      changedAt: now,
      versions: [first],
      default: first,
      lastNumber: 1,
    };
    this.#byArn.set(policy.arn, policy);
    this.#tell(policy);
    return policy;
  }

  get(arn: string): ManagedPolicy | undefined {
    return this.#byArn.get(arn);
  }

  find(arn: string): ManagedPolicy {
    const policy = this.get(arn);
    if (policy) return policy;
    if (isAwsManaged(arn)) throw notImplemented(`reading or changing the AWS managed policy ${arn}`);
    throw noSuchEntity(`Policy ${arn} was not found.`);
  }

  /** For reading: AWS's own too, of those whose document we know. */
  readable(arn: string): ManagedPolicy {
    const document = this.get(arn) ? undefined : awsManagedPolicy(arn);
    if (!document) return this.find(arn);
    const [iamPath, name] = /^arn:[^:]+:iam::aws:policy(\/.*?)([^/]+)$/.exec(arn)?.slice(1) ?? ['/', arn];
    const only: PolicyVersion = { id: 'v1', text: JSON.stringify(document), document, createdAt: 0 };
    return { arn, name, id: name, iamPath, label: name, createdAt: 0, changedAt: 0, versions: [only], default: only, lastNumber: 1 };
  }

  version(arn: string, id: string): PolicyVersion {
    const version = this.readable(arn).versions.find((candidate) => candidate.id === id);
    if (!version) throw noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`);
    return version;
  }

  createVersion(arn: string, text: string, setAsDefault: boolean): PolicyVersion {
    const policy = this.find(arn);
    const version = this.#version(text, policy.lastNumber + 1);
    if (policy.versions.length >= MAX_VERSIONS) {
      throw limitExceeded(
        `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
      );
    }
    policy.lastNumber += 1;
    policy.versions.push(version);
    policy.changedAt = version.createdAt;
    if (setAsDefault) this.#setDefault(policy, version);
    return version;
  }

  setDefault(arn: string, id: string): void {
    this.#setDefault(this.find(arn), this.version(arn, id));
  }

  deleteVersion(arn: string, id: string): void {
    const policy = this.find(arn);
    const version = this.version(arn, id);
    if (policy.default === version) throw conflict('Cannot delete the default version of a policy.');
    policy.versions.splice(policy.versions.indexOf(version), 1);
  }

  delete(arn: string, attached: boolean): void {
    const policy = this.find(arn);
    if (attached) throw conflict('Cannot delete a policy attached to entities.');
    if (policy.versions.length > 1) {
      throw conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
      );
    }
    this.#byArn.delete(arn);
  }

  #version(text: string, number: number): PolicyVersion {
    if (policySize(text) > MAX_SIZE) throw limitExceeded(`Cannot exceed quota for PolicySize: ${MAX_SIZE}`);
    return { id: `v${number}`, text, document: parsePolicy(text), createdAt: this.cloud.clock.now() };
  }

  #setDefault(policy: ManagedPolicy, version: PolicyVersion): void {
    policy.default = version;
    policy.changedAt = this.cloud.clock.now();
    this.#tell(policy);
  }

  #tell({ arn, default: version, label }: ManagedPolicy): void {
    this.access.putManagedPolicy(arn, version.document, label);
  }
}

export const isAwsManaged = (arn: string): boolean => /^arn:[^:]+:iam::aws:policy\//.test(arn);

function conflict(message: string): ApiError {
  return new ApiError('DeleteConflict', message, 409);
}
