import { App, aws_lambda as lambda, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { BulkProcess, BulkSource, BulkWork } from '../../../lib';
import { stateMachineOf } from '../../support/run-definition';

test('x', () => {
  const stack = new Stack(new App(), 'Test');
  const bucket = s3.Bucket.fromBucketName(stack, 'Source', 'source');
  const fn = lambda.Function.fromFunctionArn(stack, 'Fn', 'arn:aws:lambda:us-east-1:123456789012:function:work');
  new BulkProcess(stack, 'Bulk', { source: BulkSource.objects(bucket, { prefix: 'logs/' }), work: BulkWork.invoke(fn), batchMaxItems: 10 });
  console.log(JSON.stringify(stateMachineOf(stack), null, 1));
  console.log(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'), null, 1));
  for (const pack of [new AwsSolutionsChecks(), new ServerlessChecks()])
    console.log(JSON.stringify(pack.validateScope(stack).violations, null, 1).slice(0, 8000));
});
