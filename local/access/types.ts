/** IAM, as far as the synthesized policies go: who may do what, what was refused, what was granted and never used. */
import type { AccessRequest, PolicyDocument, PolicyStatement, Principal } from '../cloud-types';

/**
 * What becomes of a call that the policies don't allow.
 * - `enforce`: it is refused, as on AWS.
 * - `warn`: it goes through, and the denial is recorded.
 * - `off`: nothing is checked and nothing is counted.
 */
export type AccessMode = 'enforce' | 'warn' | 'off';

export interface Access {
  readonly mode: AccessMode;
  putRole(role: RoleDefinition): void;
  /** An inline policy, from `AWS::IAM::Policy` or a role's `Policies`. `path` is its construct path or logical id: reports name it. */
  putRolePolicy(roleArn: string, policyName: string, document: PolicyDocument, path: string): void;
  /** A managed policy of the assembly, `AWS::IAM::ManagedPolicy`: roles refer to it in `managedPolicyArns`. Those of AWS are known. */
  putManagedPolicy(policyArn: string, document: PolicyDocument, path: string): void;
  /** Of a bucket, table or API: under its own ARN; it holds for objects, indexes and methods. A key without one has KMS's default. */
  setResourcePolicy(resourceArn: string, document: PolicyDocument): void;
  /** Those of a KMS key, by their ids: each as the statements that it amounts to. They replace the ones before. */
  setGrants(keyArn: string, grants: ReadonlyMap<string, readonly PolicyStatement[]>): void;
  /** Decides and counts. */
  authorize(principal: Principal, request: AccessRequest): Decision;
  /** In order. */
  readonly denied: readonly DeniedCall[];
  /** Every statement, or part of one, of an identity policy that no call used; the service-side list of service-side.ts left out. */
  unused(): readonly UnusedPermission[];
  /** Every (role, action, resource) that a call used, once each, with the statement that allowed it. */
  used(): readonly UsedPermission[];
  /** What calls used of each wildcard: `widerThanUsed` judges it, over several runs together as well. */
  wildcards(): readonly WildcardUse[];
  /** The wildcards of identity policies that allow more than calls used. */
  wider(): readonly WidePermission[];
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

export type PolicyType = 'identity-based policy' | 'resource-based policy' | 'permissions boundary' | 'session policy';

/** `role`, here and below, is the role's construct path, or its name without one; of an AWS service, its principal ("sns.amazonaws.com"). */
export interface DeniedCall {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly reason: DenialReason;
}

export interface DenialReason {
  /**
   * - `denied`: a statement denies it.
   * - `not allowed`: no statement of the policy type allows it.
   * - `undecided`: the runner doesn't know what the decision takes; only in the mode `warn`, else this is an error.
   * - `taken away`: `takeAway` was called for it.
   */
  readonly kind: 'denied' | 'not allowed' | 'undecided' | 'taken away';
  /** The kind of policy that denies it, or that had to allow it. */
  readonly policyType?: PolicyType;
  /** The statement that denies it, or else the one that comes nearest to allowing it; none where none has to do with it. */
  readonly statement?: StatementSummary;
  /** In what that statement differs from the call; nothing where it denies it. */
  readonly mismatches: readonly Mismatch[];
  /** All of this in a sentence. */
  readonly text: string;
}

export interface StatementSummary {
  /** The policy and its statement. */
  readonly label: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** In a resource's policy. */
  readonly principals?: readonly string[];
}

export type Mismatch =
  | { readonly element: 'Action' | 'Resource' | 'Principal'; readonly expected: readonly string[]; readonly actual: string }
  | {
      readonly element: 'Condition';
      readonly operator: string;
      readonly key: string;
      readonly expected: readonly string[];
      /** Absent where the call doesn't have the key. */
      readonly actual?: readonly string[];
    };

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

/** A wildcard in an Allow statement of an identity policy. */
export interface Wildcard {
  readonly role: string;
  /** The policy and its statement. */
  readonly statement: string;
  readonly element: 'Action' | 'Resource';
  /** As the policy has it. */
  readonly pattern: string;
}

export interface WildcardUse extends Wildcard {
  /** The actions, or resources, of the calls that it allowed; of very many so many that they show it to be used widely. */
  readonly used: readonly string[];
}

export interface WidePermission extends Wildcard {
  /** The actions, or the narrower resources, that would have done. */
  readonly enough: readonly string[];
}
