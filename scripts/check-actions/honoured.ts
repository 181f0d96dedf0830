/** Where AWS honours what the public data leaves out, each with its source: an action on a type of resource, or with a condition key. */
export const HONOURED: Readonly<Record<string, string>> = {
  'states:SendTaskSuccess on states stateMachine': 'https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html',
  'states:SendTaskFailure on states stateMachine': 'https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html',
  'states:SendTaskHeartbeat on states stateMachine':
    'https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html',
  // With a version or an alias.
  'lambda:InvokeFunction on lambda function': 'https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html',
  'lambda:InvokeFunctionUrl on lambda function': 'https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html',
  // Of the transaction that the check is in.
  'dynamodb:ConditionCheckItem with dynamodb:enclosingoperation':
    'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html',
  // The data set names a type for OTLP only.
  'cloudwatch:PutMetricData on *': 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html',
  // AWS asks for all schedules and all groups.
  'scheduler:ListSchedules on scheduler schedule': 'https://github.com/aws/aws-cdk/issues/38201',
};

/** Operations that need no permission, each with the reason. */
export const ASKS_NOTHING: Readonly<Record<string, string>> = {
  's3:DeleteObjects': 'each deletion in it is a DeleteObject, which asks by itself',
};
