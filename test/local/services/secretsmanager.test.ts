import { DescribeSecretCommand, GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createKms } from '../../../local/services/kms';
import { createSecretsManager } from '../../../local/services/secretsmanager';
import { generateSecret } from '../../../local/services/secretsmanager/generate';
import { refusal, World } from './world';

let world: World;
let client: SecretsManagerClient;

beforeEach(async () => {
  world = await World.start((cloud) => {
    const kms = createKms(cloud);
    return [kms, createSecretsManager(cloud, kms.keyArn)];
  });
  client = new SecretsManagerClient(world.client());
});
afterEach(() => world.gateway.close());

const secret = async (properties: Record<string, unknown>) =>
  (await world.create('AWS::SecretsManager::Secret', 'S', { Name: 'app/key', ...properties })).ref;
const get = (SecretId: string, more = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));

test('a secret is read by ARN, by name, and by ARN without its last six', async () => {
  const ref = await secret({ SecretString: 's3cret' });
  expect(ref).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/key-\w{6}$/);
  for (const id of [ref, 'app/key', ref.slice(0, -7)]) {
    expect(await get(id)).toMatchObject({
      ARN: ref,
      Name: 'app/key',
      SecretString: 's3cret',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(world.clock.now()),
    });
  }
  expect(await refusal(get('nobody'))).toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

test('a new value leaves the former as AWSPREVIOUS', async () => {
  const SecretId = await secret({ SecretString: 'one' });
  const first = await get(SecretId);
  const put = (SecretString: string, ClientRequestToken?: string) =>
    client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));
  const token = '11111111-2222-4333-8444-555555555555';
  expect(await put('two', token)).toMatchObject({ VersionId: token, VersionStages: ['AWSCURRENT'] });
  expect((await put('two', token)).VersionId).toBe(token);
  expect((await refusal(put('three', token))).name).toBe('ResourceExistsException');
  expect((await get(SecretId)).SecretString).toBe('two');
  expect(await get(SecretId, { VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'one', VersionId: first.VersionId });
  expect((await get(SecretId, { VersionId: first.VersionId })).SecretString).toBe('one');
  expect((await refusal(get(SecretId, { VersionStage: 'AWSPENDING' }))).name).toBe('ResourceNotFoundException');
  expect(await client.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
    Name: 'app/key',
    VersionIdsToStages: { [token]: ['AWSCURRENT'], [first.VersionId as string]: ['AWSPREVIOUS'] },
  });
});

test('binary values', async () => {
  const SecretId = await secret({ SecretString: 'x' });
  await client.send(new PutSecretValueCommand({ SecretId, SecretBinary: Uint8Array.from([0, 255]) }));
  expect(await get(SecretId)).toMatchObject({ SecretBinary: Uint8Array.from([0, 255]) });
});

describe('GenerateSecretString', () => {
  const generated = (options: object) => generateSecret(options, world.random);

  test('has 32 characters of each kind, no space', async () => {
    const { SecretString = '' } = await get(await secret({ GenerateSecretString: {} }));
    expect(SecretString).toHaveLength(32);
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[!-/:-@[-`{-~]/]) expect(SecretString).toMatch(kind);
    expect(SecretString).not.toContain(' ');
  });

  test('leaves out what it shall', () => {
    expect(generated({ PasswordLength: 200, ExcludePunctuation: true, ExcludeUppercase: true, ExcludeCharacters: 'abc0' })).toMatch(
      /^[d-z1-9]{200}$/,
    );
    expect(() => generated({ ExcludePunctuation: true, ExcludeUppercase: true, ExcludeLowercase: true, ExcludeNumbers: true })).toThrow(
      'no password',
    );
  });

  test('goes into a template', () => {
    expect(JSON.parse(generated({ SecretStringTemplate: '{"user":"admin"}', GenerateStringKey: 'password', PasswordLength: 8 }))).toEqual({
      user: 'admin',
      password: expect.stringMatching(/^.{8}$/),
    });
  });
});

test("a role needs the action on the secret, and the customer's key", async () => {
  const key = await world.create('AWS::KMS::Key', 'Key');
  const SecretId = await secret({ SecretString: 'x', KmsKeyId: key.attributes?.Arn });
  const read = (role: string) => new SecretsManagerClient(world.client(role)).send(new GetSecretValueCommand({ SecretId }));
  expect((await refusal(read(await world.role('Nobody')))).message).toContain(`secretsmanager:GetSecretValue on resource: ${SecretId}`);
  const allow = { Effect: 'Allow' as const, Action: 'secretsmanager:GetSecretValue', Resource: SecretId };
  expect((await refusal(read(await world.role('NoKey', allow)))).message).toContain(`kms:Decrypt on resource: ${key.attributes?.Arn}`);
  await read(await world.role('Reader', allow, { Effect: 'Allow', Action: 'kms:Decrypt', Resource: key.attributes?.Arn as string }));
});
