/** `AWS::Batch::JobDefinition` of the type container, members named as the API does. */
export interface JobDefinition {
  readonly arn: string;
  readonly name: string;
  readonly revision: number;
  /** What the local cloud can't run of it. */
  readonly unsupported?: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly container: Container;
  readonly retryStrategy: RetryStrategy;
  readonly timeoutSeconds?: number;
  readonly platformCapabilities: readonly string[];
  readonly propagateTags: boolean;
}

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: readonly KeyValue[];
  readonly resourceRequirements: readonly { readonly type: string; readonly value: string }[];
  readonly jobRoleArn?: string;
  readonly executionRoleArn?: string;
}

export interface KeyValue {
  readonly name: string;
  readonly value: string;
}

export interface RetryStrategy {
  readonly attempts: number;
  readonly evaluateOnExit: readonly EvaluateOnExit[];
}

export interface EvaluateOnExit {
  readonly action: string;
  readonly onExitCode?: string;
  readonly onReason?: string;
  readonly onStatusReason?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
export function jobDefinition(properties: Record<string, any>, identity: Pick<JobDefinition, 'arn' | 'name' | 'revision'>): JobDefinition {
  // CDK's Fargate and EC2 definitions have `ContainerProperties`; the newer `EcsProperties` say the same for several containers.
  const given = properties.ContainerProperties ?? {};
  return {
    ...identity,
    unsupported: properties.ContainerProperties ? undefined : 'Batch jobs that are not of one container (EKS, several nodes or containers)',
    parameters: properties.Parameters ?? {},
    container: {
      image: given.Image,
      command: given.Command ?? [],
      environment: (given.Environment ?? []).map(({ Name, Value }: { Name: string; Value: unknown }) => ({
        name: Name,
        value: String(Value),
      })),
      resourceRequirements: (given.ResourceRequirements ?? []).map(({ Type, Value }: { Type: string; Value: unknown }) => ({
        type: Type,
        value: String(Value),
      })),
      jobRoleArn: given.JobRoleArn,
      executionRoleArn: given.ExecutionRoleArn,
    },
    retryStrategy: {
      attempts: Number(properties.RetryStrategy?.Attempts ?? 1),
      evaluateOnExit: (properties.RetryStrategy?.EvaluateOnExit ?? []).map((one: Record<string, string>) => ({
        action: one.Action,
        onExitCode: one.OnExitCode,
        onReason: one.OnReason,
        onStatusReason: one.OnStatusReason,
      })),
    },
    timeoutSeconds:
      properties.Timeout?.AttemptDurationSeconds === undefined ? undefined : Number(properties.Timeout.AttemptDurationSeconds),
    platformCapabilities: properties.PlatformCapabilities ?? ['EC2'],
    propagateTags: String(properties.PropagateTags) === 'true',
  };
}
