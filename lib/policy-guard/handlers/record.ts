/** What CloudTrail writes of a call. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export interface TrailRecord {
  readonly eventID: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly eventSource?: string;
  readonly errorCode?: string;
  readonly recipientAccountId?: string;
  readonly userIdentity?: UserIdentity;
  /** Left out of a record that would be too large. */
  readonly requestParameters?: { readonly [name: string]: unknown } | null;
  readonly responseElements?: { readonly [name: string]: unknown } | null;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export interface UserIdentity {
  readonly type?: string;
  readonly arn?: string;
  /** The AWS service that made the call on somebody's behalf. */
  readonly invokedBy?: string;
  readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } };
}

export type EntityType = 'User' | 'Role' | 'Group';

/** Who policies are attached to. */
export interface Entity {
  readonly type: EntityType;
  readonly name: string;
}

/** Which policy a call has written. */
export type Target =
  | {
      readonly kind: 'MANAGED';
      readonly policyArn: string /** The version that the call has made the default. */;
      readonly versionId?: string;
    }
  | { readonly kind: 'INLINE'; readonly entity: Entity; readonly policyName: string }
  | { readonly kind: 'ATTACHMENT'; readonly entity: Entity; readonly policyArn: string }
  | { readonly kind: 'UNKNOWN'; readonly problem: string };

const TYPES: readonly EntityType[] = ['User', 'Role', 'Group'];
const DETACHING = TYPES.map((type) => `Detach${type}Policy`);

/**
 * The calls that write a policy of IAM.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
export const POLICY_WRITES: readonly string[] = [
  'CreatePolicy',
  'CreatePolicyVersion',
  'SetDefaultPolicyVersion',
  ...TYPES.map((type) => `Put${type}Policy`),
  ...TYPES.map((type) => `Attach${type}Policy`),
];

/** The calls that the guard looks at: those that write, and those that could lift its quarantine. */
export const WATCHED_CALLS: readonly string[] = [...POLICY_WRITES, ...DETACHING];

/** Whether a call takes a policy away: of interest where it is the quarantine. */
export const isDetaching = ({ eventName }: TrailRecord): boolean => DETACHING.includes(eventName);

/** The role or user that made a call, then its session and the service that acted for it. Empty where the record doesn't say. */
export function actorsOf({ userIdentity = {} }: TrailRecord): string[] {
  const { arn, invokedBy, sessionContext } = userIdentity;
  return [sessionContext?.sessionIssuer?.arn, arn, invokedBy].filter((actor) => actor !== undefined && actor !== '') as string[];
}

export function targetOf(record: TrailRecord): Target {
  const { eventName, requestParameters, responseElements } = record;
  const text = (name: string): string | undefined => textIn(requestParameters, name);
  const unknown = (name: string): Target => ({
    kind: 'UNKNOWN',
    problem: `the record of ${eventName} has no ${name}: CloudTrail leaves out what makes a record too large, and somebody may have made it so`,
  });
  if (eventName === 'CreatePolicy') {
    const policyArn = textIn(responseElements?.policy, 'arn');
    return policyArn === undefined ? unknown('responseElements.policy.arn') : { kind: 'MANAGED', policyArn };
  }
  const policyArn = text('policyArn');
  if (eventName === 'CreatePolicyVersion' || eventName === 'SetDefaultPolicyVersion') {
    if (policyArn === undefined) return unknown('requestParameters.policyArn');
    const made = requestParameters?.setAsDefault === true ? textIn(responseElements?.policyVersion, 'versionId') : undefined;
    return { kind: 'MANAGED', policyArn, versionId: text('versionId') ?? made };
  }
  const type = TYPES.find((one) => eventName.endsWith(`${one}Policy`)) as EntityType;
  const name = text(`${type.toLowerCase()}Name`);
  if (name === undefined) return unknown(`requestParameters.${type.toLowerCase()}Name`);
  const entity = { type, name };
  if (eventName.startsWith('Put')) {
    const policyName = text('policyName');
    return policyName === undefined ? unknown('requestParameters.policyName') : { kind: 'INLINE', entity, policyName };
  }
  return policyArn === undefined ? unknown('requestParameters.policyArn') : { kind: 'ATTACHMENT', entity, policyArn };
}

/** What people call it. */
export function describeTarget(target: Target): string {
  if (target.kind === 'UNKNOWN') return 'a policy that the record does not name';
  if (target.kind === 'MANAGED') return target.policyArn;
  const entity = describeEntity(target.entity);
  return target.kind === 'INLINE' ? `the inline policy ${target.policyName} of ${entity}` : `${target.policyArn}, attached to ${entity}`;
}

export const describeEntity = ({ type, name }: Entity): string => `the ${type.toLowerCase()} ${name}`;

function textIn(members: unknown, name: string): string | undefined {
  const value = (members as { readonly [member: string]: unknown } | null | undefined)?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
