/** Amazon EventBridge: buses, rules by pattern and by schedule, their targets. Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/ */
import { ApiError, type Cloud, type CloudEvent, type Json, type Service } from '../../cloud-types';
import { inBackground } from '../background';
import { matchesPattern } from '../event-pattern';
import { arn, uuid } from '../identifiers';
import { dispatch } from './dispatch';
import { eventsResources } from './resources';
import type { Bus, Rule, Target } from './rules';
import { parseSchedule } from './schedule';
import { accepted, patternOf, testEventPattern } from './test-pattern';

export interface EventsService extends Service {
  /** An AWS service's event, to the default bus. */
  emit(event: CloudEvent): void;
  /** Ends the schedules. */
  dispose(): void;
}

interface PutEventsEntry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  readonly Time?: Date;
}

interface RuleInput {
  readonly EventBusName?: string;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-event-size */
const MAX_REQUEST = 262_144;

export function createEvents(cloud: Cloud): EventsService {
  const buses = new Map<string, Bus>();
  const ended = new AbortController();
  const putBus = (name: string): Bus => {
    const bus = { name, arn: arn(cloud, 'events', `event-bus/${name}`), rules: new Map<string, Rule>() };
    buses.set(name, bus);
    return bus;
  };
  putBus('default');

  const nameOf = (reference = 'default'): string =>
    reference.startsWith('arn:') ? reference.slice(reference.indexOf('/') + 1) : reference;
  const busArn = (reference = 'default'): string =>
    reference.startsWith('arn:') ? reference : arn(cloud, 'events', `event-bus/${reference}`);

  const ruleArn = (name: string, bus?: string): string =>
    arn(cloud, 'events', `rule/${nameOf(bus) === 'default' ? '' : `${nameOf(bus)}/`}${name}`);
  const onRule = (action: string, name: string, { EventBusName }: RuleInput) => [
    { action: `events:${action}`, resource: ruleArn(name, EventBusName) },
  ];

  function busOf(reference?: string): Bus {
    const bus = buses.get(nameOf(reference));
    if (!bus) throw new ApiError('ResourceNotFoundException', `Event bus ${nameOf(reference)} does not exist.`);
    return bus;
  }

  function ruleOf(bus: Bus, name: string): Rule {
    const rule = bus.rules.get(name);
    if (!rule) throw new ApiError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  }

  function publish(bus: Bus, event: { [key: string]: Json }): void {
    for (const rule of bus.rules.values()) {
      if (!rule.enabled || !rule.pattern || !matchesPattern(rule.pattern, event)) continue;
      for (const target of rule.targets) inBackground(dispatch(cloud, rule, target, event));
    }
  }

  /** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
  function envelope(
    source: string,
    detailType: string,
    detail: Json,
    resources: readonly string[],
    at = cloud.clock.now(),
  ): { [key: string]: Json } {
    return {
      version: '0',
      id: uuid(cloud),
      'detail-type': detailType,
      source,
      account: cloud.accountId,
      time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
      region: cloud.region,
      resources: [...resources],
      detail,
    };
  }

  async function keepTime(bus: Bus, rule: Rule): Promise<void> {
    const next = parseSchedule(rule.schedule ?? '');
    for (let at = next(cloud.clock.now()); at !== undefined; at = next(at)) {
      await cloud.clock.sleepUntil(at, ended.signal);
      const { targets } = bus.rules.get(rule.name) ?? rule;
      for (const target of targets) inBackground(dispatch(cloud, rule, target, envelope('aws.events', 'Scheduled Event', {}, [rule.arn])));
    }
  }

  function putRule(bus: Bus, rule: Rule): void {
    if (rule.pattern !== undefined) accepted(rule.pattern);
    bus.rules.set(rule.name, rule);
    if (!rule.schedule || !rule.enabled) return;
    parseSchedule(rule.schedule); // What is wrong with it is said at once.
    inBackground(
      keepTime(bus, rule).catch((error) => {
        if (!ended.signal.aborted) throw error;
      }),
    );
  }

  function putEvent(entry: PutEventsEntry): { EventId: string } {
    for (const name of ['Source', 'DetailType', 'Detail'] as const) {
      if (!entry[name]) throw new ApiError('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
    }
    const { Source = '', DetailType = '', Detail = '', EventBusName, Resources = [], Time } = entry;
    if (Source.startsWith('aws.')) throw new ApiError('NotAuthorizedForSourceException', `Not authorized for the source ${Source}.`);
    let detail: Json;
    try {
      detail = JSON.parse(Detail);
    } catch {
      throw new ApiError('MalformedDetail', 'Detail is malformed.');
    }
    if (typeof detail !== 'object' || detail === null || Array.isArray(detail))
      throw new ApiError('MalformedDetail', 'Detail is malformed.');
    const event = envelope(Source, DetailType, detail, Resources, Time?.getTime());
    // A bus that isn't there takes events and drops them, as AWS's API does.
    const bus = buses.get(nameOf(EventBusName));
    if (bus) publish(bus, event);
    return { EventId: event.id as string };
  }

  return {
    name: 'eventbridge',
    emit: (event) => publish(buses.get('default') as Bus, envelope(event.source, event['detail-type'], event.detail, event.resources)),
    dispose: () => ended.abort(),
    operations: {
      PutEvents: {
        access: ({ Entries }: { Entries: readonly PutEventsEntry[] }) =>
          Entries.map((entry) => ({
            action: 'events:PutEvents',
            resource: busArn(entry.EventBusName),
            context: { 'events:source': entry.Source ?? '', 'events:detail-type': entry.DetailType ?? '' },
          })),
        run({ Entries }: { Entries: readonly PutEventsEntry[] }) {
          checkEntries(Entries);
          const results = Entries.map((entry) => {
            try {
              return putEvent(entry);
            } catch (error) {
              if (!(error instanceof ApiError)) throw error;
              return { ErrorCode: error.code, ErrorMessage: error.message };
            }
          });
          return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
        },
      },
      PutRule: {
        access: (input: RuleInput & { Name: string }) => onRule('PutRule', input.Name, input),
        run(input: RuleInput & { Name: string; EventPattern?: string; ScheduleExpression?: string; State?: string }) {
          const bus = busOf(input.EventBusName);
          const rule = {
            name: input.Name,
            arn: ruleArn(input.Name, input.EventBusName),
            enabled: input.State !== 'DISABLED',
            pattern: input.EventPattern === undefined ? undefined : patternOf(input.EventPattern),
            schedule: input.ScheduleExpression,
            targets: bus.rules.get(input.Name)?.targets ?? [],
          };
          putRule(bus, rule);
          return { RuleArn: rule.arn };
        },
      },
      PutTargets: {
        access: (input: RuleInput & { Rule: string }) => onRule('PutTargets', input.Rule, input),
        run(input: RuleInput & { Rule: string; Targets: readonly Target[] }) {
          const bus = busOf(input.EventBusName);
          const rule = ruleOf(bus, input.Rule);
          const ids = new Set(input.Targets.map(({ Id }) => Id));
          bus.rules.set(rule.name, { ...rule, targets: [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...input.Targets] });
          return { FailedEntryCount: 0, FailedEntries: [] };
        },
      },
      TestEventPattern: testEventPattern,
      DescribeRule: {
        access: (input: RuleInput & { Name: string }) => onRule('DescribeRule', input.Name, input),
        run(input: RuleInput & { Name: string }) {
          const { name, arn: Arn, enabled, pattern, schedule } = ruleOf(busOf(input.EventBusName), input.Name);
          const EventPattern = pattern && JSON.stringify(pattern);
          return {
            Name: name,
            Arn,
            State: enabled ? 'ENABLED' : 'DISABLED',
            EventPattern,
            ScheduleExpression: schedule,
            EventBusName: nameOf(input.EventBusName),
          };
        },
      },
    },
    resources: eventsResources(cloud, { buses, putBus, putRule, nameOf }),
  };
}

function checkEntries(entries: readonly PutEventsEntry[]): void {
  if (entries.length < 1 || entries.length > 10) {
    const bound = entries.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 10';
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  const size = entries.reduce(
    (sum, { Time, Source = '', DetailType = '', Detail = '', Resources = [] }) =>
      sum + (Time ? 14 : 0) + Buffer.byteLength(Source + DetailType + Detail + Resources.join('')),
    0,
  );
  if (size > MAX_REQUEST) throw new ApiError('ValidationException', 'Total size of the entries in the request is over the limit.');
}
