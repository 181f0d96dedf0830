import { join } from 'node:path';
import {
  Duration,
  aws_lambda as lambda,
  Stack,
  type StackProps,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BulkConcurrency, BulkFormat, BulkProcess, BulkSource, BulkWork, HandlerFunction, TransientRetry } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';

/** Properties of `LargeScaleMapStack`. */
export interface LargeScaleMapStackProps extends StackProps {
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** Every line of a web server's logs, in however many objects, is counted. One line in a hundred may be malformed. */
export class LargeScaleMapStack extends Stack {
  constructor(scope: Construct, id: string, props: LargeScaleMapStackProps = {}) {
    super(scope, id, props);
    const logs = sampleBucket(this, 'Logs');
    const countLines = handler(this, 'CountLines', 'count-lines', Duration.seconds(20));
    const sumUp = handler(this, 'SumUp', 'sum-up', Duration.minutes(5));
    const counting = new BulkProcess(this, 'Counting', {
      notificationTopic: operatorTopic(this, props.operator),
      source: BulkSource.objectContents(logs, { prefix: 'logs/', format: BulkFormat.JSON_LINES }),
      work: BulkWork.invoke(countLines.alias, { timeout: Duration.seconds(20) }),
      batchMaxItems: 500,
      // The function is the only thing downstream; 40 at once leave most of an account's 1,000 to others.
      concurrency: BulkConcurrency.of(40),
      toleratedFailurePercentage: 1,
      onDone: tasks.LambdaInvoke.jsonata(this, 'SumUpTraffic', {
        lambdaFunction: sumUp.alias,
        payload: sfn.TaskInput.fromText('{% $states.input.results %}'),
        taskTimeout: sfn.Timeout.duration(Duration.minutes(5)),
        retryOnServiceExceptions: false,
        outputs: '{% $merge([$states.input, { "traffic": $states.result.Payload }]) %}',
      }).addRetry(TransientRetry.forLambda()),
    });
    counting.bulkMap.grantReadResults(sumUp.role);
  }
}

function handler(scope: Construct, id: string, name: string, timeout: Duration): HandlerFunction {
  const code = lambda.Code.fromAsset(join(__dirname, '..', '..', 'assets', 'patterns', 'large-scale-map', name), {
    exclude: ['sources.json'],
  });
  return new HandlerFunction(scope, id, { code, timeout, memorySize: 512 });
}
