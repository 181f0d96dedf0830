import { join } from 'node:path';
import { Duration, aws_dynamodb as dynamodb, aws_lambda as lambda, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BulkProcess, BulkSource, BulkWork, HandlerFunction, InputField } from '../../lib';
import { operatorTopic } from '../operator-topic';

/** Properties of `OrderedListStack`. */
export interface OrderedListStackProps extends StackProps {
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** A list of meter readings is recorded one by one: each is compared with the one before it, so none may overtake another. */
export class OrderedListStack extends Stack {
  constructor(scope: Construct, id: string, props: OrderedListStackProps = {}) {
    super(scope, id, props);
    const meters = new dynamodb.Table(this, 'Meters', {
      partitionKey: { name: 'meter', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const recordReading = new HandlerFunction(this, 'RecordReading', {
      code: lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'patterns', 'ordered-list', 'record-reading'), {
        exclude: ['sources.json'],
      }),
      environment: { TABLE_NAME: meters.tableName },
    });
    meters.grant(recordReading.role, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    new BulkProcess(this, 'Readings', {
      notificationTopic: operatorTopic(this, props.operator),
      input: { readings: InputField.ofArray({ maxItems: 1000 }) },
      source: BulkSource.array('{% $states.input.readings %}'),
      work: BulkWork.invoke(recordReading.alias, { timeout: Duration.seconds(10) }),
      ordered: true,
      businessErrors: ['InvalidReading'],
    });
  }
}
