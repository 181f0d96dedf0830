import { Duration, aws_dynamodb as dynamodb, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { TransientRetry } from '../../lib';

/** Of what the applicant sent, without what the workflow added. */
const FINGERPRINT = '$hash($string($sift($states.input, function($value, $field) { $not($field in ["checks", "approval"]) })), "SHA-256")';

/** The same application gets the same number, however often it is opened. */
const ACCOUNT_NUMBER = '"AC" & $uppercase($substring($hash($states.input.applicationId, "SHA-256"), 0, 10))';

/** Who decided: the approver, or the rule when nobody was asked or nobody answered. */
const DECIDED_BY = '$exists($states.input.approval.by) ? $states.input.approval.by : "rule"';

const REASONS = '$join([$states.input.checks.*.reason, $states.input.approval.reason], "; ")';

/**
 * The two ends of an application: the account is opened, or it is refused. Each is one conditional write, so that the same request may
 * come twice and is answered alike; another request under the same id ends in `ApplicationConflict`.
 */
export class AccountSteps extends Construct {
  /** One item for each application that came to an end. */
  public readonly table: dynamodb.Table;
  /** Opens the account. Output: `{ applicationId, status: "OPENED", accountNumber, decidedBy, decidedAt }`. */
  public readonly open: sfn.IChainable;
  /** Refuses the application. Output: `{ applicationId, status: "REFUSED", reasons, decidedBy, decidedAt }`. */
  public readonly refuse: sfn.IChainable;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new dynamodb.Table(this, 'Applications', {
      partitionKey: { name: 'applicationId', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
    const conflict = sfn.Fail.jsonata(this, 'ApplicationConflict', {
      error: 'ApplicationConflict',
      cause: '{% "application " & $states.input.applicationId & " was made with other data before, or has ended differently" %}',
    });
    this.open = this.end('OpenAccount', 'OPENED', 'accountNumber', ACCOUNT_NUMBER, conflict);
    this.refuse = this.end('RefuseApplication', 'REFUSED', 'reasons', REASONS, conflict);
  }

  /** Writes the end of an application once; a second write of the same end gives what the first one wrote. */
  private end(name: string, status: string, field: string, value: string, conflict: sfn.IChainable): sfn.IChainable {
    const text = tasks.DynamoAttributeValue.fromString;
    return tasks.DynamoUpdateItem.jsonata(this, name, {
      table: this.table,
      key: { applicationId: text('{% $states.input.applicationId %}') },
      conditionExpression: 'attribute_not_exists(applicationId) OR (fingerprint = :fingerprint AND #status = :status)',
      updateExpression:
        `SET #status = :status, fingerprint = :fingerprint, ${field} = if_not_exists(${field}, :value), ` +
        'decidedBy = if_not_exists(decidedBy, :decidedBy), decidedAt = if_not_exists(decidedAt, :decidedAt)',
      expressionAttributeNames: { '#status': 'status' },
      expressionAttributeValues: {
        ':status': text(status),
        ':fingerprint': text(`{% ${FINGERPRINT} %}`),
        ':value': text(`{% ${value} %}`),
        ':decidedBy': text(`{% ${DECIDED_BY} %}`),
        ':decidedAt': text('{% $now() %}'),
      },
      returnValues: tasks.DynamoReturnValues.ALL_NEW,
      taskTimeout: sfn.Timeout.duration(Duration.seconds(30)),
      outputs:
        '{% ( $item := $states.result.Attributes; ' +
        `{ "applicationId": $item.applicationId.S, "status": $item.status.S, "${field}": $item.${field}.S, ` +
        '"decidedBy": $item.decidedBy.S, "decidedAt": $item.decidedAt.S } ) %}',
    })
      .addRetry(TransientRetry.forDynamoDb())
      .addCatch(conflict, { errors: ['DynamoDB.ConditionalCheckFailedException'], outputs: '{% $states.input %}' });
  }
}
