/** IAM, as far as the synthesized policies go: who may do what, what was refused, what was granted and never used. */
import type { AccessRequest, PolicyDocument, Principal } from '../cloud-types';

export interface Access {
  putRole(role: RoleDefinition): void;
  /** An inline policy, from `AWS::IAM::Policy` or a role's `Policies`. `path` is its construct path or logical id: reports name it. */
  putRolePolicy(roleArn: string, policyName: string, document: PolicyDocument, path: string): void;
  /** A managed policy of the assembly, `AWS::IAM::ManagedPolicy`: roles refer to it in `managedPolicyArns`. Those of AWS are known. */
  putManagedPolicy(policyArn: string, document: PolicyDocument, path: string): void;
  /** Of a bucket, table or API: under its own ARN; it holds for objects, indexes and methods. A key without one has KMS's default. */
  setResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Decides and counts. */
  authorize(principal: Principal, request: AccessRequest): Decision;
  /** In order. */
  readonly denied: readonly DeniedCall[];
  /** Every statement, or part of one, of an identity policy that no call used; the service-side list of service-side.ts left out. */
  unused(): readonly UnusedPermission[];
  /** Every (role, action, resource) that a call used, once each, with the statement that allowed it. */
  used(): readonly UsedPermission[];
  /** For the mutation test: from now on, what this says is as if no policy allowed it. */
  takeAway(permission: { readonly role: string; readonly action: string; readonly resource: string }): void;
}

export interface RoleDefinition {
  readonly arn: string;
  readonly path: string;
  readonly trust: PolicyDocument;
  readonly managedPolicyArns: readonly string[];
  readonly permissionsBoundary?: PolicyDocument;
}

export interface Decision {
  readonly allowed: boolean;
  /** AWS's own sentence: "User: … is not authorized to perform: … on resource: … because no identity-based policy allows the … action". */
  readonly message?: string;
}

/** `role`, here and below, is the role's construct path, or its name without one; of an AWS service, its principal ("sns.amazonaws.com"). */
export interface DeniedCall {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}

export interface UnusedPermission {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export interface UsedPermission {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  /** The policy and its statement. */
  readonly allowedBy: string;
}
