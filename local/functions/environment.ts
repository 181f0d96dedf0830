import { createHash } from 'node:crypto';
import type { FunctionConfiguration } from './types';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface Surroundings {
  readonly region: string;
  readonly endpointUrl: string;
  readonly kinesisEndpointUrl?: string;
}

/**
 * All that a handler finds in `process.env`: Lambda's variables and the function's own, nothing of the host's.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function lambdaEnvironment(
  fn: FunctionConfiguration,
  taskRoot: string,
  { region, endpointUrl, kinesisEndpointUrl }: Surroundings,
  credentials: Credentials,
  instance: { readonly number: number; readonly startedAt: number; readonly temporaryFolder: string },
): Record<string, string> {
  const stream = createHash('sha256').update(`${fn.arn}#${instance.number}`).digest('hex').slice(0, 32);
  const version = fn.version ?? '$LATEST';
  const day = new Date(instance.startedAt).toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    // A function may set these itself.
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000', // nobody listens, and UDP doesn't mind
    TMPDIR: instance.temporaryFolder, // not Lambda's, whose /tmp is the environment's own too
    ...fn.environment,
    _HANDLER: fn.handler,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: fn.environment.AWS_LAMBDA_LOG_GROUP_NAME ?? `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${day}/[${version}]${stream}`,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    // Not Lambda's: they lead SDK clients here, and away from the profile and the instance metadata of the host.
    AWS_ENDPOINT_URL: endpointUrl,
    ...(kinesisEndpointUrl === undefined ? {} : { AWS_ENDPOINT_URL_KINESIS: kinesisEndpointUrl }),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', // it would warn of the host's Node.js, which isn't the function's
  };
}

/** `Root=1-time-id;Parent=id;Sampled=0`. https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-traceids */
export function traceId(requestId: string, now: number): string {
  const id = createHash('sha256').update(requestId).digest('hex');
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${id.slice(0, 24)};Parent=${id.slice(24, 40)};Sampled=0`;
}
