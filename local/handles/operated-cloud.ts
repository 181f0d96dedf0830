import type { Access } from '../access';
import type { VirtualClock } from '../clock';
import type { ApiCall, Cloud } from '../cloud-types';
import type { Execution } from '../engine/types';
import type { Invocation } from '../recorded-functions';

/** A cloud as the person at the keyboard has it: what the handles are made of. */
export interface OperatedCloud extends Cloud {
  readonly clock: VirtualClock;
  readonly access: Access;
  readonly calls: readonly ApiCall[];
  readonly invocations: readonly Invocation[];
  /** A call that nobody counts and for which everything is allowed. */
  operate<T>(service: string, operation: string, input: Readonly<Record<string, unknown>>): Promise<T>;
  /** @throws if there is none */
  execution(arn: string): Execution;
  /** In the order of their starts. */
  executions(machineArn?: string): readonly Execution[];
}
