import { Duration, type aws_lambda as lambda, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { ApprovalGate } from '../blocks/approval-gate/approval-gate';
import { OnExpired } from '../blocks/approval-gate/on-expired';
import type { Lease } from '../blocks/lease/lease';
import type { WorkflowNotification } from '../blocks/workflow-notification/workflow-notification';
import { invokeHandler } from '../core/invoke-handler';
import { TransientRetry } from '../core/transient-retry';
import type { ExceptionAlarm } from './exception-alarm';
import type { GuardFunctions } from './guard-functions';
import type { ContainmentProps } from './on-violation';

export interface GuardWorkflowProps {
  readonly functions: GuardFunctions;
  readonly reports: WorkflowNotification;
  readonly breakGlassReports: WorkflowNotification;
  /** None when nobody is exempt, or has break-glass access. */
  readonly alarms: { readonly exempt?: ExceptionAlarm; readonly breakGlass?: ExceptionAlarm };
  readonly containment?: ContainmentProps;
  readonly gate?: ApprovalGate;
  readonly lease?: Lease;
  /** How long a run may take. */
  readonly timeout: Duration;
}

/** What nobody gets rid of by trying again. */
const FINAL = ['NotContained', 'ChangedMeanwhile'];

const TIMEOUT = Duration.minutes(6);

/** How long a question waits for another one about the same policy. */
const TURN = Duration.days(14);

const CASE = '$states.input.case';

/** What a function has said when it failed: a Lambda error's cause is JSON, a time-out's is not. */
const FAILURE =
  '( $cause := $exists($states.input.failure.Cause) ? $states.input.failure.Cause : $states.input.failure.Error; ' +
  '$said := $substring($cause, 0, 1) = "{" ? $parse($cause) : {}; $exists($said.errorMessage) ? $said.errorMessage : $cause )';

/** The states of a run. */
export class GuardWorkflow extends Construct {
  /** The first of them. */
  public readonly steps: sfn.IChainable;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GuardWorkflowProps,
  ) {
    super(scope, id);
    const { functions, reports, breakGlassReports, alarms } = props;
    const examine = this.invoke(
      'Examine',
      functions.examine.alias,
      '{ "id": $states.context.Execution.Name, "event": $states.input.event, "attempt": $states.context.State.RetryCount }',
      '{ "case": $states.result.Payload }',
      'Reads the live document from IAM, judges it, and keeps evidence of what is not compliant.',
    );
    const is = (status: string) => sfn.Condition.jsonata(`{% ${CASE}.status = "${status}" %}`);
    const brokenGlass = this.report(breakGlassReports, 'ReportBreakGlass', 'Break-glass access was used: ', 'BREAK_GLASS');
    const exempt = this.report(reports, 'ReportExempt', 'An exempt principal wrote ', 'EXEMPT');
    const verdict = sfn.Choice.jsonata(this, 'Verdict')
      .when(sfn.Condition.jsonata(`{% ${CASE}.status in ["COMPLIANT", "IGNORED"] %}`), this.end('NothingToDo', `${CASE}.status`))
      .when(is('BREAK_GLASS'), alarms.breakGlass?.counted('CountBreakGlass', brokenGlass) ?? brokenGlass)
      .when(is('EXEMPT'), alarms.exempt?.counted('CountExempt', exempt) ?? exempt)
      .when(is('TAMPERED'), this.report(reports, 'PageTampered', "The policy guard's own policies were written: ", 'TAMPERED'))
      .otherwise(this.violated());
    this.steps = examine.next(verdict);
  }

  private violated(): sfn.IChainable {
    const { functions, reports, containment, gate, lease, timeout } = this.props;
    if (!functions.contain || !functions.restore || !containment || !gate || !lease) {
      return this.report(reports, 'ReportViolation', 'Observed, not contained: ', 'OBSERVED');
    }
    const notContained = this.page('NotContained', 'NOT CONTAINED: ', 'a policy grants what is restricted, and could not be contained');
    const contain = this.invoke(
      'Contain',
      functions.contain.alias,
      CASE,
      `$merge([$states.input, { "containment": $states.result.Payload }])`,
      'Takes its force away and reads back that it has none.',
    ).addCatch(notContained, { errors: ['States.ALL'], outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}' });
    const told = reports.publish('TellContained', { subject: this.subject('Contained: '), fields: this.fields() });
    const kept = (name: string, subject: string, status: string) =>
      this.report(reports, name, subject, status, { Decision: this.decision() });
    const ask = gate.step('AskAdministrator', {
      approver: containment.approver,
      expiresIn: containment.expiresIn,
      onExpired: containment.onExpired ?? OnExpired.reject(),
      onRejected: kept('ReportKept', 'Stays contained: ', 'KEPT'),
      title: 'Give this policy its force back?',
      summary: { ...this.fields(), Difference: `{% $exists(${CASE}.difference) ? ${CASE}.difference : "-" %}` },
    });
    const notRestored = this.page('NotRestored', 'APPROVED, BUT NOT RESTORED: ', 'it was approved, and stays contained');
    const restore = this.invoke(
      'Restore',
      functions.restore.alias,
      CASE,
      `$merge([$states.input, { "restoration": $states.result.Payload }])`,
      'Exactly what was asked about, and nothing if it has changed since.',
    ).addCatch(notRestored, { errors: ['States.ALL'], outputs: '{% $merge([$states.input, { "failure": $states.errorOutput }]) %}' });
    const held = { 'Still held': '{% $join($states.input.restoration.heldBy, "; ") %}' };
    const outcome = sfn.Choice.jsonata(this, 'IsRestored', { comment: 'Another case may hold the same user, role or group.' })
      .when(
        sfn.Condition.jsonata('{% $states.input.restoration.restored %}'),
        this.report(reports, 'ReportRestored', 'Restored: ', 'RESTORED', { Decision: this.decision() }),
      )
      .otherwise(this.report(reports, 'ReportHeld', 'Approved, held by another case: ', 'HELD', held));
    const turn = lease.hold('OneAtATime', {
      key: `{% $substring(${CASE}.policy, 0, 500) %}`,
      steps: ask.next(restore).next(outcome),
      leaseFor: timeout,
      waitAtMost: TURN,
      onBusy: this.report(reports, 'ReportNotAsked', 'Stays contained, nobody could be asked: ', 'NOT_ASKED'),
    });
    const isContained = sfn.Choice.jsonata(this, 'IsContained')
      .when(sfn.Condition.jsonata('{% $states.input.containment.contained %}'), told.next(turn))
      .otherwise(
        this.report(reports, 'PageNothingContained', 'Nothing to contain: ', 'UNCONTAINED', {
          Because: '{% $states.input.containment.reason %}',
        }),
      );
    return contain.next(isContained);
  }

  /** What everybody is told. */
  private fields(): { [label: string]: string } {
    const of = (name: string) => `{% ${CASE}.${name} %}`;
    return {
      Policy: of('policy'),
      Finding: of('reason'),
      'Written by': of('actor'),
      Call: `{% ${CASE}.call & " at " & ${CASE}.at %}`,
      Containment: of('contained'),
      Evidence: `{% $exists(${CASE}.evidence) ? ${CASE}.evidence.key : "none" %}`,
    };
  }

  private subject(words: string): string {
    return `{% ${JSON.stringify(words)} & ${CASE}.policy %}`;
  }

  private decision(): string {
    const approval = '$states.input.approval';
    const by = `($exists(${approval}.by) ? " by " & ${approval}.by : "")`;
    return `{% ${approval}.decision & ${by} & ($exists(${approval}.reason) ? ": " & ${approval}.reason : "") %}`;
  }

  private report(
    notification: WorkflowNotification,
    name: string,
    subject: string,
    status: string,
    more: { [label: string]: string } = {},
  ): sfn.Chain {
    const message = notification.publish(name, {
      subject: this.subject(subject),
      fields: { ...this.fields(), ...more },
      mustArrive: true,
    });
    return sfn.Chain.start(message).next(this.end(`${name}Done`, JSON.stringify(status)));
  }

  /** @param status JSONata */
  private end(name: string, status: string): sfn.Pass {
    return sfn.Pass.jsonata(this, name, {
      outputs:
        `{% $merge([$sift(${CASE}, function($v, $k) { $k in ["id", "policy", "call", "actor", "at", "reason", "contained", "documentHash", "evidence"] }), ` +
        `$sift($states.input, function($v, $k) { $k in ["approval", "restoration"] }), { "status": ${status} }]) %}`,
    });
  }

  /** Tells of what went wrong, and fails. */
  private page(error: string, subject: string, what: string): sfn.Chain {
    const message = this.props.reports.publish(`Page${error}`, {
      subject: this.subject(subject),
      fields: { ...this.fields(), Because: `{% ${FAILURE} %}` },
    });
    const failed = sfn.Fail.jsonata(this, error, {
      error,
      cause: `{% ${JSON.stringify(`${what}: `)} & ${CASE}.policy & ". " & ${FAILURE} & ". The evidence is " & ($exists(${CASE}.evidence) ? ${CASE}.evidence.key : "none") %}`,
    });
    return sfn.Chain.start(message).next(failed);
  }

  private invoke(id: string, handler: lambda.IFunction, payload: string, outputs: string, comment: string): sfn.TaskStateBase {
    const task = invokeHandler(this, id, handler, { payload, outputs, comment, timeout: TIMEOUT });
    // Each may be done twice, and a guard that gave up would leave things open: whatever it is, it is tried again.
    return task.addRetry({ errors: FINAL, maxAttempts: 0 }).addRetry({ ...TransientRetry.forLambda(), errors: ['States.ALL'] });
  }
}
