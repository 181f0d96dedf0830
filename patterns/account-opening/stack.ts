import { join } from 'node:path';
import { Duration, aws_lambda as lambda, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApprovalGate, Approver, Check, HandlerFunction, InputField, OnExpired, ParallelChecks } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { AccountSteps } from './account-steps';

/** Properties of the account-opening stacks. */
export interface AccountOpeningStackProps extends StackProps {
  /** Asked first about an application that is flagged. @default "reviewer@example.com" */
  readonly reviewer?: string;
  /** Asked when the reviewer lets two days pass. @default "supervisor@example.com" */
  readonly supervisor?: string;
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** Properties of `AccountOpeningExpressStack`. */
export type AccountOpeningExpressStackProps = Pick<AccountOpeningStackProps, 'operator' | keyof StackProps>;

const APPLICATION = {
  applicationId: InputField.ofString({ maxLength: 64, pattern: '[A-Za-z0-9-]+', format: 'letters, digits and dashes' }),
  // Some people have one name only.
  name: InputField.ofObject({
    given: InputField.ofString({ minLength: 0, maxLength: 100 }),
    family: InputField.ofString({ minLength: 0, maxLength: 100 }),
  }),
  birthDate: InputField.ofString({ pattern: '[0-9]{4}-[0-9]{2}-[0-9]{2}', format: 'a date, YYYY-MM-DD' }),
  email: InputField.ofString({ maxLength: 254, pattern: '[^@ ]+@[^@ ]+', format: 'a mail address' }),
  address: InputField.ofObject({
    line1: InputField.ofString({ maxLength: 200 }),
    line2: InputField.ofString({ maxLength: 200, optional: true }),
    city: InputField.ofString({ maxLength: 100 }),
    region: InputField.ofString({ maxLength: 100, optional: true }),
    postcode: InputField.ofString({ maxLength: 20, optional: true }),
    country: InputField.ofString({ pattern: '[A-Z]{2}', format: 'an ISO 3166 country code of two capital letters' }),
  }),
};

/**
 * A bank account is opened when the applicant's name and address pass; when one is flagged, a person decides.
 * Standard: a run may wait for days.
 */
export class AccountOpeningStack extends Stack {
  constructor(scope: Construct, id: string, props: AccountOpeningStackProps = {}) {
    super(scope, id, props);
    const account = new AccountSteps(this, 'Account');
    const gate = new ApprovalGate(this, 'Review');
    const review = gate.step('ReviewApplication', {
      approver: Approver.email(props.reviewer ?? 'reviewer@example.com'),
      title: 'Open this account?',
      summary: {
        Application: '{% $states.input.applicationId %}',
        Applicant: '{% $states.input.name.given & " " & $states.input.name.family %}',
        'Born on': '{% $states.input.birthDate %}',
        Address:
          '{% $join([$states.input.address.line1, $states.input.address.line2, $states.input.address.postcode, $states.input.address.city, $states.input.address.country], ", ") %}',
        'Name check': '{% $states.input.checks.name.flagged ? $states.input.checks.name.reason : "passed" %}',
        'Address check': '{% $states.input.checks.address.flagged ? $states.input.checks.address.reason : "passed" %}',
      },
      expiresIn: Duration.days(2),
      onExpired: OnExpired.escalate({
        approver: Approver.email(props.supervisor ?? 'supervisor@example.com'),
        expiresIn: Duration.days(2),
        onExpired: OnExpired.reject(),
      }),
      onRejected: account.refuse,
    });
    const opening = new ParallelChecks(this, 'Opening', {
      input: APPLICATION,
      notificationTopic: operatorTopic(this, props.operator),
      checks: checks(this),
      onPassed: account.open,
      onFlagged: review.next(account.open),
    });
    gate.grantTaskResponse(opening.stateMachine);
  }
}

/** The same without a person: what is flagged is refused. Express: a run takes seconds. */
export class AccountOpeningExpressStack extends Stack {
  constructor(scope: Construct, id: string, props: AccountOpeningExpressStackProps = {}) {
    super(scope, id, props);
    const account = new AccountSteps(this, 'Account');
    new ParallelChecks(this, 'Opening', {
      input: APPLICATION,
      notificationTopic: operatorTopic(this, props.operator),
      checks: checks(this),
      onPassed: account.open,
      onFlagged: account.refuse,
    });
  }
}

function checks(scope: Construct): { [name: string]: Check } {
  return { name: check(scope, 'CheckName', 'check-name'), address: check(scope, 'CheckAddress', 'check-address') };
}

function check(scope: Construct, id: string, handler: string): Check {
  const code = lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'patterns', 'account-opening', handler), {
    exclude: ['sources.json'],
  });
  return Check.invoke(new HandlerFunction(scope, id, { code }).alias);
}
