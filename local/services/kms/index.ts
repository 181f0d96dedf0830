/** AWS KMS with real cryptography, on key material made from the cloud's seed. Source: https://docs.aws.amazon.com/kms/latest/APIReference/ */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { type AccessRequest, ApiError, type Cloud, type Operation, type Service } from '../../cloud-types';
import { grantOperations, refuseDryRun } from './grant-operations';
import { type GrantAuthority, Grants } from './grants';
import { type ConditionKeys, contextKeys, type EncryptionContext, type Key, Keys } from './keys';
import { keyResources } from './resources';

export interface KmsService extends Service {
  /** The ARN of the key that an id, ARN or alias means; undefined for a key of AWS's own, or of nobody. */
  keyArn(reference: string): string | undefined;
}

const MAC_ALGORITHMS: Readonly<Record<string, { readonly algorithm: string; readonly digest: string }>> = {
  HMAC_256: { algorithm: 'HMAC_SHA_256', digest: 'sha256' },
  HMAC_384: { algorithm: 'HMAC_SHA_384', digest: 'sha384' },
  HMAC_512: { algorithm: 'HMAC_SHA_512', digest: 'sha512' },
};
const IV_BYTES = 12;
const TAG_BYTES = 16;

interface WithContext {
  readonly KeyId: string;
  readonly EncryptionContext?: EncryptionContext;
}

/** @param authority decides by the grants; @default - they are kept, and allow nothing */
export function createKms(cloud: Cloud, authority?: GrantAuthority): KmsService {
  const keys = new Keys(cloud);
  const grants = new Grants(cloud, authority);

  /** Policies name keys; an alias shows in a condition key. https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
  function access(action: string, reference: string, context: ConditionKeys = {}): AccessRequest[] {
    const key = keys.find(reference);
    const alias = keys.aliasIn(reference);
    return [
      {
        action: `kms:${action}`,
        resource: key.arn,
        context: {
          'kms:calleraccount': cloud.accountId,
          'kms:keyspec': key.spec,
          'kms:keyusage': key.usage,
          'kms:keyorigin': 'AWS_KMS',
          'kms:resourcealiases': keys.aliasesOf(key),
          ...(alias && { 'kms:requestalias': alias }),
          ...context,
        },
      },
    ];
  }

  function encryptionContext({ EncryptionContext: given = {} }: { EncryptionContext?: EncryptionContext }): ConditionKeys {
    return { 'kms:encryptionalgorithm': 'SYMMETRIC_DEFAULT', ...contextKeys(given) };
  }

  /** A blob that tells its key, as AWS's do: Decrypt needs no key id. */
  function encrypt(key: Key, plaintext: Uint8Array, context: EncryptionContext | undefined): Buffer {
    const id = Buffer.from(key.id);
    const iv = keys.bytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key.material, iv).setAAD(associatedData(context));
    const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return Buffer.concat([Buffer.from([id.length]), id, iv, cipher.getAuthTag(), body]);
  }

  function keyOf(blob: Uint8Array): Key {
    const id = Buffer.from(blob.subarray(1, 1 + blob[0])).toString();
    const key = keys.byId(id);
    if (!key) throw new ApiError('InvalidCiphertextException', '');
    return key;
  }

  function decrypt(key: Key, blob: Uint8Array, context: EncryptionContext | undefined): Buffer {
    const start = 1 + blob[0];
    const iv = blob.subarray(start, start + IV_BYTES);
    const tag = blob.subarray(start + IV_BYTES, start + IV_BYTES + TAG_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.material, iv).setAAD(associatedData(context)).setAuthTag(tag);
      return Buffer.concat([decipher.update(blob.subarray(start + IV_BYTES + TAG_BYTES)), decipher.final()]);
    } catch {
      throw new ApiError('InvalidCiphertextException', '');
    }
  }

  function mac({ KeyId, Message, MacAlgorithm }: { KeyId: string; Message: Uint8Array; MacAlgorithm: string }): { key: Key; mac: Buffer } {
    const key = keys.usable(KeyId, 'GENERATE_VERIFY_MAC');
    const { algorithm, digest } = MAC_ALGORITHMS[key.spec];
    if (MacAlgorithm !== algorithm) {
      throw new ApiError('InvalidKeyUsageException', `Algorithm ${MacAlgorithm} is incompatible with key spec ${key.spec}.`);
    }
    checkLength('message', Message, 4096);
    return { key, mac: createHmac(digest, key.material).update(Message).digest() };
  }

  function dataKey(input: WithContext & { KeySpec?: string; NumberOfBytes?: number }) {
    const key = keys.usable(input.KeyId, 'ENCRYPT_DECRYPT');
    const lengths: Record<string, number> = { AES_256: 32, AES_128: 16 };
    const length = input.NumberOfBytes ?? lengths[input.KeySpec ?? ''];
    if (length === undefined || (input.KeySpec !== undefined && input.NumberOfBytes !== undefined) || length < 1 || length > 1024) {
      throw new ApiError('ValidationException', 'Please specify either number of bytes or key spec.');
    }
    const Plaintext = keys.bytes(length);
    return { KeyId: key.arn, Plaintext, CiphertextBlob: encrypt(key, Plaintext, input.EncryptionContext) };
  }

  const cryptography: Record<string, Operation> = {
    GenerateMac: {
      access: (input) => access('GenerateMac', input.KeyId, { 'kms:macalgorithm': input.MacAlgorithm }),
      run(input) {
        const made = mac(input);
        return { KeyId: made.key.arn, Mac: made.mac, MacAlgorithm: input.MacAlgorithm };
      },
    },
    VerifyMac: {
      access: (input) => access('VerifyMac', input.KeyId, { 'kms:macalgorithm': input.MacAlgorithm }),
      run(input) {
        const made = mac(input);
        const valid = made.mac.length === input.Mac.length && timingSafeEqual(made.mac, input.Mac);
        if (!valid) throw new ApiError('KMSInvalidMacException', '');
        return { KeyId: made.key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
      },
    },
    Encrypt: {
      access: (input: WithContext) => access('Encrypt', input.KeyId, encryptionContext(input)),
      run(input: WithContext & { Plaintext: Uint8Array; EncryptionAlgorithm?: string }) {
        const key = keys.usable(input.KeyId, 'ENCRYPT_DECRYPT');
        checkLength('plaintext', input.Plaintext, 4096);
        return {
          KeyId: key.arn,
          CiphertextBlob: encrypt(key, input.Plaintext, input.EncryptionContext),
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        };
      },
    },
    Decrypt: {
      access: (input) => access('Decrypt', keyOf(input.CiphertextBlob).arn, encryptionContext(input)),
      run(input: { CiphertextBlob: Uint8Array; KeyId?: string; EncryptionContext?: EncryptionContext }) {
        const key = keyOf(input.CiphertextBlob);
        if (input.KeyId !== undefined && keys.find(input.KeyId) !== key) {
          throw new ApiError('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
        }
        keys.usable(key.arn, 'ENCRYPT_DECRYPT');
        return {
          KeyId: key.arn,
          Plaintext: decrypt(key, input.CiphertextBlob, input.EncryptionContext),
          EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        };
      },
    },
    GenerateDataKey: {
      access: (input: WithContext) => access('GenerateDataKey', input.KeyId, encryptionContext(input)),
      run: dataKey,
    },
    GenerateDataKeyWithoutPlaintext: {
      access: (input: WithContext) => access('GenerateDataKeyWithoutPlaintext', input.KeyId, encryptionContext(input)),
      run(input: WithContext) {
        const { KeyId, CiphertextBlob } = dataKey(input);
        return { KeyId, CiphertextBlob };
      },
    },
  };

  /** With what all of these take beside their own. */
  const withGrants = ({ access, run }: Operation): Operation => ({
    access,
    async run(input, caller) {
      grants.checkTokens(input.GrantTokens);
      const output = await run(input, caller);
      refuseDryRun(input);
      return output;
    },
  });

  return {
    name: 'kms',
    keyArn: (reference) => keys.lookUp(reference)?.arn,
    operations: {
      ...Object.fromEntries(Object.entries(cryptography).map(([name, operation]) => [name, withGrants(operation)])),
      ...grantOperations(keys, grants, access),
      DescribeKey: withGrants({
        access: (input) => access('DescribeKey', input.KeyId),
        run: (input: { KeyId: string }) => ({ KeyMetadata: described(cloud, keys.find(input.KeyId)) }),
      }),
    },
    resources: keyResources(cloud, keys),
  };
}

/** The encryption context, whatever the order of its pairs. */
function associatedData(context: EncryptionContext = {}): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}

function checkLength(name: string, bytes: Uint8Array, max: number): void {
  if (bytes.length >= 1 && bytes.length <= max) return;
  const bound = bytes.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${max}`;
  throw new ApiError(
    'ValidationException',
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

function described(cloud: Cloud, key: Key) {
  return {
    AWSAccountId: cloud.accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.enabled,
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.enabled ? 'Enabled' : 'Disabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    KeySpec: key.spec,
    CustomerMasterKeySpec: key.spec,
    MultiRegion: key.multiRegion,
    ...(key.usage === 'ENCRYPT_DECRYPT'
      ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }
      : { MacAlgorithms: [MAC_ALGORITHMS[key.spec].algorithm] }),
  };
}
