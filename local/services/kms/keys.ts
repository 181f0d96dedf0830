import { ApiError, type Cloud } from '../../cloud-types';
import { arn } from '../identifiers';

export type EncryptionContext = Readonly<Record<string, string>>;

export type ConditionKeys = Record<string, string | string[]>;

/** An encryption context as policies see it. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
export function contextKeys(context: EncryptionContext): ConditionKeys {
  const names = Object.keys(context);
  return {
    ...Object.fromEntries(names.map((name) => [`kms:encryptioncontext:${name.toLowerCase()}`, context[name]])),
    ...(names.length > 0 && { 'kms:encryptioncontextkeys': names }),
  };
}

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly spec: string;
  readonly usage: 'ENCRYPT_DECRYPT' | 'GENERATE_VERIFY_MAC';
  readonly enabled: boolean;
  readonly multiRegion: boolean;
  readonly description: string;
  readonly createdAt: number;
  readonly material: Buffer;
}

/** The keys and aliases of one cloud, and the ways to name one. */
export class Keys {
  readonly #byId = new Map<string, Key>();
  /** "alias/name" → key id. */
  readonly #aliases = new Map<string, string>();
  readonly #cloud: Cloud;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  put(key: Key): void {
    this.#byId.set(key.id, key);
  }

  putAlias(alias: string, keyId: string): void {
    this.#aliases.set(alias, this.find(keyId).id);
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => Math.floor(this.#cloud.random() * 256)));
  }

  byId(id: string): Key | undefined {
    return this.#byId.get(id);
  }

  /** The alias in a reference: "alias/name", or the ARN that ends so. */
  aliasIn(reference: string): string | undefined {
    return /(?:^|:)(alias\/.+)$/.exec(reference)?.[1];
  }

  aliasesOf(key: Key): string[] {
    return [...this.#aliases].filter(([, id]) => id === key.id).map(([alias]) => alias);
  }

  lookUp(reference: string): Key | undefined {
    const alias = this.aliasIn(reference);
    const id = alias ? this.#aliases.get(alias) : reference.replace(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\//, '');
    return id === undefined ? undefined : this.#byId.get(id);
  }

  find(reference: string): Key {
    const key = this.lookUp(reference);
    if (key) return key;
    const alias = this.aliasIn(reference);
    if (alias) throw new ApiError('NotFoundException', `Alias ${arn(this.#cloud, 'kms', alias)} is not found.`);
    const named = reference.startsWith('arn:') ? reference : arn(this.#cloud, 'kms', `key/${reference}`);
    throw new ApiError('NotFoundException', `Key '${named}' does not exist`);
  }

  usable(reference: string, usage?: Key['usage']): Key {
    const key = this.find(reference);
    if (!key.enabled) throw new ApiError('DisabledException', `${key.arn} is disabled.`);
    if (usage !== undefined && key.usage !== usage)
      throw new ApiError('InvalidKeyUsageException', `${key.arn} key usage is ${key.usage} which is not valid for this operation.`);
    return key;
  }
}
