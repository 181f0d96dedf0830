import type { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Approver } from './approver';

/** How a request goes on to somebody else. */
export interface EscalationProps {
  /** Who is asked next. */
  readonly approver: Approver;
  /** How long they have. */
  readonly expiresIn: Duration;
  /** How long before the expiry they are reminded, as in the step's own `reminders`. @default - no reminder */
  readonly reminders?: Duration[];
  /** What happens when they don't decide either. */
  readonly onExpired: OnExpired;
}

/** What happens when nobody decides in time. There is no default: silence has to mean something. */
export class OnExpired {
  /** As if it had been rejected, with the outcome's decision `EXPIRED`. */
  public static reject(): OnExpired {
    return new OnExpired();
  }

  /** Somebody else is asked, with a link of their own. */
  public static escalate(escalation: EscalationProps): OnExpired {
    return new OnExpired(escalation);
  }

  /** Your own steps. They get the input with the outcome, whose decision is `EXPIRED`. */
  public static continueWith(steps: sfn.IChainable): OnExpired {
    return new OnExpired(undefined, steps);
  }

  private constructor(
    /** @internal */
    public readonly _escalation?: EscalationProps,
    /** @internal */
    public readonly _steps?: sfn.IChainable,
  ) {}
}
