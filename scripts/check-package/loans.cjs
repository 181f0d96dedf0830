const { Duration, Stack, aws_dynamodb, aws_lambda, aws_stepfunctions } = require('aws-cdk-lib');
const { ApprovalGate, Approver, Check, InputField, OnExpired, ParallelChecks } = require('stepworks');

/** A customer's stack: constructs of the package, and plain handlers. */
exports.LoanStack = class LoanStack extends Stack {
  constructor(scope, id) {
    super(scope, id);
    const table = new aws_dynamodb.TableV2(this, 'Requests', { partitionKey: { name: 'customer', type: 'S' } });
    const handler = (name, file) => {
      const fn = new aws_lambda.Function(this, name, {
        runtime: aws_lambda.Runtime.NODEJS_22_X,
        handler: `${file}.handler`,
        code: aws_lambda.Code.fromAsset(`${__dirname}/handler`),
        environment: { TABLE: table.tableName },
      });
      table.grantWriteData(fn);
      return fn;
    };
    const pay = aws_stepfunctions.Pass.jsonata(this, 'Pay', { outputs: { decision: 'paid' } });
    const gate = new ApprovalGate(this, 'Gate');
    const loan = new ParallelChecks(this, 'Loan', {
      input: { amount: InputField.ofNumber({ min: 1, max: 50_000 }), customer: InputField.ofString() },
      checks: { Amount: Check.invoke(handler('Amount', 'index')), Known: Check.invoke(handler('Known', 'module')) },
      onPassed: pay,
      onFlagged: gate
        .step('Review', {
          approver: Approver.email('loans@example.com'),
          summary: { Customer: '{% $states.input.customer %}' },
          expiresIn: Duration.days(2),
          onExpired: OnExpired.reject(),
        })
        .next(pay),
    });
    gate.grantTaskResponse(loan.stateMachine);
  }
};
