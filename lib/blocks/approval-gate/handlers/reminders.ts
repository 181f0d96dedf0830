import { ConflictException, CreateScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler';
import type { Channel, ReminderSettings } from './notify-event';

/** What a schedule calls the function with that tells approvers: no link and no code, which are derived anew. */
export interface ReminderEvent {
  readonly remind: readonly Reminded[];
}

/** One who is reminded. */
export interface Reminded {
  readonly requestId: string;
  readonly channel: Channel;
}

/** Schedules come on a minute's precision, and whoever was asked a minute ago needs no reminder. */
const SOONEST_MS = 60_000;

/** @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html */
const LONGEST_AGE_SECONDS = 86_400;

/**
 * Makes a schedule for each reminder: it calls once, and is deleted then. One that is there already, because the task was retried, is as
 * good.
 * @param requestId what the schedules are named after
 */
export async function scheduleReminders(
  scheduler: SchedulerClient,
  settings: ReminderSettings,
  requestId: string,
  expiresAt: number,
  remind: readonly Reminded[],
): Promise<void> {
  for (const before of settings.beforeSeconds) {
    const at = expiresAt - before * 1000;
    if (at < Date.now() + SOONEST_MS) continue;
    try {
      await scheduler.send(
        new CreateScheduleCommand({
          Name: `${requestId}.${before}`,
          GroupName: settings.groupName,
          // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
          ScheduleExpression: `at(${new Date(at).toISOString().slice(0, 19)})`,
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: settings.functionArn,
            RoleArn: settings.roleArn,
            Input: JSON.stringify({ remind } satisfies ReminderEvent),
            RetryPolicy: { MaximumEventAgeInSeconds: Math.min(before, LONGEST_AGE_SECONDS) },
          },
        }),
      );
    } catch (error) {
      if (!(error instanceof ConflictException)) throw error;
    }
  }
}
