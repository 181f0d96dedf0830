import { aws_iam as iam, Stack, aws_scheduler as scheduler } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../core/acknowledge-wildcards';
import type { HandlerFunction } from '../../core/handler-function';

/** What the schedules of reminders are made with. */
export interface Reminders {
  readonly groupName: string;
  readonly roleArn: string;
}

/**
 * Lets a function make a schedule for each reminder, which calls it when its time has come.
 * @param scope the gate
 * @param notify the function that tells approvers
 */
export function makeReminders(scope: Construct, { alias, function: notify, role: grantee }: HandlerFunction): Reminders {
  const group = new scheduler.CfnScheduleGroup(scope, 'Reminders');
  const role = new iam.Role(scope, 'ReminderRole', {
    description: 'Lets reminders of approvals call the function that tells approvers',
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceArn': group.attrArn } } }),
  });
  iam.Grant.addToPrincipal({ grantee: role, actions: ['lambda:InvokeFunction'], resourceArns: [alias.functionArn] });
  const policy = new iam.Policy(scope, 'ReminderPolicy', {
    roles: [grantee],
    statements: [
      new iam.PolicyStatement({
        actions: ['scheduler:CreateSchedule'],
        resources: [Stack.of(scope).formatArn({ service: 'scheduler', resource: 'schedule', resourceName: `${group.ref}/*` })],
      }),
      new iam.PolicyStatement({
        actions: ['iam:PassRole'],
        resources: [role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    ],
  });
  notify.node.addDependency(policy);
  acknowledgeWildcards(policy, "The schedules of the gate's own group: made at run time, one for each reminder.");
  return { groupName: group.ref, roleArn: role.roleArn };
}
