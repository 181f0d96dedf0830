import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Records why a finding of cdk-nag is accepted, on the smallest construct that has it: an acknowledgement on anything larger would
 * hide its user's later mistakes. The short id is the one that both `validateScope` and the plugin honour.
 */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}
