/** Amazon EventBridge Scheduler. Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/ */
import type { Access } from '../../access/types';
import type { Cloud, ResourceRequest, Service } from '../../cloud-types';
import { inBackground } from '../background';
import { notImplemented } from '../errors';
import { arn } from '../identifiers';
import { page } from '../paging';
import { isOnce, occurrences, validation } from './expression';
import { conflict, notFound, type ScheduleGroup, type ScheduleInput, type StoredSchedule } from './schedules';
import { assumedOrRefused, checkTarget, invokeTarget } from './target';

export interface SchedulerService extends Service {
  /** Ends the schedules. */
  dispose(): void;
}

interface ListInput {
  readonly GroupName?: string;
  readonly NamePrefix?: string;
  readonly State?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** @param access says whether Scheduler may assume a role */
export function createScheduler(cloud: Cloud, access: Access): SchedulerService {
  const groups = new Map<string, ScheduleGroup>();
  putGroup('default');

  const scheduleArn = (name: string, group = 'default'): string => arn(cloud, 'scheduler', `schedule/${group}/${name}`);

  function putGroup(name: string): ScheduleGroup {
    if (groups.has(name)) throw conflict(`Schedule group ${name}`);
    checkName(name);
    const group = { name, arn: arn(cloud, 'scheduler', `schedule-group/${name}`), createdAt: cloud.clock.now(), schedules: new Map() };
    groups.set(name, group);
    return group;
  }

  function groupOf(name = 'default'): ScheduleGroup {
    const group = groups.get(name);
    if (!group) throw notFound(`Schedule group ${name}`);
    return group;
  }

  function find(name: string, groupName?: string): StoredSchedule {
    const schedule = groupOf(groupName).schedules.get(name);
    if (!schedule) throw notFound(`Schedule ${name}`);
    return schedule;
  }

  /** The trust policy may ask for the schedule's group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
  const assume = (roleArn: string, group: ScheduleGroup) => () => {
    const principal = { kind: 'service', service: 'scheduler.amazonaws.com', sourceArn: group.arn } as const;
    assumedOrRefused(access.authorize(principal, { action: 'sts:AssumeRole', resource: roleArn }).allowed);
  };

  function put(input: ScheduleInput, createdAt: number): StoredSchedule {
    const { FlexibleTimeWindow, Target, KmsKeyArn, ScheduleExpressionTimezone, StartDate, EndDate } = input;
    const group = groupOf(input.GroupName);
    checkName(input.Name);
    if (KmsKeyArn !== undefined) throw notImplemented('schedules that are encrypted with a key of the customer');
    const flexible = FlexibleTimeWindow.Mode === 'FLEXIBLE';
    if (flexible === (FlexibleTimeWindow.MaximumWindowInMinutes === undefined)) {
      throw validation('MaximumWindowInMinutes must be provided with the FlexibleTimeWindow FLEXIBLE, and with no other');
    }
    const timing = {
      expression: input.ScheduleExpression,
      timeZone: ScheduleExpressionTimezone ?? 'UTC',
      start: StartDate?.getTime(),
      end: EndDate?.getTime(),
      createdAt: cloud.clock.now(),
    };
    occurrences(timing); // What is wrong with it is said at once.
    checkTarget(Target);
    assume(Target.RoleArn, group)();
    const schedule: StoredSchedule = {
      arn: scheduleArn(input.Name, group.name),
      group,
      input,
      timing,
      createdAt,
      changedAt: cloud.clock.now(),
      ended: new AbortController(),
    };
    group.schedules.get(input.Name)?.ended.abort();
    group.schedules.set(input.Name, schedule);
    if (input.State !== 'DISABLED') inBackground(keepTime(schedule));
    return schedule;
  }

  async function keepTime(schedule: StoredSchedule): Promise<void> {
    const { input, timing, ended, group } = schedule;
    const next = occurrences(timing);
    const window = (input.FlexibleTimeWindow.MaximumWindowInMinutes ?? 0) * 60_000;
    let running: Promise<void> | undefined;
    try {
      for (let at = next(cloud.clock.now()); at !== undefined; at = next(at)) {
        // Somewhere within the window: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
        await cloud.clock.sleepUntil(at + (window > 0 ? Math.floor(cloud.random() * window) : 0), ended.signal);
        running = invokeTarget(cloud, schedule, at, assume(input.Target.RoleArn, group));
        inBackground(running);
        if (isOnce(timing.expression)) break;
      }
    } catch (error) {
      if (ended.signal.aborted) return;
      throw error;
    }
    await running?.catch(() => {});
    // "After it has invoked its target for the last time", and not while that is tried again.
    if (input.ActionAfterCompletion === 'DELETE' && group.schedules.get(input.Name) === schedule) group.schedules.delete(input.Name);
  }

  function remove(name: string, groupName?: string): void {
    const schedule = find(name, groupName);
    schedule.ended.abort();
    schedule.group.schedules.delete(name);
  }

  function removeGroup(name: string): void {
    const group = groupOf(name);
    if (name === 'default') throw validation('The default schedule group cannot be deleted.');
    for (const schedule of group.schedules.keys()) remove(schedule, name);
    groups.delete(name);
  }

  function create(input: ScheduleInput): StoredSchedule {
    const former = groupOf(input.GroupName).schedules.get(input.Name);
    if (!former) return put(input, cloud.clock.now());
    if (input.ClientToken !== undefined && former.input.ClientToken === input.ClientToken) return former;
    throw conflict(`Schedule ${input.Name}`);
  }

  function described({ arn: Arn, group, input, createdAt, changedAt }: StoredSchedule) {
    const { ClientToken: _token, ...rest } = input;
    return {
      ...rest,
      Arn,
      GroupName: group.name,
      State: input.State ?? 'ENABLED',
      ScheduleExpressionTimezone: input.ScheduleExpressionTimezone ?? 'UTC',
      ActionAfterCompletion: input.ActionAfterCompletion ?? 'NONE',
      CreationDate: new Date(createdAt),
      LastModificationDate: new Date(changedAt),
    };
  }

  const describedGroup = (group: ScheduleGroup) => ({
    Name: group.name,
    Arn: group.arn,
    State: 'ACTIVE',
    CreationDate: new Date(group.createdAt),
    LastModificationDate: new Date(group.createdAt),
  });

  const onSchedule = (action: string) => (input: { Name: string; GroupName?: string }) => [
    { action: `scheduler:${action}`, resource: scheduleArn(input.Name, input.GroupName) },
  ];
  /** Who makes a schedule passes it a role. */
  const toWrite = (action: string) => (input: ScheduleInput) => [
    ...onSchedule(action)(input),
    { action: 'iam:PassRole', resource: input.Target.RoleArn, context: { 'iam:passedtoservice': 'scheduler.amazonaws.com' } },
  ];
  const onGroup = (action: string) => (input: { Name: string }) => [
    { action: `scheduler:${action}`, resource: arn(cloud, 'scheduler', `schedule-group/${input.Name}`) },
  ];

  return {
    name: 'scheduler',
    operations: {
      CreateSchedule: { access: toWrite('CreateSchedule'), run: (input: ScheduleInput) => ({ ScheduleArn: create(input).arn }) },
      UpdateSchedule: {
        access: toWrite('UpdateSchedule'),
        // All that isn't given is as if it never had been.
        run: (input: ScheduleInput) => ({ ScheduleArn: put(input, find(input.Name, input.GroupName).createdAt).arn }),
      },
      GetSchedule: {
        access: onSchedule('GetSchedule'),
        run: (input: { Name: string; GroupName?: string }) => described(find(input.Name, input.GroupName)),
      },
      DeleteSchedule: {
        access: onSchedule('DeleteSchedule'),
        run: (input: { Name: string; GroupName?: string }) => remove(input.Name, input.GroupName),
      },
      ListSchedules: {
        // Of whatever group: https://github.com/aws/aws-cdk/issues/38201
        access: () => [{ action: 'scheduler:ListSchedules', resource: scheduleArn('*', '*') }],
        run(input: ListInput) {
          const all = (input.GroupName === undefined ? [...groups.values()] : [groupOf(input.GroupName)])
            .flatMap((group) => [...group.schedules.values()].map(described))
            .filter(({ Name, State }) => Name.startsWith(input.NamePrefix ?? '') && (input.State ?? State) === State);
          const { items, nextToken } = page(all, input.MaxResults ?? 100, input.NextToken);
          const Schedules = items.map(({ Arn, Name, GroupName, State, CreationDate, LastModificationDate, Target }) => ({
            Arn,
            Name,
            GroupName,
            State,
            CreationDate,
            LastModificationDate,
            Target: { Arn: Target.Arn },
          }));
          return { Schedules, NextToken: nextToken };
        },
      },
      CreateScheduleGroup: {
        access: onGroup('CreateScheduleGroup'),
        run: ({ Name }: { Name: string }) => ({ ScheduleGroupArn: putGroup(Name).arn }),
      },
      GetScheduleGroup: { access: onGroup('GetScheduleGroup'), run: ({ Name }: { Name: string }) => describedGroup(groupOf(Name)) },
      DeleteScheduleGroup: { access: onGroup('DeleteScheduleGroup'), run: ({ Name }: { Name: string }) => removeGroup(Name) },
      ListScheduleGroups: {
        access: () => [{ action: 'scheduler:ListScheduleGroups', resource: '*' }],
        run({ NamePrefix = '', MaxResults = 100, NextToken }: ListInput) {
          const all = [...groups.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(describedGroup);
          const { items, nextToken } = page(all, MaxResults, NextToken);
          return { ScheduleGroups: items, NextToken: nextToken };
        },
      },
    },
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Scheduler.html */
    resources: {
      'AWS::Scheduler::Schedule': {
        create(resource) {
          const schedule = create(fromTemplate(resource));
          return { ref: schedule.input.Name, attributes: { Arn: schedule.arn } };
        },
      },
      'AWS::Scheduler::ScheduleGroup': {
        create(resource) {
          const group = putGroup(resource.properties.Name ?? resource.physicalName(64));
          const date = new Date(group.createdAt).toISOString();
          return { ref: group.name, attributes: { Arn: group.arn, State: 'ACTIVE', CreationDate: date, LastModificationDate: date } };
        },
      },
    },
    dispose() {
      for (const group of groups.values()) for (const { ended } of group.schedules.values()) ended.abort();
    },
  };
}

function checkName(name: string): void {
  if (!/^[0-9a-zA-Z\-_.]{1,64}$/.test(name)) {
    throw validation(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-zA-Z-_.]+ and have a length of 1 to 64`,
    );
  }
}

/** Dates are texts there, and numbers may be. */
function fromTemplate(resource: ResourceRequest): ScheduleInput {
  const { properties } = resource;
  const { StartDate, EndDate, FlexibleTimeWindow, Target } = properties;
  const window = FlexibleTimeWindow.MaximumWindowInMinutes;
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = Target.RetryPolicy ?? {};
  return {
    ...(properties as ScheduleInput),
    Name: properties.Name ?? resource.physicalName(64),
    StartDate: StartDate && new Date(StartDate),
    EndDate: EndDate && new Date(EndDate),
    FlexibleTimeWindow: { Mode: FlexibleTimeWindow.Mode, ...(window !== undefined && { MaximumWindowInMinutes: Number(window) }) },
    Target: {
      ...Target,
      RetryPolicy: {
        ...(retries !== undefined && { MaximumRetryAttempts: Number(retries) }),
        ...(age !== undefined && { MaximumEventAgeInSeconds: Number(age) }),
      },
    },
  };
}
