import type { Duration } from 'aws-cdk-lib';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import type { Approver } from '../blocks/approval-gate/approver';
import type { OnExpired } from '../blocks/approval-gate/on-expired';

/** Who decides about a policy that is contained. */
export interface ContainmentProps {
  /** The administrator who is asked. */
  readonly approver: Approver;
  /** How long the administrator has: whole seconds, at least a minute. */
  readonly expiresIn: Duration;
  /** What happens when nobody decides in time; whatever it is, the policy stays contained. @default OnExpired.reject(), which is reported */
  readonly onExpired?: OnExpired;
  /** The gate to ask through: several workflows can share one. @default - a new gate */
  readonly gate?: ApprovalGate;
}

/** What is done about a policy that grants what is restricted. */
export class OnViolation {
  /** Evidence is kept and it is reported. Nothing of IAM is changed, and no permission to do so is made. */
  public static observe(): OnViolation {
    return new OnViolation();
  }

  /** The policy is contained at once; a person decides whether it gets its force back. */
  public static contain(props: ContainmentProps): OnViolation {
    return new OnViolation(props);
  }

  private constructor(
    /** @internal */
    public readonly _containment?: ContainmentProps,
  ) {}
}
