import { aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RestrictedRule } from './handlers/judge/judge';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_CHARACTERS = 6144;

/** With these somebody who is quarantined could lift the quarantine, or rewrite its policy. */
const LIFTING = [
  'iam:CreatePolicyVersion',
  'iam:DetachGroupPolicy',
  'iam:DetachRolePolicy',
  'iam:DetachUserPolicy',
  'iam:SetDefaultPolicyVersion',
];

/** Denies all that is restricted, and grants nothing: the only policy that the guard can attach to anybody. */
export function quarantinePolicy(scope: Construct, id: string, rules: readonly RestrictedRule[]): iam.ManagedPolicy {
  const anywhere = new Set([...LIFTING, ...rules.filter(({ resources }) => !resources).map(({ action }) => action)]);
  const somewhere = rules.filter(({ resources }) => resources);
  const deny = (actions: readonly string[], resources: readonly string[]) =>
    new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: [...actions], resources: [...resources] });
  const statements = [deny([...anywhere], ['*']), ...somewhere.map(({ action, resources = [] }) => deny([action], resources))];
  const { length } = JSON.stringify(new iam.PolicyDocument({ statements }).toJSON());
  if (length > MAX_CHARACTERS) {
    throw new Error(
      `the restricted actions make a quarantine policy of ${length} characters, and IAM takes ${MAX_CHARACTERS}: restrict services as a whole, such as 'iam:*', or fewer actions`,
    );
  }
  return new iam.ManagedPolicy(scope, id, { description: 'Denies what no policy may grant without approval', statements });
}
