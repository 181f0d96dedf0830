/**
 * The error names that Retry and Catch see. The optimized integrations are built on the AWS SDK for Java 1, `aws-sdk:` on version 2: an
 * exception that the API declares has its own name, any other the service's base exception. From recorded executions:
 * `DynamoDB.AmazonDynamoDBException` beside `DynamoDb.DynamoDbException`, `StepFunctions.…` beside `Sfn.…`.
 */
import type { ApiError } from '../cloud-types';
import { StatesError } from '../engine/types';
import { errorShape, models } from '../wire/model';
import type { Style } from './parameters';

interface JavaService {
  /** Most declare no exception for a refused permission. */
  readonly declaresDenial?: true;
  /** Version 1: the prefix of error names, the base exception, the service's name in messages. */
  readonly java1?: readonly [prefix: string, base: string, service: string];
  readonly java2: string;
}

const JAVA: Readonly<Record<string, JavaService>> = {
  batch: { java1: ['Batch', 'AWSBatchException', 'AWSBatch'], java2: 'Batch' },
  codebuild: { java1: ['CodeBuild', 'AWSCodeBuildException', 'AWSCodeBuild'], java2: 'CodeBuild' },
  dynamodb: { java1: ['DynamoDB', 'AmazonDynamoDBException', 'AmazonDynamoDBv2'], java2: 'DynamoDb' },
  ecs: { java1: ['ECS', 'AmazonECSException', 'AmazonECS'], java2: 'Ecs', declaresDenial: true },
  eventbridge: { java1: ['EventBridge', 'AmazonEventBridgeException', 'AmazonEventBridge'], java2: 'EventBridge' },
  glue: { java1: ['Glue', 'AWSGlueException', 'AWSGlue'], java2: 'Glue', declaresDenial: true },
  iam: { java2: 'Iam' },
  kms: { java2: 'Kms' },
  lambda: { java1: ['Lambda', 'AWSLambdaException', 'AWSLambda'], java2: 'Lambda' },
  s3: { java2: 'S3' },
  'secrets-manager': { java2: 'SecretsManager' },
  sfn: { java1: ['StepFunctions', 'AWSStepFunctionsException', 'AWSStepFunctions'], java2: 'Sfn' },
  sns: { java1: ['SNS', 'AmazonSNSException', 'AmazonSNS'], java2: 'Sns' },
  sqs: { java1: ['SQS', 'AmazonSQSException', 'AmazonSQS'], java2: 'Sqs' },
};

export function toStatesError(service: string, style: Style, error: ApiError, requestId: string): StatesError {
  const { java1, java2 } = JAVA[service];
  const declared = declaredName(service, error.code);
  if (style === 'java2') {
    return new StatesError(
      `${java2}.${declared ?? `${java2}Exception`}`,
      `${error.message} (Service: ${java2}, Status Code: ${error.statusCode}, Request ID: ${requestId})`,
    );
  }
  if (!java1) throw new Error(`${service} has no optimized integration.`);
  const [prefix, base, name] = java1;
  const code = errorShape(models[service], error.code)?.shape[3] ?? error.code;
  return new StatesError(
    `${prefix}.${declared ?? base}`,
    `${error.message} (Service: ${name}; Status Code: ${error.statusCode}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`,
  );
}

function declaredName(service: string, code: string): string | undefined {
  // SNS's AuthorizationErrorException is a shape.
  if ((code === 'AccessDeniedException' || code === 'AccessDenied') && !JAVA[service].declaresDenial) return undefined;
  const name = errorShape(models[service], code)?.name;
  return name && (name.endsWith('Exception') ? name : `${name}Exception`);
}
