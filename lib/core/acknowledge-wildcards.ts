import { type aws_iam as iam, Stack } from 'aws-cdk-lib';
import { acknowledge } from './acknowledge';
import { textOf } from './template-text';

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
