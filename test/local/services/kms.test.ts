import { createHmac } from 'node:crypto';
import {
  CreateGrantCommand,
  type CreateGrantCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  KMSClient,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createKms, type KmsService } from '../../../local/services/kms';
import { createS3 } from '../../../local/services/s3';
import { refusal, World } from './world';

let world: World;
let kms: KMSClient;
const bytes = (text: string) => Buffer.from(text);

beforeEach(async () => {
  world = await World.start((cloud) => [createKms(cloud, cloud.access)]);
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

describe('grants', () => {
  const GENERATE = { KeySpec: 'AES_256' } as const;
  let keyId: string;
  let arn: string;
  beforeEach(async () => {
    const { ref, attributes } = await key();
    [keyId, arn] = [ref, attributes?.Arn as string];
  });

  const grant = (given: Partial<CreateGrantCommandInput>, client = kms) =>
    client.send(new CreateGrantCommand({ KeyId: keyId, Operations: ['GenerateDataKey'], ...given }));
  const as = (role: string) => new KMSClient(world.client(role));
  const generate = (role: string, EncryptionContext?: Record<string, string>) =>
    as(role).send(new GenerateDataKeyCommand({ KeyId: keyId, ...GENERATE, EncryptionContext }));
  const list = async (more = {}) => (await kms.send(new ListGrantsCommand({ KeyId: keyId, ...more }))).Grants ?? [];

  // https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
  test('let a role without any policy do these operations on this key, until they are revoked', async () => {
    const role = await world.role('Worker');
    expect((await refusal(generate(role))).name).toBe('AccessDeniedException');
    const { GrantId, GrantToken } = await grant({ GranteePrincipal: role });
    expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
    await generate(role);
    expect(
      await as(role).send(new GenerateDataKeyCommand({ KeyId: keyId, ...GENERATE, GrantTokens: [GrantToken as string] })),
    ).toBeDefined();
    expect((await refusal(as(role).send(new EncryptCommand({ KeyId: keyId, Plaintext: bytes('m') })))).name).toBe('AccessDeniedException');
    const other = await world.create('AWS::KMS::Key', 'Other');
    expect((await refusal(as(role).send(new GenerateDataKeyCommand({ KeyId: other.ref, ...GENERATE })))).name).toBe(
      'AccessDeniedException',
    );
    expect((await refusal(generate(await world.role('Stranger')))).name).toBe('AccessDeniedException');
    await kms.send(new RevokeGrantCommand({ KeyId: keyId, GrantId }));
    expect((await refusal(generate(role))).name).toBe('AccessDeniedException');
    expect(world.access.used()).toMatchObject([
      { action: 'kms:GenerateDataKey', resource: arn, allowedBy: expect.stringMatching(/^grant /) },
    ]);
  });

  test('allow, but an explicit deny wins', async () => {
    const role = await world.role('Worker', { Effect: 'Deny', Action: 'kms:*', Resource: '*' });
    await grant({ GranteePrincipal: role });
    expect((await refusal(generate(role))).message).toContain('with an explicit deny in an identity-based policy');
  });

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
  test.each([
    ['EncryptionContextSubset', { team: 'a', more: 'b' }, true],
    ['EncryptionContextSubset', { Team: 'a' }, true],
    ['EncryptionContextSubset', { team: 'b' }, false],
    ['EncryptionContextSubset', undefined, false],
    ['EncryptionContextEquals', { team: 'a' }, true],
    ['EncryptionContextEquals', { team: 'a', more: 'b' }, false],
    ['EncryptionContextEquals', undefined, false],
  ] as const)('constrained by %s team=a, of a call with %j: %s', async (constraint, context, isAllowed) => {
    const role = await world.role('Worker');
    await grant({ GranteePrincipal: role, Operations: ['GenerateDataKey', 'DescribeKey'], Constraints: { [constraint]: { team: 'a' } } });
    const outcome = await generate(role, context).then(
      () => true,
      () => false,
    );
    expect(outcome).toBe(isAllowed);
    // It has no encryption context to look at.
    await as(role).send(new DescribeKeyCommand({ KeyId: keyId }));
    if (!isAllowed) expect(world.access.denied.at(-1)?.reason.text).toContain('kms:EncryptionContext');
  });

  // https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant
  test('hand on no more than they have', async () => {
    const [parent, child] = [await world.role('Parent'), await world.role('Child')];
    const Constraints = { EncryptionContextSubset: { team: 'a' } };
    await grant({ GranteePrincipal: parent, Operations: ['CreateGrant', 'GenerateDataKey'], Constraints });
    const handOn = (more: Partial<CreateGrantCommandInput>) => grant({ GranteePrincipal: child, Constraints, ...more }, as(parent));
    for (const wider of [
      { Operations: ['Decrypt' as const] },
      { Constraints: undefined },
      { Constraints: { EncryptionContextSubset: { x: 'y' } } },
    ]) {
      expect((await refusal(handOn(wider))).name).toBe('AccessDeniedException');
    }
    await handOn({ Constraints: { EncryptionContextEquals: { team: 'a', project: 'b' } } });
    await generate(child, { team: 'a', project: 'b' });
    expect((await refusal(generate(child, { team: 'a' }))).name).toBe('AccessDeniedException');
  });

  // https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
  test('are retired by whom they name, and by their account', async () => {
    const retire = (role: string, GrantId = '') => as(role).send(new RetireGrantCommand({ KeyId: arn, GrantId }));
    const [grantee, retiring] = [await world.role('Grantee'), await world.role('Retiring')];
    const named = await grant({ GranteePrincipal: grantee, RetiringPrincipal: retiring });
    const unnamed = await grant({ GranteePrincipal: grantee });
    expect((await refusal(retire(grantee, named.GrantId))).name).toBe('AccessDeniedException');
    expect((await refusal(retire(retiring, unnamed.GrantId))).name).toBe('AccessDeniedException');
    await retire(retiring, named.GrantId);

    const own = await grant({ GranteePrincipal: grantee, Operations: ['RetireGrant'] });
    await as(grantee).send(new RetireGrantCommand({ GrantToken: own.GrantToken }));

    await retire(await world.role('Admin', { Effect: 'Allow', Action: 'kms:RetireGrant', Resource: arn }), unnamed.GrantId);
    expect(await list()).toEqual([]);
  });

  test('are retired by nobody whom only the key policy lets', async () => {
    const role = await world.role('Worker');
    const Statement = [{ Effect: 'Allow', Principal: { AWS: role }, Action: 'kms:*', Resource: '*' }];
    const { ref, attributes } = await world.create('AWS::KMS::Key', 'Theirs', { KeyPolicy: { Version: '2012-10-17', Statement } });
    const made = await grant({ KeyId: ref, GranteePrincipal: role }, as(role));
    const retired = as(role).send(new RetireGrantCommand({ KeyId: attributes?.Arn as string, GrantId: made.GrantId }));
    expect((await refusal(retired)).name).toBe('AccessDeniedException');
    await as(role).send(new RevokeGrantCommand({ KeyId: ref, GrantId: made.GrantId }));
  });

  test('are listed, by grantee and by who may retire them, in pages', async () => {
    const [one, two] = [await world.role('One'), await world.role('Two')];
    const { GrantId } = await grant({
      GranteePrincipal: one,
      RetiringPrincipal: two,
      Name: 'first',
      Constraints: { EncryptionContextEquals: { a: 'b' } },
    });
    await grant({ GranteePrincipal: two });
    expect(await list({ GranteePrincipal: one })).toEqual([
      {
        KeyId: arn,
        GrantId,
        Name: 'first',
        CreationDate: new Date(world.clock.now()),
        GranteePrincipal: one,
        RetiringPrincipal: two,
        IssuingAccount: 'arn:aws:iam::123456789012:root',
        Operations: ['GenerateDataKey'],
        Constraints: { EncryptionContextEquals: { a: 'b' } },
      },
    ]);
    expect((await kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: two }))).Grants).toMatchObject([{ GrantId }]);
    const first = await kms.send(new ListGrantsCommand({ KeyId: keyId, Limit: 1 }));
    const second = await kms.send(new ListGrantsCommand({ KeyId: keyId, Limit: 1, Marker: first.NextMarker }));
    expect([first, second]).toMatchObject([
      { Truncated: true, Grants: [{ GranteePrincipal: one }] },
      { Truncated: false, Grants: [{ GranteePrincipal: two }] },
    ]);
  });

  // https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
  test('with a name are made once, each time with a token of its own', async () => {
    const GranteePrincipal = await world.role('Worker');
    const named = { GranteePrincipal, Name: 'mine', Operations: ['Decrypt', 'Encrypt'] as ('Decrypt' | 'Encrypt')[] };
    const [first, again] = [await grant(named), await grant({ ...named, Operations: ['Encrypt', 'Decrypt'] })];
    expect(again.GrantId).toBe(first.GrantId);
    expect(again.GrantToken).not.toBe(first.GrantToken);
    expect((await grant({ ...named, Operations: ['Decrypt'] })).GrantId).not.toBe(first.GrantId);
    const unnamed = { GranteePrincipal };
    expect((await grant(unnamed)).GrantId).not.toBe((await grant(unnamed)).GrantId);
  });

  test('are made by who may, for whom and for what the condition keys say', async () => {
    const [friend, stranger] = [await world.role('Friend'), await world.role('Stranger')];
    const maker = await world.role('Maker', {
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: arn,
      Condition: {
        StringEquals: { 'kms:GranteePrincipal': friend, 'kms:GrantConstraintType': 'EncryptionContextSubset' },
        'ForAllValues:StringEquals': { 'kms:GrantOperations': ['GenerateDataKey', 'Decrypt'] },
        Bool: { 'kms:GrantIsForAWSResource': 'false' },
      },
    });
    const make = (more: Partial<CreateGrantCommandInput>) =>
      grant({ GranteePrincipal: friend, Constraints: { EncryptionContextSubset: { a: 'b' } }, ...more }, as(maker));
    await make({});
    for (const more of [{ GranteePrincipal: stranger }, { Operations: ['Encrypt' as const] }, { Constraints: undefined }]) {
      expect((await refusal(make(more))).name).toBe('AccessDeniedException');
    }
    const service = await world.role('ForServicesOnly', {
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: arn,
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    });
    expect((await refusal(grant({ GranteePrincipal: friend }, as(service)))).name).toBe('AccessDeniedException');
  });

  test('to a service hold for the resource that it works for', async () => {
    const Constraints = { SourceArn: 'arn:aws:sns:us-east-1:123456789012:news' };
    const GranteeServicePrincipal = 'sns.amazonaws.com';
    expect((await refusal(grant({ GranteeServicePrincipal, Constraints }))).message).toContain('a retiring principal');
    await grant({ GranteeServicePrincipal, Constraints, RetiringPrincipal: 'arn:aws:iam::123456789012:root' });
    const request = { action: 'kms:GenerateDataKey', resource: arn };
    const ask = (sourceArn: string) =>
      world.access.authorize({ kind: 'service', service: 'sns.amazonaws.com', sourceArn }, request).allowed;
    expect([ask(Constraints.SourceArn), ask('arn:aws:sns:us-east-1:123456789012:other')]).toEqual([true, false]);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
  test("hold for what a service does in their grantee's name", async () => {
    world.services.set(
      's3',
      createS3(world, (reference) => (world.services.get('kms') as KmsService).keyArn(reference)),
    );
    const SSE = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: arn };
    const { ref: Bucket, attributes } = await world.create('AWS::S3::Bucket', 'Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: SSE, BucketKeyEnabled: true }] },
    });
    const role = await world.role('Writer', { Effect: 'Allow', Action: 's3:PutObject', Resource: `${attributes?.Arn}/*` });
    const s3 = new S3Client({ ...world.client(role), forcePathStyle: true });
    const put = () => s3.send(new PutObjectCommand({ Bucket, Key: 'key', Body: 'text' }));
    await grant({ GranteePrincipal: role, Constraints: { EncryptionContextEquals: { 'aws:s3:arn': 'arn:aws:s3:::another' } } });
    expect((await refusal(put())).message).toContain('kms:GenerateDataKey');
    await grant({ GranteePrincipal: role, Constraints: { EncryptionContextEquals: { 'aws:s3:arn': attributes?.Arn as string } } });
    await put();
  });

  test('are refused where something is wrong with them', async () => {
    const GranteePrincipal = await world.role('Worker');
    const mac = await hmacKey();
    const disabled = await world.create('AWS::KMS::Key', 'Disabled', { Enabled: false });
    const unknown = '0'.repeat(64);
    const refusals = [
      [grant({}), 'ValidationException'],
      [grant({ GranteePrincipal, GranteeServicePrincipal: 'sns.amazonaws.com' }), 'ValidationException'],
      [grant({ GranteePrincipal: 'Worker' }), 'InvalidArnException'],
      [grant({ GranteePrincipal, RetiringPrincipal: 'arn:aws:s3:::bucket' }), 'InvalidArnException'],
      [grant({ GranteePrincipal, Operations: ['GenerateMac'] }), 'ValidationException'],
      [
        grant({ GranteePrincipal, KeyId: mac.ref, Operations: ['GenerateMac'], Constraints: { EncryptionContextEquals: { a: 'b' } } }),
        'ValidationException',
      ],
      [grant({ GranteePrincipal, KeyId: disabled.ref }), 'DisabledException'],
      [grant({ GranteePrincipal, KeyId: 'alias/key' }), 'NotFoundException'],
      [grant({ GranteePrincipal, GrantTokens: ['made-up'] }), 'InvalidGrantTokenException'],
      [kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: bytes('m'), GrantTokens: ['made-up'] })), 'InvalidGrantTokenException'],
      [kms.send(new RevokeGrantCommand({ KeyId: keyId, GrantId: unknown })), 'NotFoundException'],
      [kms.send(new RetireGrantCommand({ KeyId: arn, GrantId: unknown })), 'NotFoundException'],
      [kms.send(new RetireGrantCommand({ GrantToken: 'made-up' })), 'InvalidGrantTokenException'],
      [kms.send(new RetireGrantCommand({ KeyId: arn })), 'ValidationException'],
      [kms.send(new RetireGrantCommand({ KeyId: keyId, GrantId: unknown })), 'InvalidArnException'],
      [kms.send(new ListGrantsCommand({ KeyId: keyId, Limit: 101 })), 'ValidationException'],
      [kms.send(new ListGrantsCommand({ KeyId: keyId, Marker: 'x' })), 'InvalidMarkerException'],
      [grant({ GranteePrincipal, DryRun: true }), 'DryRunOperationException'],
      [kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: bytes('m'), DryRun: true })), 'DryRunOperationException'],
    ] as const;
    expect(await Promise.all(refusals.map(async ([work]) => (await refusal(work)).name))).toEqual(refusals.map(([, name]) => name));
    expect(await list()).toEqual([]);
  });
});
