/** What a bucket tells to whom. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
import { invalidArgument } from '../errors';

export interface FilterRule {
  readonly Name: string;
  readonly Value: string;
}

interface Destination {
  readonly Id?: string;
  readonly Events: readonly string[];
  readonly Filter?: { readonly Key?: { readonly FilterRules?: readonly FilterRule[] } };
}

/** As the API has it. */
export interface NotificationConfiguration {
  readonly TopicConfigurations?: readonly (Destination & { readonly TopicArn: string })[];
  readonly QueueConfigurations?: readonly (Destination & { readonly QueueArn: string })[];
  readonly LambdaFunctionConfigurations?: readonly (Destination & { readonly LambdaFunctionArn: string })[];
  readonly EventBridgeConfiguration?: Readonly<Record<string, never>>;
}

/** One destination with what it is told. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

const EVENT_TYPES = new Set(
  [
    'ReducedRedundancyLostObject',
    ...['*', 'Put', 'Post', 'Copy', 'CompleteMultipartUpload'].map((name) => `ObjectCreated:${name}`),
    ...['*', 'Delete', 'DeleteMarkerCreated'].map((name) => `ObjectRemoved:${name}`),
    ...['*', 'Post', 'Completed', 'Delete'].map((name) => `ObjectRestore:${name}`),
    ...['*', 'OperationFailedReplication', 'OperationMissedThreshold', 'OperationReplicatedAfterThreshold', 'OperationNotTracked'].map(
      (name) => `Replication:${name}`,
    ),
    ...['*', 'Delete', 'DeleteMarkerCreated'].map((name) => `LifecycleExpiration:${name}`),
    'LifecycleTransition',
    'IntelligentTiering',
    ...['*', 'Put', 'Delete'].map((name) => `ObjectTagging:${name}`),
    'ObjectAcl:Put',
  ].map((name) => `s3:${name}`),
);

export function targetsOf(configuration: NotificationConfiguration): Target[] {
  const { TopicConfigurations = [], QueueConfigurations = [], LambdaFunctionConfigurations = [] } = configuration;
  return [
    ...TopicConfigurations.map((one) => target(one, one.TopicArn)),
    ...QueueConfigurations.map((one) => target(one, one.QueueArn)),
    ...LambdaFunctionConfigurations.map((one) => target(one, one.LambdaFunctionArn)),
  ];
}

function target({ Id = '', Events, Filter }: Destination, arn: string): Target {
  const rule = (name: string) => Filter?.Key?.FilterRules?.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? '';
  return { id: Id, arn, events: Events, prefix: rule('prefix'), suffix: rule('suffix') };
}

export function wants({ events, prefix, suffix }: Target, event: string, key: string): boolean {
  return key.startsWith(prefix) && key.endsWith(suffix) && events.some((pattern) => covers(pattern, `s3:${event}`));
}

const covers = (pattern: string, event: string): boolean =>
  pattern === event || (pattern.endsWith(':*') && event.startsWith(pattern.slice(0, -1)));

/** What AWS refuses: unknown events, unknown filters, and two rules that would tell of the same event. */
export function checkConfiguration(configuration: NotificationConfiguration): void {
  const targets = targetsOf(configuration);
  for (const { events } of targets) {
    if (!events?.length) throw invalidArgument('A notification configuration needs at least one event', 'Event', '');
    const unknown = events.find((event) => !EVENT_TYPES.has(event));
    if (unknown !== undefined) throw invalidArgument('The event is not supported for notifications', 'Event', unknown);
  }
  checkFilters(configuration);
  targets.forEach((one, i) => {
    for (const other of targets.slice(i + 1)) {
      if (overlap(one, other)) {
        throw invalidArgument(
          'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
        );
      }
    }
  });
}

function checkFilters(configuration: NotificationConfiguration): void {
  const { TopicConfigurations = [], QueueConfigurations = [], LambdaFunctionConfigurations = [] } = configuration;
  for (const { Filter } of [...TopicConfigurations, ...QueueConfigurations, ...LambdaFunctionConfigurations]) {
    const names = (Filter?.Key?.FilterRules ?? []).map(({ Name }) => String(Name).toLowerCase());
    const wrong = names.find((name) => name !== 'prefix' && name !== 'suffix');
    if (wrong !== undefined) throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', wrong);
    if (new Set(names).size < names.length) {
      throw invalidArgument(
        'Cannot specify more than one prefix rule or more than one suffix rule in a filter.',
        'FilterRule.Name',
        names[0],
      );
    }
  }
}

function overlap(one: Target, other: Target): boolean {
  return (
    one.events.some((a) => other.events.some((b) => covers(a, b) || covers(b, a))) &&
    (one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix)) &&
    (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix))
  );
}

/** From CloudFormation's form, which has one event for each entry. */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
export function fromCloudFormation(properties: any): NotificationConfiguration {
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  const common = ({ Event, Filter }: any) => ({
    Events: [Event],
    ...(Filter && { Filter: { Key: { FilterRules: Filter.S3Key?.Rules ?? [] } } }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  const each = (list: any[] | undefined, member: string, from: string) => list?.map((one) => ({ ...common(one), [member]: one[from] }));
  const bridge = properties.EventBridgeConfiguration;
  return {
    TopicConfigurations: each(properties.TopicConfigurations, 'TopicArn', 'Topic'),
    QueueConfigurations: each(properties.QueueConfigurations, 'QueueArn', 'Queue'),
    LambdaFunctionConfigurations: each(properties.LambdaConfigurations, 'LambdaFunctionArn', 'Function'),
    ...(bridge && String(bridge.EventBridgeEnabled ?? true) === 'true' && { EventBridgeConfiguration: {} }),
  } as NotificationConfiguration;
}

/** Those that have no name get one. */
export function named(configuration: NotificationConfiguration, name: () => string): NotificationConfiguration {
  const each = <T extends Destination>(list: readonly T[] | undefined) => list?.map((one) => ({ ...one, Id: one.Id || name() }));
  return {
    ...configuration,
    TopicConfigurations: each(configuration.TopicConfigurations),
    QueueConfigurations: each(configuration.QueueConfigurations),
    LambdaFunctionConfigurations: each(configuration.LambdaFunctionConfigurations),
  };
}
