import type { ApprovalStepProps } from '../blocks/approval-gate/approval-step-props';

/** Who decides about amounts up to a limit. */
export class ApprovalTier {
  /**
   * Nobody is asked: the rule approves.
   * @param upTo the largest amount, which belongs to the tier
   */
  public static automatic(upTo: number): ApprovalTier {
    return new ApprovalTier(upTo);
  }

  /**
   * A person is asked, or a quorum.
   * @param upTo the largest amount, which belongs to the tier
   */
  public static ask(upTo: number, question: ApprovalStepProps): ApprovalTier {
    return new ApprovalTier(upTo, question);
  }

  private constructor(
    /** The largest amount that belongs to it. */
    public readonly upTo: number,
    /** Who is asked and what. @default - nobody: the rule approves */
    public readonly question?: ApprovalStepProps,
  ) {}
}
