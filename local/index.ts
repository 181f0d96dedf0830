/** `stepworks/local`: runs what `cdk synth` wrote, on this machine. */
export { loadAssembly } from './assembly';
export type { Assembly } from './assembly/types';
export { VirtualClock } from './clock';
export type { Json } from './cloud-types';
export { LocalCloud, type LocalCloudOptions } from './local-cloud';
export { ApproverAtWork, OpenedRequest } from './scenario/approver';
export * from './scenario/driver';
export { anInstant, containing, differences, type Expected, Matching, matching } from './scenario/expected';
export { LocalDriver } from './scenario/local-driver';
export { play, type ScenarioResult } from './scenario/play';
export type { Pattern, Scenario, ScenarioExpectation } from './scenario/scenario';
