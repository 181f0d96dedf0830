import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApprovalTier, Approver, HumanApproval, InputField, OnExpired } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { LimitSteps } from './limit-steps';

/** Properties of `CreditLimitStack`. */
export interface CreditLimitStackProps extends StackProps {
  /** Decides about limits up to 20,000. @default "officer@example.com" */
  readonly officer?: string;
  /** Decides where the officer may not, or lets a day pass. @default "head@example.com" */
  readonly head?: string;
  /** Two of them decide about everything else. @default ["ann@example.com", "bob@example.com", "cy@example.com"] */
  readonly board?: string[];
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/**
 * A customer's credit limit is set: up to 1,000 by rule, up to 20,000 by an officer, above that by two of three members of the board.
 * The tier goes by the whole limit, not by the raise: many small raises don't get around a person.
 */
export class CreditLimitStack extends Stack {
  constructor(scope: Construct, id: string, props: CreditLimitStackProps = {}) {
    super(scope, id, props);
    const { officer = 'officer@example.com', head = 'head@example.com' } = props;
    const board = props.board ?? ['ann@example.com', 'bob@example.com', 'cy@example.com'];
    const limit = new LimitSteps(this, 'Limit');
    const asked = {
      title: 'Set this credit limit?',
      summary: {
        Customer: '{% $states.input.customer %}',
        'New limit': '{% $states.input.limit %}',
        'Asked for by': '{% $states.input.requestedBy %}',
        Why: '{% $states.input.why %}',
      },
      requester: '{% $states.input.requestedBy %}',
      onRejected: limit.leave,
    };
    new HumanApproval(this, 'Request', {
      notificationTopic: operatorTopic(this, props.operator),
      input: {
        requestId: InputField.ofString({ maxLength: 64 }),
        customer: InputField.ofString({ maxLength: 64 }),
        limit: InputField.ofNumber({ min: 0, max: 1_000_000 }),
        requestedBy: InputField.ofString({ pattern: '[^@ ]+@[^@ ]+', format: 'a mail address' }),
        why: InputField.ofString({ maxLength: 500 }),
      },
      amount: '{% $states.input.limit %}',
      tiers: [
        ApprovalTier.automatic(1000),
        ApprovalTier.ask(20_000, {
          ...asked,
          approver: Approver.email(officer),
          expiresIn: Duration.days(1),
          reminders: [Duration.hours(4)],
          onExpired: OnExpired.escalate({ approver: Approver.email(head), expiresIn: Duration.days(1), onExpired: OnExpired.reject() }),
        }),
      ],
      question: {
        ...asked,
        approver: Approver.quorum(2, board.map(Approver.email)),
        expiresIn: Duration.days(3),
        reminders: [Duration.days(1)],
        onExpired: OnExpired.reject(),
      },
      onApproved: limit.set,
      timeout: Duration.days(7),
    });
  }
}
