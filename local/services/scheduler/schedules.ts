import { ApiError } from '../../cloud-types';
import type { RetryPolicy } from '../retry-policy';
import type { Timing } from './expression';

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html */
export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly RetryPolicy?: RetryPolicy;
  readonly SqsParameters?: { readonly MessageGroupId?: string };
  readonly EventBridgeParameters?: { readonly DetailType: string; readonly Source: string };
}

/** CreateSchedule's input, and the properties of AWS::Scheduler::Schedule. */
export interface ScheduleInput {
  readonly Name: string;
  readonly GroupName?: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly StartDate?: Date;
  readonly EndDate?: Date;
  readonly State?: 'ENABLED' | 'DISABLED';
  readonly Description?: string;
  readonly FlexibleTimeWindow: { readonly Mode: 'OFF' | 'FLEXIBLE'; readonly MaximumWindowInMinutes?: number };
  readonly Target: ScheduleTarget;
  readonly ActionAfterCompletion?: 'NONE' | 'DELETE';
  readonly ClientToken?: string;
  readonly KmsKeyArn?: string;
}

export interface StoredSchedule {
  readonly arn: string;
  readonly group: ScheduleGroup;
  readonly input: ScheduleInput;
  readonly timing: Timing;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Aborted when it is changed or deleted. */
  readonly ended: AbortController;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly schedules: Map<string, StoredSchedule>;
}

export function notFound(what: string): ApiError {
  return new ApiError('ResourceNotFoundException', `${what} does not exist.`, 404);
}

export function conflict(what: string): ApiError {
  return new ApiError('ConflictException', `${what} already exists.`, 409);
}
