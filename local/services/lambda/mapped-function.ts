import type { InvocationResult } from '../../functions/types';

/** A function as Lambda's own pollers see it. */
export interface MappedFunction {
  readonly arn: string;
  readonly version: string;
  readonly roleArn: string;
  readonly timeoutSeconds: number;
  /** Undefined when it is throttled. */
  invoke(payload: string): Promise<InvocationResult | undefined>;
}
