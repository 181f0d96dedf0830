import type { Duration } from 'aws-cdk-lib';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { Approver } from '../blocks/approval-gate/approver';
import type { OnExpired } from '../blocks/approval-gate/on-expired';

/** Who is asked when more would be deleted than may be. */
export interface SyncApprovalProps {
  /** Who is asked. */
  readonly approver: Approver;
  /** How long the approver has: whole seconds, at least a minute, less than the workflow itself. */
  readonly expiresIn: Duration;
  /** What happens when nobody decides in time. @default OnExpired.reject() */
  readonly onExpired?: OnExpired;
  /** The gate to ask through: several workflows can share one. @default - a new gate */
  readonly gate?: ApprovalGate;
}

/** What may be deleted from the destination, and how much. */
export interface SyncDeletionOptions {
  /** Most objects that a run deletes, a whole number. @default 100 */
  readonly maxCount?: number;
  /** Most percent of the destination's objects that a run deletes, from 0 to 100. @default 10 */
  readonly maxPercent?: number;
  /** Whether a destination that keeps no versions will do: what is deleted there is lost. @default false */
  readonly allowUnversioned?: boolean;
  /** Who is asked when a plan exceeds one of the limits. @default - nobody: the run fails with `TooManyDeletions` */
  readonly approval?: SyncApprovalProps;
}

/** Whether objects that the source lacks are deleted from the destination. */
export class SyncDeletion {
  /** They stay, and are counted. */
  public static never(): SyncDeletion {
    return new SyncDeletion();
  }

  /**
   * They are deleted when all copies are made and verified: each only if it is still what it was when the plan was made, and if the
   * source still lacks its key. Refused for an empty source, for a destination without versioning, and above the limits.
   * @throws for limits that are no numbers of objects and percent
   */
  public static afterCopy(options: SyncDeletionOptions = {}): SyncDeletion {
    const { maxCount = 100, maxPercent = 10, allowUnversioned = false, approval } = options;
    if (!Number.isInteger(maxCount) || maxCount < 0) throw new Error(`maxCount is ${maxCount}: give a whole number of objects, from 0`);
    if (!(maxPercent >= 0 && maxPercent <= 100)) throw new Error(`maxPercent is ${maxPercent}: give a number from 0 to 100`);
    return new SyncDeletion({ maxCount, maxPercent, allowUnversioned }, approval);
  }

  private constructor(
    /** @internal */
    public readonly _limits?: { readonly maxCount: number; readonly maxPercent: number; readonly allowUnversioned: boolean },
    /** @internal */
    public readonly _approval?: SyncApprovalProps,
  ) {}
}
