import type { RestrictedRule } from './handlers/judge/judge';

/** How a restricted action is narrowed. */
export interface RestrictedActionOptions {
  /** ARNs, with wildcards, that are meant: a grant that reaches none of them is no violation. @default - any resource */
  readonly resources?: string[];
  /**
   * Conditions that excuse a grant, by key: the values that it may be limited to, with wildcards, such as
   * `{ 'iam:PassedToService': ['lambda.amazonaws.com'] }`. Operators that also hold where the key is missing excuse nothing.
   * @default - no condition excuses it
   */
  readonly allowedIf?: { [key: string]: string[] };
}

/** What no policy may grant before a person has approved it. */
export class RestrictedAction {
  /**
   * Ways to more permissions than one has: each lets its holder write policies, take another identity over, or become one.
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
   */
  public static privilegeEscalation(): RestrictedAction[] {
    return ESCALATION.map((action) => RestrictedAction.of(action));
  }

  /** Ways to switch off what watches: trails, configuration recorders, detectors, keys. */
  public static coverTracks(): RestrictedAction[] {
    return COVER.map((action) => RestrictedAction.of(action));
  }

  /**
   * An action such as `iam:PassRole`, some of them such as `kms:Delete*`, or a service such as `organizations:*`. Letters' case does not matter.
   * @throws if it is none, or `resources` or a list of `allowedIf` is empty
   */
  public static of(action: string, options: RestrictedActionOptions = {}): RestrictedAction {
    if (!/^[\w-]+:[\w*?]+$/.test(action)) {
      throw new Error(`'${action}' is no restricted action: give one such as 'iam:PassRole', 'kms:Delete*' or 'organizations:*'`);
    }
    const { resources, allowedIf = {} } = options;
    if (resources?.length === 0)
      throw new Error(`resources of '${action}' is empty, so that nothing would be restricted: leave it out for any resource`);
    const conditions = Object.entries(allowedIf).map(([key, values]) => ({ key, values }));
    for (const { key, values } of conditions) {
      if (values.length === 0 || values.some((value) => /^\**$/.test(value)))
        throw new Error(
          `allowedIf of '${action}' has ${key} with ${JSON.stringify(values)}, which limits nothing: name the values that excuse a grant`,
        );
    }
    return new RestrictedAction({ action, resources, allowedIf: conditions.length > 0 ? conditions : undefined });
  }

  private constructor(
    /** @internal */
    public readonly _rule: RestrictedRule,
  ) {}
}

const ESCALATION = [
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteUserPermissionsBoundary',
  'iam:PassRole',
  'iam:PutGroupPolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:PutUserPermissionsBoundary',
  'iam:PutUserPolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
];

const COVER = [
  'cloudtrail:DeleteTrail',
  'cloudtrail:PutEventSelectors',
  'cloudtrail:StopLogging',
  'cloudtrail:UpdateTrail',
  'config:DeleteConfigurationRecorder',
  'config:StopConfigurationRecorder',
  'guardduty:DeleteDetector',
  'guardduty:UpdateDetector',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
  'organizations:LeaveOrganization',
];
