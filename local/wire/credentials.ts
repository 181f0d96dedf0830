/** Who calls, in what every signed request shows: the access key id is the role's ARN, written so that it may be one. */
import type { Principal } from '../cloud-types';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const ROLE = 'ASIA';
const OPERATOR = 'AKIASTEPWORKSOPERATOR';

/** A role's credentials; without a role, the operator's, who may do everything. They open nothing but the local cloud. */
export function credentialsFor(roleArn?: string): Credentials {
  return {
    // Hexadecimal: an access key id has letters and digits only.
    accessKeyId: roleArn === undefined ? OPERATOR : `${ROLE}${Buffer.from(roleArn, 'utf8').toString('hex').toUpperCase()}`,
    secretAccessKey: 'stepworks-local',
    sessionToken: 'stepworks-local',
  };
}

/** The caller of an access key id that `credentialsFor` made; undefined for any other. */
export function principalOf(accessKeyId: string): Principal | undefined {
  if (accessKeyId === OPERATOR) return { kind: 'operator' };
  if (!accessKeyId.startsWith(ROLE)) return undefined;
  const arn = Buffer.from(accessKeyId.slice(ROLE.length), 'hex').toString('utf8');
  return /^arn:[\w-]+:iam::\d{12}:role\/.+$/.test(arn) ? { kind: 'role', arn } : undefined;
}
