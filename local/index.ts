/** `stepworks/local`: runs what `cdk synth` wrote, on this machine. */
export type {
  AccessMode,
  DenialReason,
  DeniedCall,
  Mismatch,
  PolicyType,
  StatementSummary,
  UnusedPermission,
  WidePermission,
} from './access/types';
export { loadAssembly } from './assembly';
export type { Assembly } from './assembly/types';
export { LeftOut } from './call-record';
export { type DurationLike, VirtualClock } from './clock';
export type { ApiCall, Json } from './cloud-types';
export type { ExecutionStatus, HistoryEvent } from './engine/types';
export type { CallFault } from './faults';
export type { LocalBucket } from './handles/bucket';
export type { BusEvent, LocalEventBus } from './handles/event-bus';
export type { LocalFunction } from './handles/function';
export type { LocalQueue, QueueMessage, SendOptions } from './handles/queue';
export { LocalRun } from './handles/run';
export type { LocalStateMachine } from './handles/state-machine';
export type { Item, LocalTable } from './handles/table';
export type { LocalTopic, TopicMessage } from './handles/topic';
export { LocalCloud, type LocalCloudOptions } from './local-cloud';
export type { Invocation, StandIn } from './recorded-functions';
export { ApproverAtWork, OpenedRequest } from './scenario/approver';
export * from './scenario/driver';
export { anInstant, assertSame, containing, differences, type Expected, Matching, matching } from './scenario/expected';
export { LocalDriver } from './scenario/local-driver';
export { play, type ScenarioResult } from './scenario/play';
export type { Pattern, Scenario, ScenarioExpectation } from './scenario/scenario';
export {
  type JobArguments,
  type JobContext,
  JobFailure,
  type JobFunction,
  JobInterrupted,
  type JobLogLine,
  type JobOptions,
  type JobService,
} from './services/jobs/types';
export type { SynthesizableStack } from './synthesized';
export type { ClientConfig } from './wire/client-config';
