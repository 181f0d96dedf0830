/**
 * The seams of the local runner. Every call that anybody makes, a state machine, a handler through the wire, a service on a
 * role's behalf, is one `ApiRequest` that goes through `Cloud.call`: authorize, run, record. There is no second way in.
 */
import type { Clock } from './clock';
import type { Servers } from './servers';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Who makes a call. */
export type Principal =
  /** An IAM role: its policies decide, and those that AssumeRole was given for the session. */
  | { readonly kind: 'role'; readonly arn: string; readonly session?: string; readonly sessionPolicies?: readonly PolicyDocument[] }
  /** An AWS service, such as `sns.amazonaws.com`: the resource's policy decides. */
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string }
  /** The person at the keyboard or the scenario's driver: everything is allowed and nothing is counted. */
  | { readonly kind: 'operator' };

/** One API call. `service` is the SDK client's package suffix ("dynamodb", "sfn", "kms"), `operation` the API's own name ("PutItem"). */
export interface ApiRequest {
  readonly service: string;
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the API's, known to the operation that handles it
  readonly input: any;
  readonly principal: Principal;
  /** Where it was made, as far as that is known. Without: by a service. */
  readonly origin?: CallOrigin;
}

/** Where in a run a call was made. */
export type CallOrigin =
  /** A Task state. */
  | { readonly kind: 'state'; readonly executionArn: string; readonly state: string }
  /** Step Functions itself, for a Distributed Map's reader or writer. */
  | { readonly kind: 'objects'; readonly executionArn: string }
  /** An SDK client. `traceId` tells the invocation of a function; a job has none. */
  | { readonly kind: 'client'; readonly traceId?: string };

/** What a call needs the caller to be allowed to do. Source: the service's page in the AWS Service Authorization Reference. */
export interface AccessRequest {
  /** Such as "dynamodb:PutItem". */
  readonly action: string;
  /** The resource's ARN, or "*" where the action takes none. */
  readonly resource: string;
  /** Condition keys, lower-case names. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** Of a KMS key: the grant that decides alone, as RetireGrant has it. */
  readonly grantId?: string;
}

/** An operation of an emulated service. */
export interface Operation {
  /** May look at the service's state, must not change it. */
  // biome-ignore lint/suspicious/noExplicitAny: see ApiRequest.input
  access(input: any): readonly AccessRequest[];
  /** Throws `ApiError` for what AWS refuses. */
  // biome-ignore lint/suspicious/noExplicitAny: see ApiRequest.input
  run(input: any, caller: Principal): unknown | Promise<unknown>;
}

/** How a CloudFormation resource type is made. `ref` is what `Ref` gives, `attributes` what `Fn::GetAtt` gives. */
export interface ResourceType {
  create(resource: ResourceRequest): ProvisionedResource | Promise<ProvisionedResource>;
}

export interface ResourceRequest {
  readonly stackName: string;
  readonly logicalId: string;
  readonly type: string;
  /** `aws:cdk:path`, where the template has it. */
  readonly path?: string;
  /** CloudFormation properties, all intrinsics resolved. */
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  readonly properties: Record<string, any>;
  /** A physical name as CloudFormation would make one: `stack-logicalId-suffix`, deterministic, cut to `maxLength`. */
  physicalName(maxLength?: number): string;
  /** The folder or file of the asset at this S3 location (from the asset manifest). */
  asset(bucket: string, key: string): string;
}

export interface ProvisionedResource {
  readonly ref: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** An emulated AWS service: its API operations and the CloudFormation types that it makes. One file, or one folder, each. */
export interface Service {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources?: Readonly<Record<string, ResourceType>>;
}

/** An AWS error: `code` is the name that the API's reference page lists ("ConditionalCheckFailedException"). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly statusCode: number = 400,
    /** Further members of the error's shape, such as `CancellationReasons`. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** A call that was made, as recorded. */
export interface ApiCall extends ApiRequest {
  readonly at: number;
  readonly output?: unknown;
  readonly error?: ApiError;
}

/** What services and the engine see of the cloud. */
export interface Cloud {
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  /** Authorizes, runs and records. */
  call(request: ApiRequest): Promise<unknown>;
  /** Where HTTP endpoints are opened. @default - each has a server of its own */
  readonly servers?: Servers;
  /** Seeded, so that runs are reproducible: a number in [0, 1). */
  random(): number;
  /** Puts an AWS service event (`source: aws.states`, …) on the default bus. */
  emit(event: CloudEvent): void;
  /** Remembers a resource's policy: queue, topic, key, function, bucket. */
  setResourcePolicy(resourceArn: string, policy: PolicyDocument): void;
}

export interface CloudEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly resources: readonly string[];
  readonly detail: Json;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}
