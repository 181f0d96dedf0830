import { isTrue } from '../identifiers';
import type { Project } from './build';

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html: 60 minutes, and 8 hours in the queue. */
const TIMEOUT_MINUTES = 60;
const QUEUED_TIMEOUT_MINUTES = 480;

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
export function project(properties: Record<string, any>, name: string, arn: string): Project {
  const { Environment = {}, Source = {}, Artifacts = {}, ConcurrentBuildLimit } = properties;
  return {
    arn,
    name,
    serviceRole: properties.ServiceRole,
    encryptionKey: properties.EncryptionKey,
    timeoutInMinutes: Number(properties.TimeoutInMinutes ?? TIMEOUT_MINUTES),
    queuedTimeoutInMinutes: Number(properties.QueuedTimeoutInMinutes ?? QUEUED_TIMEOUT_MINUTES),
    concurrentBuildLimit: ConcurrentBuildLimit === undefined ? undefined : Number(ConcurrentBuildLimit),
    source: { type: Source.Type, location: Source.Location },
    artifacts: Artifacts.Location,
    buildspec: Source.BuildSpec,
    environment: {
      type: Environment.Type,
      image: Environment.Image,
      computeType: Environment.ComputeType,
      privilegedMode: isTrue(Environment.PrivilegedMode),
      environmentVariables: (Environment.EnvironmentVariables ?? []).map((one: { Name: string; Value: unknown; Type?: string }) => ({
        name: one.Name,
        value: String(one.Value),
        type: one.Type ?? 'PLAINTEXT',
      })),
    },
  };
}
