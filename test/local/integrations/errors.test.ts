import { ApiError } from '../../../local/cloud-types';
import { toStatesError } from '../../../local/integrations/errors';
import { models } from '../../../local/wire/model';

const named = (service: string, code: string, style: 'java1' | 'java2' = 'java2') =>
  toStatesError(service, style, new ApiError(code, 'No.', 400), 'r-1').error;

// The names of https://sdk.amazonaws.com/java/api/latest/, package by package.
test.each([
  ['cloudwatch', 'InternalServiceFault', 'CloudWatch.InternalServiceException'],
  ['cloudwatch', 'Throttling', 'CloudWatch.CloudWatchException'],
  ['dynamodb', 'ConditionalCheckFailedException', 'DynamoDb.ConditionalCheckFailedException'],
  ['iam', 'DuplicateSSHPublicKeyException', 'Iam.DuplicateSshPublicKeyException'],
  ['kms', 'KMSInvalidStateException', 'Kms.KmsInvalidStateException'],
  ['lambda', 'EC2ThrottledException', 'Lambda.Ec2ThrottledException'],
  ['lambda', 'ENILimitReachedException', 'Lambda.EniLimitReachedException'],
  ['s3', 'NoSuchKey', 'S3.NoSuchKeyException'],
  ['secrets-manager', 'DecryptionFailure', 'SecretsManager.DecryptionFailureException'],
  ['sns', 'KMSAccessDeniedException', 'Sns.KmsAccessDeniedException'],
])('%s: %s is %s', (service, code, error) => expect(named(service, code)).toBe(error));

test('version 1 keeps the spelling', () => expect(named('sns', 'KMSAccessDeniedException', 'java1')).toBe('SNS.KMSAccessDeniedException'));

test('every service of the local cloud has names', () => {
  for (const service of Object.keys(models)) expect(named(service, 'Unheard')).toMatch(/^([A-Z]\w+)\.\1Exception$/);
});
