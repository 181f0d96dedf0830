import type { Pattern } from '../event-pattern';
import type { RetryPolicy } from '../retry-policy';
import type { TargetInput } from './target-input';

/** `AWS::Events::Rule`'s Target. */
export interface Target extends TargetInput {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: RetryPolicy;
  readonly SqsParameters?: { readonly MessageGroupId?: string };
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly pattern?: Pattern;
  readonly schedule?: string;
  readonly targets: readonly Target[];
}

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly rules: Map<string, Rule>;
}
