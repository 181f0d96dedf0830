import { aws_iam as iam, type aws_kms as kms } from 'aws-cdk-lib';

/**
 * What reading and writing a table that is encrypted with a key of one's own takes of the key.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export function tableKeyStatement(key: kms.IKey): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    resources: [key.keyArn],
  });
}
