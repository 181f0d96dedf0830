// `@aws-solutions-constructs/aws-s3-stepfunctions`: an object in its bucket starts a workflow, by way of EventBridge. The workflow
// `Uploading` puts one, and looks a minute later what became of it.
const { App, Stack, aws_stepfunctions: sfn, aws_stepfunctions_tasks: tasks, Duration } = require('aws-cdk-lib');
const { S3ToStepfunctions } = require('@aws-solutions-constructs/aws-s3-stepfunctions');

const stack = new Stack(new App(), 'Uploads');
const seen = new sfn.Pass(stack, 'Seen', { parameters: { 'key.$': '$.detail.object.key' } });
const { s3Bucket: bucket, stateMachine } = new S3ToStepfunctions(stack, 'OnUpload', {
  stateMachineProps: { definitionBody: sfn.DefinitionBody.fromChainable(seen) },
});
const put = new tasks.CallAwsService(stack, 'Put', {
  service: 's3',
  action: 'putObject',
  parameters: { Bucket: bucket.bucketName, Key: 'reports/today.txt', Body: 'hello' },
  iamResources: [bucket.arnForObjects('*')],
});
const wait = new sfn.Wait(stack, 'Wait', { time: sfn.WaitTime.duration(Duration.minutes(1)) });
const list = new tasks.CallAwsService(stack, 'List', {
  service: 'sfn',
  action: 'listExecutions',
  parameters: { StateMachineArn: stateMachine.stateMachineArn },
  iamResources: [stateMachine.stateMachineArn],
  iamAction: 'states:ListExecutions',
});
const describe = new tasks.CallAwsService(stack, 'Describe', {
  service: 'sfn',
  action: 'describeExecution',
  parameters: { 'ExecutionArn.$': '$.Executions[0].ExecutionArn' },
  iamResources: ['*'],
  iamAction: 'states:DescribeExecution',
  outputPath: '$.Output',
});
const uploading = new sfn.StateMachine(stack, 'Uploading', {
  definitionBody: sfn.DefinitionBody.fromChainable(put.next(wait).next(list).next(describe)),
});
// The bucket refuses what is not sent over TLS, and wants its own encryption; nothing else is needed.
bucket.encryptionKey?.grantEncrypt(uploading);
