import { Duration, type aws_ec2 as ec2, type aws_ecs as ecs } from 'aws-cdk-lib';
import { checkDuration } from '../core/check-duration';

/** Properties of `TranscodeWorker.fargate`. */
export interface FargateWorkerProps {
  /** Where the tasks run. */
  readonly cluster: ecs.ICluster;
  /**
   * Node.js 20 or later, `@aws-sdk/client-s3`, ffmpeg and ffprobe 5.1 or later with x264 on PATH, and as its command this package's
   * `assets/lib/split-transcode/worker/index.js`. The README has a Dockerfile.
   */
  readonly image: ecs.ContainerImage;
  /** CPU units, 1024 for each. @default 4096 */
  readonly cpu?: number;
  /** Memory in MiB: what Fargate offers for the CPU. @default 16384 */
  readonly memoryLimitMiB?: number;
  /** Disk in GiB, from 21 to 200. @default 50 */
  readonly ephemeralStorageGiB?: number;
  /** What the image was made for. @default ecs.CpuArchitecture.ARM64 */
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  /** The subnets. They need a way to S3 and to the image. @default - private subnets of the cluster's VPC */
  readonly subnets?: ec2.SubnetSelection;
  /** The security groups. @default - the VPC's default security group */
  readonly securityGroups?: ec2.ISecurityGroup[];
  /** Whether a task gets a public address, which it needs in a public subnet. @default false */
  readonly assignPublicIp?: boolean;
  /** How long one segment, or the sound, may take. @default Duration.hours(6) */
  readonly timeout?: Duration;
  /** What is expected to take a Lambda function longer than this comes here at once. @default Duration.minutes(10) */
  readonly lambdaUpTo?: Duration;
}

/** What encodes segments that are too large for a Lambda function. */
export class TranscodeWorker {
  /** A task on Fargate for each of them. */
  public static fargate(props: FargateWorkerProps): TranscodeWorker {
    const { lambdaUpTo = Duration.minutes(10), timeout = Duration.hours(6), ephemeralStorageGiB: disk = 50 } = props;
    const problems = [
      ...checkDuration('lambdaUpTo', lambdaUpTo, 1, 900),
      ...checkDuration('timeout', timeout, 60, 7 * 86_400),
      ...(disk >= 21 && disk <= 200 ? [] : [`ephemeralStorageGiB is ${disk}: give a number from 21 to 200`]),
    ];
    if (problems.length > 0) throw new Error(`the worker on Fargate can't be made: ${problems.join('; ')}`);
    return new TranscodeWorker({ ...props, lambdaUpTo, timeout, ephemeralStorageGiB: disk });
  }

  private constructor(
    /** @internal */
    public readonly _props: FargateWorkerProps & { readonly lambdaUpTo: Duration; readonly timeout: Duration },
  ) {}
}
