import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** What is held while steps run, and how long. */
export interface LeaseHoldProps {
  /** What is locked: a text, or JSONata over the state such as `{% $states.input.account %}`. At most 2,048 bytes; a number becomes its text. */
  readonly key: string;
  /** What is done while the lease is held. Variables that these steps assign are not seen after them; their output is. */
  readonly steps: sfn.IChainable;
  /**
   * How long the steps may take: whole seconds, from one minute to a year. After that another run may take the lease over, though this
   * one still works: the resource then tells them apart by the fencing token. A run that ends gives its leases back at once, whichever
   * way it ends.
   */
  readonly leaseFor: Duration;
  /** How many may hold the same key at once. Give the same limit wherever the key is used. @default 1, a lock */
  readonly limit?: number;
  /** How long to wait for a lease that others hold: whole seconds, up to 30 days. Whoever tries next gets it; there is no queue. @default - no waiting */
  readonly waitAtMost?: Duration;
  /** What is done in the place of the steps when others hold the lease for longer than that. Gets the input. @default - the run fails with `LeaseBusy` */
  readonly onBusy?: sfn.IChainable;
}
