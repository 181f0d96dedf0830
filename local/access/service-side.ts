import type { DistributedMaps } from './distributed-maps';

/**
 * Permissions that AWS's own services use on a role's behalf and that no call in the runner shows. They are never counted as surplus;
 * the constructs' tests assert that roles have them. Only these exact actions, on these resources, for a role that trusts the service.
 */
export interface ServiceSidePermission {
  readonly purpose: string;
  /** The service principal in the role's trust policy. */
  readonly service: string;
  readonly actions: readonly string[];
  /**
   * - `*`: the actions take no resource.
   * - `log-group`: one named log group and its streams (any in an AWS managed policy).
   * - `managed`: any, in an AWS managed policy, of which nobody can take a part away.
   * - `executions`: of the Distributed Maps of a state machine that ran under the role.
   * - `results`: the objects to which these export their results.
   */
  readonly resource: '*' | 'log-group' | 'managed' | 'executions' | 'results';
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
    purpose: 'Step Functions watches, stops and redrives the child executions of a Distributed Map',
    service: 'states.amazonaws.com',
    actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
    resource: 'executions',
    page: 'https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html',
  },
  {
    purpose: 'Step Functions exports the results of a Distributed Map in parts, and reads what it wrote',
    service: 'states.amazonaws.com',
    actions: ['s3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
    resource: 'results',
    page: 'https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html#resultwriter-iam-policies',
  },
  {
    purpose: "Lambda writes the function's log",
    service: 'lambda.amazonaws.com',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resource: 'log-group',
    page: 'https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-prereqs.html',
  },
  {
    purpose: "Lambda makes the function's log group, where the template has none",
    service: 'lambda.amazonaws.com',
    actions: ['logs:CreateLogGroup'],
    resource: 'managed',
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

/** Whose permission it is. */
export interface Holder {
  /** The services that may assume the role. */
  readonly services: ReadonlySet<string>;
  readonly awsManaged: boolean;
  readonly distributedMaps: readonly DistributedMaps[];
}

const LOG_GROUP = /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:[^:*?]+(:\*|:log-stream:\*)?$/;

const COVERS: Readonly<Record<ServiceSidePermission['resource'], (resource: string, holder: Holder) => boolean>> = {
  '*': (resource) => resource === '*',
  'log-group': (resource, { awsManaged }) => LOG_GROUP.test(resource) || (awsManaged && resource === '*'),
  managed: (_, { awsManaged }) => awsManaged,
  executions: (resource, { distributedMaps }) => distributedMaps.some(({ machineArn }) => isChildren(resource, machineArn)),
  results: (resource, { distributedMaps }) => distributedMaps.some(({ results }) => results.some((one) => isResults(resource, one))),
};

export function isServiceSide(action: string, resource: string, holder: Holder): boolean {
  return serviceSidePermissions.some(
    (permission) =>
      holder.services.has(permission.service) &&
      permission.actions.some((name) => name.toLowerCase() === action.toLowerCase()) &&
      COVERS[permission.resource](resource, holder),
  );
}

/** `…:execution:Machine:*`, `…:execution:Machine/Label:*`, `…:execution:Machine/*`. */
function isChildren(resource: string, machineArn: string): boolean {
  const executions = machineArn.replace(':stateMachine:', ':execution:');
  if (!resource.startsWith(executions)) return false;
  return /^(:|\/[^:/?]+:|\/)\*$/.test(resource.slice(executions.length));
}

/** Objects of the bucket, and beneath the prefix or a part of it where there is one. */
function isResults(resource: string, { bucket, prefix = '' }: DistributedMaps['results'][number]): boolean {
  const [, found, keys] = /^arn:[^:]+:s3:::([^/*?]+)\/([^*?]*)\*$/.exec(resource) ?? [];
  return found === bucket && keys !== undefined && (keys.startsWith(prefix) || prefix.startsWith(keys));
}
