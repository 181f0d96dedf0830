import type { aws_iam as iam } from 'aws-cdk-lib';

/**
 * Which approver it is whose request is signed with AWS credentials: by the IAM role that they come from. IAM users, the account's
 * root user and roles that aren't named decide nothing.
 */
export class IamApprover {
  /**
   * Whoever acts as the role is this approver: for a role that one person, or one program, may assume. One approver may have several roles.
   * @param identity who it is, as `Approver.email` or `Approver.viaChannel` has it
   * @param role of the gate's own account
   * @throws if the identity is empty
   */
  public static role(identity: string, role: iam.IRole): IamApprover {
    if (identity === '') throw new Error('the identity of IamApprover.role is empty: give that of the approver who acts as the role');
    return new IamApprover(role, identity);
  }

  /**
   * For a role that several people share: the name of the session is the approver's identity, as IAM Identity Center and SAML set it. **Whoever may
   * choose that name may decide as anybody**: where people assume the role by `sts:AssumeRole`, its trust policy has to fix it by the
   * condition key `sts:RoleSessionName`. A name has 2 to 64 letters, digits and `_+=,.@-`.
   * @param role of the gate's own account
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
   */
  public static sessionsOf(role: iam.IRole): IamApprover {
    return new IamApprover(role);
  }

  private constructor(
    /** @internal */
    public readonly _role: iam.IRole,
    /** @internal */
    public readonly _identity?: string,
  ) {}
}
