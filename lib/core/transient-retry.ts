import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception */
const LAMBDA_ERRORS = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

/**
 * "Unhandled errors in Lambda are reported as Lambda.Unknown … out-of-memory errors and function timeouts", says the page above. Where Lambda
 * itself names what happened, that is the error.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
 */
const LAMBDA_CUT_OFF = ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError'];

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
  /**
   * For a state that invokes a Lambda function: `task.addRetry(TransientRetry.forLambda())`. It is called again when Lambda was busy or failed, and
   * when it was cut off in the midst: by a crash, its memory limit or its timeout. Nobody knows then what it had done: it has to give the same
   * when it is done twice. Where it may not, or where being cut off is an outcome of its own: `forLambdaService`.
   * @param also names of errors that the function throws and that pass by themselves. @default - none
   */
  public static forLambda(also: string[] = []): sfn.RetryProps {
    return transient([...LAMBDA_ERRORS, ...LAMBDA_CUT_OFF, ...also]);
  }

  /**
   * The exception from `forLambda`: a function that was cut off is not called again. That is no promise of a single call: Step Functions may have
   * lost an answer.
   * @param also names of errors that the function throws and that pass by themselves. @default - none
   */
  public static forLambdaService(also: string[] = []): sfn.RetryProps {
    return transient([...LAMBDA_ERRORS, ...also]);
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
