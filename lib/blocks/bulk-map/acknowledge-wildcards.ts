import { type aws_iam as iam, Stack } from 'aws-cdk-lib';
import { acknowledge } from '../../core/acknowledge';

interface Statement {
  readonly Resource: unknown;
}

/** Each resource of a policy that has a `*` in it, by name: what is added later by others stays a finding. */
export function acknowledgeWildcards(policy: iam.Policy, reason: string): void {
  const { Statement: statements = [] } = Stack.of(policy).resolve(policy.document.toJSON()) ?? {};
  for (const resource of (statements as Statement[]).flatMap(({ Resource }) => Resource)) {
    const name = textOf(resource);
    if (name.includes('*')) acknowledge(policy, `AwsSolutions-IAM5[Resource::${name}]`, reason);
  }
}

/** A CloudFormation value as cdk-nag writes it into a finding's id. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (Ref) return `<${Ref}>`;
  if (attribute) return `<${attribute.join('.')}>`;
  return join ? join[1].map(textOf).join(join[0]) : JSON.stringify(value);
}
