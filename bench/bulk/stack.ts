import { App, Duration, aws_lambda as lambda, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { BulkConcurrency, BulkProcess, BulkSource, BulkWork } from '../../lib';

/** As a user would write it: lines of an object, a hundred to a function, forty functions at once, failures recorded. */
export const BATCH = 100;
export const CONCURRENCY = 40;
export const KEY = 'lines.jsonl';

/** One line in a thousand is bad, and is recorded as such. */
const HANDLER = `exports.handler = async ({ Items }) => ({
  result: Items.reduce((sum, { amount }) => sum + amount, 0),
  failures: Items.flatMap(({ id }, index) => (id % 1000 === 999 ? [{ index, error: 'BadLine', cause: 'line ' + id }] : [])),
});`;

/** Writes the cloud assembly. */
export function synthesize(outdir: string): void {
  const stack = new Stack(new App({ outdir, analyticsReporting: false }), 'Bench');
  const lines = new s3.Bucket(stack, 'Lines');
  const double = new lambda.Function(stack, 'Double', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline(HANDLER),
    timeout: Duration.seconds(30),
    memorySize: 512,
  });
  new BulkProcess(stack, 'Doubling', {
    source: BulkSource.jsonLines(lines, KEY),
    work: BulkWork.invoke(double, { timeout: Duration.seconds(30) }),
    batchMaxItems: BATCH,
    concurrency: BulkConcurrency.of(CONCURRENCY),
    toleratedFailurePercentage: 1,
  });
  (stack.node.root as App).synth();
}
