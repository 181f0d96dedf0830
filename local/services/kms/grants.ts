/** The grants on keys. They allow at once: AWS takes up to five minutes, unless a call has the grant's token. */
import { ApiError, type Cloud, type Principal } from '../../cloud-types';
import { digits } from '../identifiers';
import { page } from '../paging';
import type { Grant, GrantRequest } from './grant';
import { grantStatements } from './grant-policy';
import type { Key } from './keys';

/** Where the grants of a key are decided by. */
export interface GrantAuthority {
  setGrants(keyArn: string, grants: ReadonlyMap<string, ReturnType<typeof grantStatements>>): void;
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations */
const OPERATIONS: Readonly<Record<Key['usage'], readonly string[]>> = {
  ENCRYPT_DECRYPT: [
    'Decrypt',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
    'CreateGrant',
    'DescribeKey',
    'RetireGrant',
  ],
  GENERATE_VERIFY_MAC: ['GenerateMac', 'VerifyMac', 'CreateGrant', 'DescribeKey', 'RetireGrant'],
};

const DEFAULT_PAGE = 50;

export class Grants {
  readonly #byId = new Map<string, Grant>();
  /** Token → grant id. Each answer of CreateGrant has a token of its own. */
  readonly #tokens = new Map<string, string>();

  constructor(
    readonly cloud: Cloud,
    readonly authority?: GrantAuthority,
  ) {}

  /** With a name, the same request again gives the same grant. */
  create(key: Key, request: GrantRequest, caller: Principal): { GrantId: string; GrantToken: string } {
    const { Operations, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal, Constraints, Name } =
      request;
    const asked = { Operations, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal, Constraints, Name };
    check(key, asked);
    const former = Name === undefined ? undefined : this.#of(key).find((grant) => isSame(grant, asked));
    const id = former?.id ?? digits(this.cloud, 64);
    if (!former) {
      this.#byId.set(id, { ...asked, id, key, createdAt: this.cloud.clock.now(), issuer: this.#issuer(caller) });
      this.#changed(key);
    }
    const GrantToken = digits(this.cloud, 128, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
    this.#tokens.set(GrantToken, id);
    return { GrantId: id, GrantToken };
  }

  delete(grant: Grant): void {
    this.#byId.delete(grant.id);
    this.#changed(grant.key);
  }

  find(key: Key, id: string): Grant {
    const grant = this.#byId.get(id);
    if (grant?.key !== key) throw new ApiError('NotFoundException', `Grant ID ${id} not found`);
    return grant;
  }

  withToken(token: string): Grant {
    const grant = this.#byId.get(this.#tokens.get(token) ?? '');
    if (!grant) throw new ApiError('InvalidGrantTokenException', '');
    return grant;
  }

  /** That a call may have these. The grants that they stand for allow it anyhow. */
  checkTokens(tokens: readonly string[] = []): void {
    if (tokens.some((token) => !this.#tokens.has(token))) throw new ApiError('InvalidGrantTokenException', '');
  }

  list(of: (grant: Grant) => boolean, { Limit = DEFAULT_PAGE, Marker }: { Limit?: number; Marker?: string }) {
    if (Limit < 1 || Limit > 100)
      throw invalid(`Value '${Limit}' at 'limit' failed to satisfy constraint: Member must be between 1 and 100`);
    const all = [...this.#byId.values()].filter(of);
    if (Marker !== undefined && !(Number(Marker) <= all.length)) throw new ApiError('InvalidMarkerException', '');
    const { items, nextToken } = page(all, Limit, Marker);
    return { Grants: items.map(entry), Truncated: nextToken !== undefined, ...(nextToken && { NextMarker: nextToken }) };
  }

  #of(key: Key): readonly Grant[] {
    return [...this.#byId.values()].filter((grant) => grant.key === key);
  }

  #changed(key: Key): void {
    const owner = this.#account(this.cloud.accountId);
    this.authority?.setGrants(key.arn, new Map(this.#of(key).map((grant) => [grant.id, grantStatements(grant, key.arn, owner)])));
  }

  #issuer(caller: Principal): string {
    return this.#account((caller.kind === 'role' && caller.arn.split(':')[4]) || this.cloud.accountId);
  }

  #account(id: string): string {
    return `arn:${this.cloud.partition}:iam::${id}:root`;
  }
}

function entry({ id, key, createdAt, issuer, ...grant }: Grant) {
  return { ...grant, KeyId: key.arn, GrantId: id, CreationDate: new Date(createdAt), IssuingAccount: issuer };
}

function isSame({ id, key, createdAt, issuer, ...grant }: Grant, asked: GrantRequest): boolean {
  return JSON.stringify(canonical(grant)) === JSON.stringify(canonical(asked));
}

/** Without the order of lists and members. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return [...value].sort();
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, canonical(member)]);
}

const invalid = (message: string) => new ApiError('ValidationException', `1 validation error detected: ${message}`);

const PRINCIPAL = /^arn:[\w-]+:(iam::\d{12}:(root|user\/.+|role\/.+)|sts::\d{12}:(assumed-role|federated-user)\/.+)$/;

function check(key: Key, request: GrantRequest): void {
  const { Operations, GranteePrincipal, GranteeServicePrincipal, RetiringPrincipal, RetiringServicePrincipal, Constraints } = request;
  const wrong = Operations.find((operation) => !OPERATIONS[key.usage].includes(operation));
  if (wrong !== undefined)
    throw new ApiError('ValidationException', `Operation ${wrong} is not supported by a grant on a key of the spec ${key.spec}.`);
  if ((GranteePrincipal === undefined) === (GranteeServicePrincipal === undefined)) {
    throw new ApiError('ValidationException', 'You must specify either GranteePrincipal or GranteeServicePrincipal, but not both.');
  }
  if (RetiringPrincipal !== undefined && RetiringServicePrincipal !== undefined) {
    throw new ApiError('ValidationException', 'You can specify either RetiringPrincipal or RetiringServicePrincipal, but not both.');
  }
  for (const principal of [GranteePrincipal, RetiringPrincipal]) {
    if (principal !== undefined && !PRINCIPAL.test(principal))
      throw new ApiError('InvalidArnException', `${principal} is not a valid principal ARN.`);
  }
  if (GranteeServicePrincipal !== undefined) {
    if (Constraints?.SourceArn === undefined || (RetiringPrincipal ?? RetiringServicePrincipal) === undefined) {
      throw new ApiError('ValidationException', 'A grant for a service principal needs a SourceArn constraint and a retiring principal.');
    }
  }
  const contexts = [Constraints?.EncryptionContextEquals, Constraints?.EncryptionContextSubset].filter((context) => context !== undefined);
  if (contexts.length === 0) return;
  if (key.usage !== 'ENCRYPT_DECRYPT') {
    throw new ApiError('ValidationException', `A grant on a key of the spec ${key.spec} cannot have an encryption context constraint.`);
  }
  if (contexts.some((context) => Object.keys(context).length > 8)) {
    throw new ApiError('ValidationException', 'An encryption context constraint can have up to 8 pairs.');
  }
}
