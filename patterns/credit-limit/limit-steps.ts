import { Duration, aws_dynamodb as dynamodb, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { TransientRetry } from '../../lib';

/** The two ends of a request: the limit is set, or stays as it is. */
export class LimitSteps extends Construct {
  /** One item for each customer: `{ customer, limit, requestId, decidedBy, decidedAt }`. */
  public readonly table: dynamodb.Table;
  /** Sets the limit, unless a later decision has. Output: `{ customer, status: "SET", limit, decidedBy, decidedAt }`. */
  public readonly set: sfn.IChainable;
  /** Leaves it. Output: `{ customer, status: "UNCHANGED", decision, decidedBy, reason }`. */
  public readonly leave: sfn.IChainable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Customers', {
      partitionKey: { name: 'customer', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    this.leave = sfn.Pass.jsonata(this, 'LeaveLimit', {
      outputs:
        '{% { "customer": $states.input.customer, "status": "UNCHANGED", "decision": $states.input.approval.decision, ' +
        '"decidedBy": $states.input.approval.by, "reason": $states.input.approval.reason } %}',
    });
    const overtaken = sfn.Fail.jsonata(this, 'LimitOvertaken', {
      error: 'LimitOvertaken',
      cause: '{% "the limit of " & $states.input.customer & " was decided about again, later than " & $states.input.approval.at %}',
    });
    this.set = this.setLimit(overtaken);
  }

  /** One conditional write: repeated, it gives the same; an earlier decision that comes late changes nothing. */
  private setLimit(overtaken: sfn.IChainable): sfn.IChainable {
    const text = tasks.DynamoAttributeValue.fromString;
    return tasks.DynamoUpdateItem.jsonata(this, 'SetLimit', {
      table: this.table,
      key: { customer: text('{% $states.input.customer %}') },
      conditionExpression: 'attribute_not_exists(customer) OR decidedAt <= :decidedAt',
      updateExpression: 'SET #limit = :limit, requestId = :requestId, decidedBy = :decidedBy, decidedAt = :decidedAt',
      expressionAttributeNames: { '#limit': 'limit' },
      expressionAttributeValues: {
        ':limit': tasks.DynamoAttributeValue.numberFromString('{% $string($states.input.limit) %}'),
        ':requestId': text('{% $states.input.requestId %}'),
        ':decidedBy': text('{% $states.input.approval.by %}'),
        ':decidedAt': text('{% $states.input.approval.at %}'),
      },
      taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
      outputs:
        '{% { "customer": $states.input.customer, "status": "SET", "limit": $states.input.limit, ' +
        '"decidedBy": $states.input.approval.by, "decidedAt": $states.input.approval.at } %}',
    })
      .addRetry(TransientRetry.forDynamoDb())
      .addCatch(overtaken, { errors: ['DynamoDB.ConditionalCheckFailedException'], outputs: '{% $states.input %}' });
  }
}
