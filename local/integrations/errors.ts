/**
 * The error names that Retry and Catch see. The optimized integrations are built on the AWS SDK for Java 1, `aws-sdk:` on version 2: an
 * exception that the API declares has its own name, any other the service's base exception. From recorded executions:
 * `DynamoDB.AmazonDynamoDBException` beside `DynamoDb.DynamoDbException`, `StepFunctions.…` beside `Sfn.…`.
 */
import type { ApiError } from '../cloud-types';
import { StatesError } from '../engine/types';
import { errorShape, models } from '../wire/model';
import type { Style } from './parameters';

/** The prefix of error names, the base exception, the service's name in messages. */
const JAVA1: Readonly<Record<string, readonly [prefix: string, base: string, service: string]>> = {
  batch: ['Batch', 'AWSBatchException', 'AWSBatch'],
  codebuild: ['CodeBuild', 'AWSCodeBuildException', 'AWSCodeBuild'],
  dynamodb: ['DynamoDB', 'AmazonDynamoDBException', 'AmazonDynamoDBv2'],
  ecs: ['ECS', 'AmazonECSException', 'AmazonECS'],
  eventbridge: ['EventBridge', 'AmazonEventBridgeException', 'AmazonEventBridge'],
  glue: ['Glue', 'AWSGlueException', 'AWSGlue'],
  lambda: ['Lambda', 'AWSLambdaException', 'AWSLambda'],
  sfn: ['StepFunctions', 'AWSStepFunctionsException', 'AWSStepFunctions'],
  sns: ['SNS', 'AmazonSNSException', 'AmazonSNS'],
  sqs: ['SQS', 'AmazonSQSException', 'AmazonSQS'],
};

/** Most declare no exception for a refused permission. */
const DECLARE_DENIAL = ['ecs', 'glue'];

export function toStatesError(service: string, style: Style, error: ApiError, requestId: string): StatesError {
  const declared = declaredName(service, error.code);
  if (style === 'java2') {
    const name = pascalCase(models[service].sdkId);
    return new StatesError(
      `${name}.${declared === undefined ? `${name}Exception` : pascalCase(declared)}`,
      `${error.message} (Service: ${name}, Status Code: ${error.statusCode}, Request ID: ${requestId})`,
    );
  }
  if (!(service in JAVA1)) throw new Error(`${service} has no optimized integration.`);
  const [prefix, base, name] = JAVA1[service];
  const code = errorShape(models[service], error.code)?.shape[3] ?? error.code;
  return new StatesError(
    `${prefix}.${declared ?? base}`,
    `${error.message} (Service: ${name}; Status Code: ${error.statusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  );
}

function declaredName(service: string, code: string): string | undefined {
  // SNS's AuthorizationErrorException is a shape.
  if ((code === 'AccessDeniedException' || code === 'AccessDenied') && !DECLARE_DENIAL.includes(service)) return undefined;
  return errorShape(models[service], code)?.name.replace(/(Exception|Fault)?$/, 'Exception');
}

/**
 * As version 2 names services and exceptions: "Secrets Manager" is SecretsManager, "DynamoDB" DynamoDb, EC2ThrottledException Ec2ThrottledException.
 * https://github.com/aws/aws-sdk-java-v2/blob/master/docs/design/NamingConventions.md
 */
function pascalCase(name: string): string {
  return name.replaceAll(' ', '').replace(/[A-Z]{2,}(?=[A-Z][a-z]|\d|$)/g, (word) => word[0] + word.slice(1).toLowerCase());
}
