/** A cloud assembly (`cdk.out`), read and not yet deployed; and the same, deployed into the local cloud. */
export interface Assembly {
  readonly directory: string;
  /** In the order of their dependencies. */
  readonly stacks: readonly StackTemplate[];
}

export interface StackTemplate {
  readonly stackName: string;
  /** Construct path of the stack. */
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  readonly template: any;
  /** Absolute path of the file asset published at this bucket and key; undefined when there is none. */
  assetAt(bucket: string, key: string): string | undefined;
  /** Logical ids by construct path, of this stack and of those nested in it, for templates without `aws:cdk:path`. */
  readonly constructPaths?: ReadonlyMap<string, string>;
  /** Where the app pins the stack to; absent for a stack that is agnostic of its environment. */
  readonly account?: string;
  readonly region?: string;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly path: string;
  readonly resources: readonly DeployedResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Stacks nested in this one. */
  readonly nested: readonly DeployedStack[];
}

export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  /** `aws:cdk:path`, or the path found in the assembly's metadata; the logical id under the stack's path when there is neither. */
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
  readonly properties: Record<string, any>;
  readonly ref: string;
  /** Of a type that isn't known: a placeholder for each that the template asks for. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** False when no service makes this type: it is listed, and fails only when something calls it. */
  readonly known: boolean;
}
