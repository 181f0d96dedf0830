/** AWS Secrets Manager. Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/ */
import { type AccessRequest, ApiError, type Cloud, type Service } from '../../cloud-types';
import { arn, digits, uuid } from '../identifiers';
import { generateSecret } from './generate';

interface Version {
  readonly id: string;
  readonly string?: string;
  readonly binary?: Uint8Array;
  readonly createdAt: number;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly kmsKey?: string;
  readonly createdAt: number;
  changedAt: number;
  readonly versions: Map<string, Version>;
  /** AWSCURRENT, AWSPREVIOUS and others → version id. */
  readonly stages: Map<string, string>;
}

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MAX_SECRET = 65_536;

export function createSecretsManager(cloud: Cloud, keyArn: (reference: string) => string | undefined): Service {
  const secrets = new Map<string, Secret>();

  /** By name, ARN, or ARN without its six random characters. */
  function lookUp(secretId: string): Secret | undefined {
    return [...secrets.values()].find(
      ({ name, arn: full }) => secretId === name || secretId === full || full.replace(/-\w{6}$/, '') === secretId,
    );
  }

  function find(secretId: string): Secret {
    const secret = lookUp(secretId);
    if (!secret) throw new ApiError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  }

  const access =
    (action: string, keyActions: readonly string[] = []) =>
    ({ SecretId }: { SecretId: string }): AccessRequest[] => {
      const secret = lookUp(SecretId);
      const resource = secret?.arn ?? (SecretId.startsWith('arn:') ? SecretId : arn(cloud, 'secretsmanager', `secret:${SecretId}`));
      const key = secret?.kmsKey && keyArn(secret.kmsKey);
      const context = { 'kms:viaservice': `secretsmanager.${cloud.region}.amazonaws.com`, 'kms:encryptioncontext:secretarn': resource };
      return [
        { action: `secretsmanager:${action}`, resource, context: { 'secretsmanager:secretid': resource } },
        // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
        ...(key ? keyActions.map((needed) => ({ action: `kms:${needed}`, resource: key, context })) : []),
      ];
    };

  function put(
    secret: Secret,
    value: { string?: string; binary?: Uint8Array },
    id = uuid(cloud),
    stages: readonly string[] = ['AWSCURRENT'],
  ): Version {
    const former = secret.versions.get(id);
    if (former) {
      const same = former.string === value.string && Buffer.from(former.binary ?? []).equals(Buffer.from(value.binary ?? []));
      if (same) return former;
      throw new ApiError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    const version = { id, ...value, createdAt: cloud.clock.now() };
    secret.versions.set(id, version);
    secret.changedAt = version.createdAt;
    for (const stage of stages) {
      const current = secret.stages.get('AWSCURRENT');
      if (stage === 'AWSCURRENT' && current) secret.stages.set('AWSPREVIOUS', current);
      secret.stages.set(stage, id);
    }
    return version;
  }

  const stagesOf = (secret: Secret, id: string): string[] =>
    [...secret.stages].filter(([, version]) => version === id).map(([stage]) => stage);

  return {
    name: 'secrets-manager',
    operations: {
      GetSecretValue: {
        access: access('GetSecretValue', ['Decrypt']),
        run({ SecretId, VersionId, VersionStage }: { SecretId: string; VersionId?: string; VersionStage?: string }) {
          const secret = find(SecretId);
          const id = VersionId ?? secret.stages.get(VersionStage ?? 'AWSCURRENT');
          const version = id === undefined ? undefined : secret.versions.get(id);
          if (!version || (VersionStage !== undefined && secret.stages.get(VersionStage) !== version.id)) {
            const wanted = VersionId ? `VersionId: ${VersionId}` : `staging label: ${VersionStage ?? 'AWSCURRENT'}`;
            throw new ApiError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${wanted}`);
          }
          return {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: version.id,
            SecretString: version.string,
            SecretBinary: version.binary,
            VersionStages: stagesOf(secret, version.id),
            CreatedDate: new Date(version.createdAt),
          };
        },
      },
      PutSecretValue: {
        access: access('PutSecretValue', ['GenerateDataKey', 'Decrypt']),
        run(input: {
          SecretId: string;
          SecretString?: string;
          SecretBinary?: Uint8Array;
          ClientRequestToken?: string;
          VersionStages?: string[];
        }) {
          const secret = find(input.SecretId);
          const { SecretString: string, SecretBinary: binary } = input;
          if ((string === undefined) === (binary === undefined)) {
            throw new ApiError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
          }
          if (Buffer.byteLength(string ?? binary ?? '') > MAX_SECRET) {
            throw new ApiError('ValidationException', `Member must have length less than or equal to ${MAX_SECRET}`);
          }
          const version = put(secret, { string, binary }, input.ClientRequestToken, input.VersionStages);
          return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: stagesOf(secret, version.id) };
        },
      },
      DescribeSecret: {
        access: access('DescribeSecret'),
        run({ SecretId }: { SecretId: string }) {
          const secret = find(SecretId);
          const ids = [...secret.versions.keys()].filter((id) => stagesOf(secret, id).length > 0);
          return {
            ARN: secret.arn,
            Name: secret.name,
            Description: secret.description,
            KmsKeyId: secret.kmsKey,
            CreatedDate: new Date(secret.createdAt),
            LastChangedDate: new Date(secret.changedAt),
            VersionIdsToStages: Object.fromEntries(ids.map((id) => [id, stagesOf(secret, id)])),
          };
        },
      },
    },
    /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SecretsManager.html */
    resources: {
      'AWS::SecretsManager::Secret': {
        create(resource) {
          const { properties } = resource;
          const name: string = properties.Name ?? resource.physicalName(256);
          const secret: Secret = {
            name,
            arn: arn(
              cloud,
              'secretsmanager',
              `secret:${name}-${digits(cloud, 6, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')}`,
            ),
            description: properties.Description,
            kmsKey: properties.KmsKeyId,
            createdAt: cloud.clock.now(),
            changedAt: cloud.clock.now(),
            versions: new Map(),
            stages: new Map(),
          };
          secrets.set(name, secret);
          const { SecretString, GenerateSecretString } = properties;
          const string = SecretString ?? (GenerateSecretString && generateSecret(GenerateSecretString, cloud.random));
          if (string !== undefined) put(secret, { string });
          return { ref: secret.arn, attributes: { Id: secret.arn } };
        },
      },
      'AWS::SecretsManager::ResourcePolicy': {
        create({ properties }) {
          cloud.setResourcePolicy(find(properties.SecretId).arn, properties.ResourcePolicy);
          return { ref: properties.SecretId };
        },
      },
    },
  };
}
