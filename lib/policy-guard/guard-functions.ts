import { ArnFormat, Duration, aws_iam as iam, Stack, type aws_s3 as s3 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { listObjects, writeObjects } from '../blocks/bulk-map/s3-statements';
import { acknowledgeWildcards } from '../core/acknowledge-wildcards';
import { handlerAsset } from '../core/handler-asset';
import { HandlerFunction } from '../core/handler-function';
import type { GuardRules } from './handlers/guard-rules';

export interface GuardFunctionsProps {
  readonly rules: GuardRules;
  readonly evidence: s3.IBucket;
  readonly quarantine: iam.IManagedPolicy;
  /** Whether policies are contained, and not only observed. */
  readonly contains: boolean;
  /** Names of the guard's roles, as JSON. */
  readonly ownRoles: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB of environment in all. */
const MAX_RULES = 3000;

const TYPES = ['User', 'Role', 'Group'];

/** The functions of a `PolicyGuard`, each with what it may do of IAM. */
export class GuardFunctions extends Construct {
  /** Reads and judges. */
  public readonly examine: HandlerFunction;
  /** Takes policies' force away. */
  public readonly contain?: HandlerFunction;
  /** Gives it back. */
  public readonly restore?: HandlerFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GuardFunctionsProps,
  ) {
    super(scope, id);
    const { evidence, rules, ownRoles, contains } = props;
    const text = JSON.stringify(rules);
    if (text.length > MAX_RULES) {
      throw new Error(`restrictedActions and principals are ${text.length} characters as JSON, more than ${MAX_RULES}: use wildcards`);
    }
    this.examine = this.make('examine', 'Judges the policy that a call has written', { GUARD_RULES: text, OWN_ROLES: ownRoles }, [
      this.allow([this.policies()], 'iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:ListPolicyVersions', 'iam:ListEntitiesForPolicy'),
      // Attached policies may be AWS's own.
      this.allow([this.policies('aws')], 'iam:GetPolicy', 'iam:GetPolicyVersion'),
      ...TYPES.map((type) => this.allow([this.entities(type)], `iam:Get${type}Policy`)),
      ...writeObjects(evidence, 'cases/*'),
    ]);
    if (!contains) return;
    this.contain = this.make('contain', 'Takes the force of a policy away', {}, [
      this.allow([this.policies()], 'iam:GetPolicy', 'iam:SetDefaultPolicyVersion'),
      ...this.quarantineStatements('Attach'),
      ...writeObjects(evidence, 'holds/*'),
    ]);
    this.restore = this.make('restore', 'Gives a policy its force back', {}, [
      this.allow([this.policies()], 'iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:SetDefaultPolicyVersion'),
      this.allow([this.policies('aws')], 'iam:GetPolicy', 'iam:GetPolicyVersion'),
      ...TYPES.map((type) => this.allow([this.entities(type)], `iam:Get${type}Policy`)),
      ...this.quarantineStatements('Attach', 'Detach'),
      ...listObjects(evidence, 'holds/'),
      this.allow([evidence.arnForObjects('holds/*')], 's3:DeleteObject'),
    ]);
  }

  private make(name: string, description: string, environment: Record<string, string>, statements: iam.PolicyStatement[]): HandlerFunction {
    const id = name[0].toUpperCase() + name.slice(1);
    const made = new HandlerFunction(this, id, {
      code: handlerAsset(`lib/policy-guard/${name}`),
      description,
      environment: {
        EVIDENCE_BUCKET: this.props.evidence.bucketName,
        QUARANTINE_ARN: this.props.quarantine.managedPolicyArn,
        ...environment,
      },
      timeout: Duration.minutes(5),
    });
    const policy = new iam.Policy(this, `${id}Policy`, { roles: [made.role], statements });
    acknowledgeWildcards(
      policy,
      'Any policy and anybody of the account may be concerned; see the README for why no more can be reached by it.',
    );
    return made;
  }

  /**
   * Of all policies only the quarantine policy can be attached or detached.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_PolicyARN
   */
  private quarantineStatements(...verbs: string[]): iam.PolicyStatement[] {
    const { managedPolicyArn } = this.props.quarantine;
    return TYPES.flatMap((type) => [
      this.allow([this.entities(type)], `iam:ListAttached${type}Policies`),
      new iam.PolicyStatement({
        actions: verbs.map((verb) => `iam:${verb}${type}Policy`),
        resources: [this.entities(type)],
        conditions: { ArnEquals: { 'iam:PolicyARN': managedPolicyArn } },
      }),
    ]);
  }

  private allow(resources: string[], ...actions: string[]): iam.PolicyStatement {
    return new iam.PolicyStatement({ actions, resources });
  }

  private policies(account?: string): string {
    return this.arn('policy', account);
  }

  private entities(type: string): string {
    return this.arn(type.toLowerCase());
  }

  private arn(resource: string, account?: string): string {
    const arnFormat = ArnFormat.SLASH_RESOURCE_NAME;
    return Stack.of(this).formatArn({ service: 'iam', region: '', account, resource, resourceName: '*', arnFormat });
  }
}
