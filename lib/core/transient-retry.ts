import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception */
const LAMBDA_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const DYNAMODB_ERRORS = [
  'DynamoDB.InternalServerErrorException',
  'DynamoDB.ProvisionedThroughputExceededException',
  'DynamoDB.RequestLimitExceededException',
  'DynamoDB.ThrottlingException',
  'DynamoDB.SdkClientException',
];

/**
 * Retries for errors that pass by themselves, with full jitter and a cap: seven attempts within a minute at most. Business errors are
 * not among them: the same input throws them again.
 */
export class TransientRetry {
  /** For a state that invokes a Lambda function: `task.addRetry(TransientRetry.forLambda())`. */
  public static forLambda(): sfn.RetryProps {
    return transient(LAMBDA_ERRORS);
  }

  /** For a state that calls DynamoDB: `task.addRetry(TransientRetry.forDynamoDb())`. */
  public static forDynamoDb(): sfn.RetryProps {
    return transient(DYNAMODB_ERRORS);
  }

  private constructor() {}
}

function transient(errors: string[]): sfn.RetryProps {
  return {
    errors,
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxAttempts: 6,
    maxDelay: Duration.seconds(20),
    jitterStrategy: sfn.JitterType.FULL,
  };
}
