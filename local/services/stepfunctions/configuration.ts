/** What a state machine has beside its definition: where it logs, whether it is traced, which key encrypts. Kept and described, not acted on. */
import { ApiError } from '../../cloud-types';

export interface LoggingConfiguration {
  readonly level?: string;
  readonly includeExecutionData?: boolean;
  readonly destinations?: readonly { readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: string } }[];
}

export interface TracingConfiguration {
  readonly enabled?: boolean;
}

export interface EncryptionConfiguration {
  readonly type: string;
  readonly kmsKeyId?: string;
  readonly kmsDataKeyReusePeriodSeconds?: number;
}

export interface Configuration {
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly encryptionConfiguration: EncryptionConfiguration;
}

const DEFAULTS: Configuration = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
};

/** The configuration that a request asks for, over what was there. @throws ApiError for what AWS refuses */
export function configured(asked: Partial<Configuration>, before: Configuration = DEFAULTS): Configuration {
  const { loggingConfiguration, tracingConfiguration, encryptionConfiguration } = asked;
  if (loggingConfiguration) checkLogging(loggingConfiguration);
  if (tracingConfiguration) checkTracing(tracingConfiguration);
  if (encryptionConfiguration) checkEncryption(encryptionConfiguration);
  return {
    loggingConfiguration: loggingConfiguration
      ? { ...DEFAULTS.loggingConfiguration, ...loggingConfiguration }
      : before.loggingConfiguration,
    tracingConfiguration: tracingConfiguration ?? before.tracingConfiguration,
    encryptionConfiguration: encryptionConfiguration ? withPeriod(encryptionConfiguration) : before.encryptionConfiguration,
  };
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_LoggingConfiguration.html */
function checkLogging({ level = 'OFF', destinations = [] }: LoggingConfiguration): void {
  const refused = (why: string) => new ApiError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${why}`);
  if (destinations.length > 1 || (level !== 'OFF' && destinations.length === 0)) throw refused('Must specify exactly one Log Destination.');
  for (const { cloudWatchLogsLogGroup } of destinations) {
    const arn = cloudWatchLogsLogGroup?.logGroupArn;
    if (arn === undefined) throw refused('Must specify exactly one Log Destination.');
    if (!/^arn:[^:]+:logs:[^:]*:\d{12}:log-group:./.test(arn)) throw refused(`'${arn}' is not the ARN of a log group.`);
    if (!arn.endsWith(':*')) throw refused("Log Group ARN must be provided with '*' qualifier.");
  }
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html#API_CreateStateMachine_Errors */
function checkTracing({ enabled }: TracingConfiguration): void {
  if (typeof enabled === 'boolean') return;
  throw new ApiError('InvalidTracingConfiguration', "Invalid Tracing Configuration: 'enabled' must be true or false.");
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_EncryptionConfiguration.html */
export function checkEncryption({ type, kmsKeyId, kmsDataKeyReusePeriodSeconds }: EncryptionConfiguration): void {
  const refused = (why: string) => new ApiError('InvalidEncryptionConfiguration', `Invalid Encryption Configuration: ${why}`);
  if (type === 'CUSTOMER_MANAGED_KMS_KEY') {
    if (kmsKeyId === undefined) throw refused('kmsKeyId is needed where type is CUSTOMER_MANAGED_KMS_KEY.');
  } else if (kmsKeyId !== undefined || kmsDataKeyReusePeriodSeconds !== undefined) {
    throw refused('kmsKeyId and kmsDataKeyReusePeriodSeconds need the type CUSTOMER_MANAGED_KMS_KEY.');
  }
}

function withPeriod(encryption: EncryptionConfiguration): EncryptionConfiguration {
  return encryption.type === 'CUSTOMER_MANAGED_KMS_KEY' ? { kmsDataKeyReusePeriodSeconds: 300, ...encryption } : encryption;
}
