import { type Credentials, credentialsFor } from './credentials';

/** What makes an AWS SDK client one of the local cloud. */
export interface ClientConfig {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** AWS has `StartSyncExecution` and `TestState` at "sync-" and the host: "sync-127.0.0.1" is the name of nothing. */
  readonly disableHostPrefix: true;
}

/** @param roleArn whose permissions count; without one, the operator's, who may do everything */
export function clientConfig(region: string, endpoint: string, roleArn?: string): ClientConfig {
  return { region, endpoint, credentials: credentialsFor(roleArn), disableHostPrefix: true };
}
