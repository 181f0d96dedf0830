/** Who calls, in what every signed request shows: the access key id is the role's ARN, and its session, written so that it may be one. */
import type { Principal } from '../cloud-types';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const ROLE = 'ASIA';
const OPERATOR = 'AKIASTEPWORKSOPERATOR';

/**
 * A role's credentials; without a role, the operator's, who may do everything. They open nothing but the local cloud.
 * @param session name of the role's session @default - the one that every role has without
 */
export function credentialsFor(roleArn?: string, session?: string): Credentials {
  const caller = session === undefined ? roleArn : `${roleArn} ${session}`;
  return {
    // Hexadecimal: an access key id has letters and digits only.
    accessKeyId: caller === undefined ? OPERATOR : `${ROLE}${Buffer.from(caller, 'utf8').toString('hex').toUpperCase()}`,
    secretAccessKey: 'stepworks-local',
    sessionToken: 'stepworks-local',
  };
}

/** The caller of an access key id that `credentialsFor` made; undefined for any other. */
export function principalOf(accessKeyId: string): Principal | undefined {
  if (accessKeyId === OPERATOR) return { kind: 'operator' };
  if (!accessKeyId.startsWith(ROLE)) return undefined;
  const caller = Buffer.from(accessKeyId.slice(ROLE.length), 'hex').toString('utf8');
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: the characters of a session's name
  const [, arn, session] = /^(arn:[\w-]+:iam::\d{12}:role\/[^ ]+)(?: ([\w+=,.@-]{2,64}))?$/.exec(caller) ?? [];
  return arn === undefined ? undefined : { kind: 'role', arn, ...(session !== undefined && { session }) };
}
