import { aws_dynamodb as dynamodb, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A table of what runs remember: on demand, encrypted, and with point-in-time recovery unless `props` say otherwise. */
export function workflowTable(
  scope: Construct,
  id: string,
  encryptionKey: kms.IKey | undefined,
  props: dynamodb.TableProps,
): dynamodb.Table {
  return new dynamodb.Table(scope, id, {
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    encryption: encryptionKey ? dynamodb.TableEncryption.CUSTOMER_MANAGED : dynamodb.TableEncryption.AWS_MANAGED,
    encryptionKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...props,
  });
}
