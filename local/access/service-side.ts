/**
 * Permissions that AWS's own services use on a role's behalf and that no call in the runner shows. They are never counted as surplus;
 * the constructs' tests assert that roles have them. Only these exact actions, on these resources, for a role that trusts the service.
 */
export interface ServiceSidePermission {
  readonly purpose: string;
  /** The service principal in the role's trust policy. */
  readonly service: string;
  readonly actions: readonly string[];
  /** `*`, because the actions take no resource; or one named log group and its streams (any in an AWS managed policy). */
  readonly resource: '*' | 'log-group';
  /** Where AWS says so. */
  readonly page: string;
}

export const serviceSidePermissions: readonly ServiceSidePermission[] = [
  {
    purpose: 'Step Functions delivers its logs to CloudWatch Logs',
    service: 'states.amazonaws.com',
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    resource: '*',
    page: 'https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy',
  },
  {
    purpose: 'Step Functions sends traces to X-Ray',
    service: 'states.amazonaws.com',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resource: '*',
    page: 'https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html',
  },
  {
    purpose: "Lambda writes the function's log",
    service: 'lambda.amazonaws.com',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: 'log-group',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-prereqs.html',
  },
  {
    purpose: "Lambda sends the function's traces to X-Ray",
    service: 'lambda.amazonaws.com',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    resource: '*',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html#services-xray-permissions',
  },
];

const LOG_GROUP = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:[^:*?]+(:\*|:log-stream:\*)?$/;

export function isServiceSide(action: string, resource: string, services: ReadonlySet<string>, awsManaged: boolean): boolean {
  return serviceSidePermissions.some(
    (permission) =>
      services.has(permission.service) &&
      permission.actions.some((name) => name.toLowerCase() === action.toLowerCase()) &&
      (permission.resource === '*' ? resource === '*' : LOG_GROUP.test(resource) || (awsManaged && resource === '*')),
  );
}
