import type { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { BulkConcurrency } from './bulk-concurrency';
import type { BulkSource } from './bulk-source';
import type { BulkWork } from './bulk-work';

/** What is done with many items. */
export interface BulkWorkProps {
  /** What is done with each item, or each batch. */
  readonly work: BulkWork;
  /** How many children run at once. @default BulkConcurrency.of(10), which an account without raised quotas can take; 1 when `ordered` */
  readonly concurrency?: BulkConcurrency;
  /** One item at a time, in the order of the source; stops at the first failure that is not tolerated. @default false */
  readonly ordered?: boolean;
  /** Most items in a batch. @default - each item by itself, unless `batchMaxBytes` is given */
  readonly batchMaxItems?: number;
  /** Most bytes of a batch, at most 262,144. @default - each item by itself, unless `batchMaxItems` is given */
  readonly batchMaxBytes?: number;
  /** Given with every batch, as `BatchInput`; may have JSONata over the state. @default - none */
  readonly batchInput?: sfn.TaskInput;
  /** How many items may fail. With a percentage too, whichever is exceeded first counts. @default 0, unless a percentage is given */
  readonly toleratedFailureCount?: number;
  /** How many percent of the items may fail, from 0 to 100. @default - only the count decides */
  readonly toleratedFailurePercentage?: number;
  /**
   * Names of errors which say that the item itself is at fault, so that trying again gives the same. They are recorded as rejected; any
   * other error is a crash. Failures that work on a batch answers with are rejected as well. @default - every error is a crash
   */
  readonly businessErrors?: string[];
  /**
   * Express or Standard children. Express costs less and may work on an item twice; Standard may take up to a year and never does.
   * @default - Express for a function that ends within five minutes with all its retries, unless `ordered`; Standard otherwise
   */
  readonly childType?: sfn.StateMachineType;
}

/** Work on many items, as steps. */
export interface BulkStepProps extends BulkWorkProps {
  /** Where the items come from. */
  readonly source: BulkSource;
  /** The field of the state that gets the outcome. @default "bulk" */
  readonly outcomeField?: string;
}
