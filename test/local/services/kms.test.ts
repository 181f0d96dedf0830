import { createHmac } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  KMSClient,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { createKms } from '../../../local/services/kms';
import { refusal, World } from './world';

let world: World;
let kms: KMSClient;
const bytes = (text: string) => Buffer.from(text);

beforeEach(async () => {
  world = await World.start((cloud) => [createKms(cloud)]);
  kms = new KMSClient(world.client());
});
afterEach(() => world.gateway.close());

const hmacKey = (KeySpec = 'HMAC_256', more = {}) =>
  world.create('AWS::KMS::Key', `Mac${KeySpec}`, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC', ...more });
const key = (more = {}) => world.create('AWS::KMS::Key', 'Key', more);

describe('HMAC keys', () => {
  test.each([
    ['HMAC_256', 'HMAC_SHA_256', 32],
    ['HMAC_384', 'HMAC_SHA_384', 48],
    ['HMAC_512', 'HMAC_SHA_512', 64],
  ] as const)('%s makes and verifies', async (spec, MacAlgorithm, length) => {
    const { ref, attributes } = await hmacKey(spec);
    const { Mac, KeyId } = await kms.send(new GenerateMacCommand({ KeyId: ref, Message: bytes('m'), MacAlgorithm }));
    expect([Mac?.length, KeyId]).toEqual([length, attributes?.Arn]);
    expect(await kms.send(new VerifyMacCommand({ KeyId: ref, Message: bytes('m'), Mac, MacAlgorithm }))).toMatchObject({ MacValid: true });
    for (const wrong of [{ Message: bytes('n') }, { Mac: Buffer.alloc(length) }, { Mac: Buffer.from([1]) }]) {
      const error = await refusal(kms.send(new VerifyMacCommand({ KeyId: ref, Message: bytes('m'), Mac, MacAlgorithm, ...wrong })));
      expect(error).toMatchObject({ name: 'KMSInvalidMacException', $metadata: { httpStatusCode: 400 } });
    }
  });

  test('is deterministic, and no plain hash', async () => {
    const mac = async () => {
      const another = await World.start((cloud) => [createKms(cloud)]);
      await another.create('AWS::KMS::Key', 'K', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
      await another.create('AWS::KMS::Alias', 'A', {
        AliasName: 'alias/k',
        TargetKeyId: (await another.create('AWS::KMS::Key', 'L', { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })).ref,
      });
      const made = await new KMSClient(another.client()).send(
        new GenerateMacCommand({ KeyId: 'alias/k', Message: bytes('m'), MacAlgorithm: 'HMAC_SHA_256' }),
      );
      await another.gateway.close();
      return Buffer.from(made.Mac ?? []).toString('hex');
    };
    const [first, second] = [await mac(), await mac()];
    expect(first).toBe(second);
    expect(first).not.toBe(createHmac('sha256', '').update('m').digest('hex'));
  });

  test('refuses the wrong algorithm, the wrong use and too much', async () => {
    const { ref } = await hmacKey();
    const make = (more = {}) =>
      kms.send(new GenerateMacCommand({ KeyId: ref, Message: bytes('m'), MacAlgorithm: 'HMAC_SHA_256', ...more }));
    expect((await refusal(make({ MacAlgorithm: 'HMAC_SHA_512' }))).name).toBe('InvalidKeyUsageException');
    expect((await refusal(make({ KeyId: (await key()).ref }))).name).toBe('InvalidKeyUsageException');
    expect((await refusal(make({ Message: Buffer.alloc(4097) }))).name).toBe('ValidationException');
    expect((await refusal(kms.send(new EncryptCommand({ KeyId: ref, Plaintext: bytes('m') })))).name).toBe('InvalidKeyUsageException');
    const disabled = await hmacKey('HMAC_384', { Enabled: false });
    expect((await refusal(make({ KeyId: disabled.ref, MacAlgorithm: 'HMAC_SHA_384' }))).name).toBe('DisabledException');
  });
});

describe('symmetric keys', () => {
  test('what was encrypted is decrypted, with its context only', async () => {
    const { ref, attributes } = await key();
    const EncryptionContext = { a: '1', b: '2' };
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: ref, Plaintext: bytes('secret é'), EncryptionContext }));
    expect(Buffer.from(CiphertextBlob ?? []).includes('secret')).toBe(false);
    const open = (more = {}) => kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' }, ...more }));
    const opened = await open();
    expect([Buffer.from(opened.Plaintext ?? []).toString(), opened.KeyId]).toEqual(['secret é', attributes?.Arn]);
    expect((await refusal(open({ EncryptionContext: { a: '1' } }))).name).toBe('InvalidCiphertextException');
    const broken = Buffer.from(CiphertextBlob ?? []);
    broken[broken.length - 1] ^= 1;
    expect((await refusal(open({ CiphertextBlob: broken }))).name).toBe('InvalidCiphertextException');
    const other = await world.create('AWS::KMS::Key', 'Other');
    expect((await refusal(open({ KeyId: other.ref }))).name).toBe('IncorrectKeyException');
  });

  test('a data key opens what its ciphertext says', async () => {
    const { ref } = await key();
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: ref, KeySpec: 'AES_256' }));
    expect(made.Plaintext).toHaveLength(32);
    expect((await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))).Plaintext).toEqual(made.Plaintext);
    expect((await refusal(kms.send(new GenerateDataKeyCommand({ KeyId: ref })))).name).toBe('ValidationException');
  });

  test('is described, and named by id, ARN and alias', async () => {
    const { ref, attributes } = await key({ Description: 'mine' });
    await world.create('AWS::KMS::Alias', 'Alias', { AliasName: 'alias/mine', TargetKeyId: attributes?.Arn });
    for (const KeyId of [ref, attributes?.Arn as string, 'alias/mine', 'arn:aws:kms:us-east-1:123456789012:alias/mine']) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
        KeyId: ref,
        Description: 'mine',
        KeySpec: 'SYMMETRIC_DEFAULT',
        Enabled: true,
      });
    }
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'alias/nobody' })))).toMatchObject({
      name: 'NotFoundException',
      message: 'Alias arn:aws:kms:us-east-1:123456789012:alias/nobody is not found.',
    });
  });

  test('other specs are named', async () => {
    await expect(key({ KeySpec: 'RSA_2048' })).rejects.toThrow('KMS keys of the spec RSA_2048 (Stack/Key)');
  });
});

describe('access', () => {
  const allow = (resource: string) => ({ Effect: 'Allow' as const, Action: 'kms:GenerateMac', Resource: resource });
  const make = (role: string, KeyId: string) =>
    new KMSClient(world.client(role)).send(new GenerateMacCommand({ KeyId, Message: bytes('m'), MacAlgorithm: 'HMAC_SHA_256' }));

  test('the default key policy leaves it to IAM', async () => {
    const { ref, attributes } = await hmacKey();
    const arn = attributes?.Arn as string;
    await make(await world.role('Signer', allow(arn)), ref);
    expect((await refusal(make(await world.role('Other'), ref))).message).toContain(`kms:GenerateMac on resource: ${arn}`);
  });

  test('a key policy that knows nobody allows nobody', async () => {
    const { ref } = await hmacKey('HMAC_256', {
      KeyPolicy: { Statement: [{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'kms:*', Resource: '*' }] },
    });
    expect((await refusal(make(await world.role('Signer', allow('*')), ref))).name).toBe('AccessDeniedException');
  });

  test('an alias is authorized as its key, and shows in kms:RequestAlias', async () => {
    const { ref, attributes } = await hmacKey();
    await world.create('AWS::KMS::Alias', 'Alias', { AliasName: 'alias/mac', TargetKeyId: ref });
    const role = await world.role('Signer', {
      ...allow(attributes?.Arn as string),
      Condition: { StringEquals: { 'kms:RequestAlias': 'alias/mac' } },
    });
    await make(role, 'alias/mac');
    expect((await refusal(make(role, ref))).name).toBe('AccessDeniedException');
  });
});
