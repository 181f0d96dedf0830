import { aws_iam as iam } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOG_DELIVERY_ACTIONS = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const STATE_MACHINE_TRACING_ACTIONS = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html */
const FUNCTION_TRACING_ACTIONS = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'];

/**
 * What Step Functions itself does on the role's behalf. A policy of its own, because these actions take no resource: the `*` is
 * acknowledged here and nowhere else.
 */
export function stateMachineServicePolicy(scope: Construct, id: string, role: iam.IRole): iam.Policy {
  return servicePolicy(scope, id, role, [...LOG_DELIVERY_ACTIONS, ...STATE_MACHINE_TRACING_ACTIONS]);
}

/** What Lambda itself does on the role's behalf, as far as it takes no resource. */
export function functionServicePolicy(scope: Construct, id: string, role: iam.IRole): iam.Policy {
  return servicePolicy(scope, id, role, FUNCTION_TRACING_ACTIONS);
}

function servicePolicy(scope: Construct, id: string, role: iam.IRole, actions: string[]): iam.Policy {
  const policy = new iam.Policy(scope, id, {
    roles: [role],
    statements: [new iam.PolicyStatement({ actions, resources: ['*'] })],
  });
  acknowledge(
    policy,
    'AwsSolutions-IAM5[Resource::*]',
    'Vended log delivery and X-Ray have no resource-level permissions; this policy holds nothing else.',
  );
  return policy;
}
