/** S3's CloudFormation types: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_S3.html, and the CDK's own. */
import type { ResourceType } from '../../cloud-types';
import { isTrue } from '../identifiers';
import type { Bucket } from './bucket';
import { bucketDeployment } from './bucket-deployment';
import { fromCloudFormation, type NotificationConfiguration } from './notifications/configuration';
import { defaultEncryption, publicAccessBlock } from './operations/bucket-settings';
import type { S3Context } from './service-context';

/** Would change what is found in the bucket, or elsewhere, and nothing here carries it out. */
const UNEMULATED: Readonly<Record<string, string>> = {
  ReplicationConfiguration: 'S3 replication',
  ObjectLockConfiguration: 'S3 Object Lock',
};

export function s3Resources(context: S3Context): Record<string, ResourceType> {
  const { buckets, cloud, notifier } = context;
  return {
    'AWS::S3::Bucket': {
      async create(resource) {
        const { properties } = resource;
        const bucket = buckets.create(properties.BucketName ?? resource.physicalName(63).toLowerCase());
        setUp(bucket, properties, context);
        if (properties.NotificationConfiguration) {
          await notifier.configure(bucket, fromCloudFormation(properties.NotificationConfiguration), { validate: true });
        }
        const { name, arn } = bucket;
        const suffix = cloud.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
        return {
          ref: name,
          attributes: {
            Arn: arn,
            DomainName: `${name}.s3.${suffix}`,
            DualStackDomainName: `${name}.s3.dualstack.${cloud.region}.${suffix}`,
            RegionalDomainName: `${name}.s3.${cloud.region}.${suffix}`,
            WebsiteURL: `http://${name}.s3-website-${cloud.region}.${suffix}`,
          },
        };
      },
    },

    'AWS::S3::BucketPolicy': {
      create(resource) {
        const bucket = buckets.get({ Bucket: resource.properties.Bucket });
        cloud.setResourcePolicy(bucket.arn, resource.properties.PolicyDocument);
        bucket.policy = JSON.stringify(resource.properties.PolicyDocument);
        return { ref: bucket.name };
      },
    },

    // The CDK's handler is a Python function that does this. https://github.com/aws/aws-cdk: custom-resource-handlers/lib/aws-s3/notifications
    'Custom::S3BucketNotifications': {
      async create(resource) {
        const { BucketName, NotificationConfiguration = {}, Managed, SkipDestinationValidation } = resource.properties;
        const bucket = buckets.get({ Bucket: BucketName });
        // Of a bucket from elsewhere, what others have set stays.
        const former = Managed === undefined || isTrue(Managed) ? {} : bucket.notifications;
        const validate = !isTrue(SkipDestinationValidation);
        await notifier.configure(bucket, together(former, NotificationConfiguration), { validate });
        return { ref: resource.physicalName() };
      },
    },

    'Custom::CDKBucketDeployment': bucketDeployment(context),

    // It empties the bucket when its stack is deleted, and stacks here are not.
    'Custom::S3AutoDeleteObjects': {
      create: (resource) => ({ ref: resource.physicalName() }),
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape
function setUp(bucket: Bucket, properties: Record<string, any>, context: S3Context): void {
  const { VersioningConfiguration, BucketEncryption, Tags, PublicAccessBlockConfiguration, OwnershipControls, ObjectLockEnabled } =
    properties;
  // Object Lock comes with versioning.
  bucket.versioning = isTrue(ObjectLockEnabled) ? 'Enabled' : VersioningConfiguration?.Status;
  const [rule] = BucketEncryption?.ServerSideEncryptionConfiguration ?? [];
  if (rule) {
    // CloudFormation has another name for it.
    const { ServerSideEncryptionByDefault: ApplyServerSideEncryptionByDefault, BucketKeyEnabled } = rule;
    bucket.encryption = defaultEncryption({ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }, context);
  }
  bucket.tags = Tags ?? [];
  if (PublicAccessBlockConfiguration) bucket.publicAccessBlock = publicAccessBlock(PublicAccessBlockConfiguration);
  bucket.ownership = OwnershipControls?.Rules?.[0]?.ObjectOwnership ?? bucket.ownership;
  const unemulated = Object.keys(UNEMULATED).find((name) => properties[name] !== undefined);
  bucket.unsupported = unemulated && UNEMULATED[unemulated];
}

function together(former: NotificationConfiguration, added: NotificationConfiguration): NotificationConfiguration {
  const both = <T>(a: readonly T[] = [], b: readonly T[] = []) => [...a, ...b];
  return {
    ...former,
    ...added,
    TopicConfigurations: both(former.TopicConfigurations, added.TopicConfigurations),
    QueueConfigurations: both(former.QueueConfigurations, added.QueueConfigurations),
    LambdaFunctionConfigurations: both(former.LambdaFunctionConfigurations, added.LambdaFunctionConfigurations),
  };
}
