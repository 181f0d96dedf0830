/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html */
import type { Cloud, ResourceType } from '../../cloud-types';
import { notImplemented } from '../errors';
import { arn, digits, isTrue, uuid } from '../identifiers';
import type { Keys } from './keys';

/** Bytes of key material. */
const SPECS: Readonly<Record<string, number>> = { SYMMETRIC_DEFAULT: 32, HMAC_256: 32, HMAC_384: 48, HMAC_512: 64 };

export function keyResources(cloud: Cloud, keys: Keys): Record<string, ResourceType> {
  return {
    'AWS::KMS::Key': {
      create({ properties, path, logicalId }) {
        const spec: string = properties.KeySpec ?? 'SYMMETRIC_DEFAULT';
        if (!(spec in SPECS)) throw notImplemented(`KMS keys of the spec ${spec} (${path ?? logicalId})`);
        const multiRegion = isTrue(properties.MultiRegion);
        const id = multiRegion ? `mrk-${digits(cloud, 32)}` : uuid(cloud);
        const keyArn = arn(cloud, 'kms', `key/${id}`);
        keys.put({
          id,
          arn: keyArn,
          spec,
          usage: properties.KeyUsage ?? 'ENCRYPT_DECRYPT',
          enabled: properties.Enabled === undefined || isTrue(properties.Enabled),
          multiRegion,
          description: properties.Description ?? '',
          createdAt: cloud.clock.now(),
          material: keys.bytes(SPECS[spec]),
        });
        // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html: without one, IAM policies decide.
        const root = { AWS: `arn:${cloud.partition}:iam::${cloud.accountId}:root` };
        cloud.setResourcePolicy(
          keyArn,
          properties.KeyPolicy ?? {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' }],
          },
        );
        return { ref: id, attributes: { Arn: keyArn, KeyId: id } };
      },
    },

    'AWS::KMS::Alias': {
      create({ properties }) {
        keys.putAlias(properties.AliasName, properties.TargetKeyId);
        return { ref: properties.AliasName };
      },
    },
  };
}
