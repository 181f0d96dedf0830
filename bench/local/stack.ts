import {
  App,
  aws_dynamodb as dynamodb,
  aws_iam as iam,
  aws_lambda as lambda,
  Stack,
  aws_s3 as s3,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';

/** A bucket, a table, a function, a workflow that uses it, and a role that may do what the bench does. Writes the cloud assembly. */
export function synthesize(outdir: string): void {
  const stack = new Stack(new App({ outdir, analyticsReporting: false }), 'Bench');
  const bucket = new s3.Bucket(stack, 'Bucket');
  const table = new dynamodb.Table(stack, 'Table', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  const fn = new lambda.Function(stack, 'Echo', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async (event) => event;'),
  });
  const step = tasks.LambdaInvoke.jsonata(stack, 'Call', { lambdaFunction: fn, outputs: '{% $states.result.Payload %}' });
  const chain = step.next(tasks.DynamoPutItem.jsonata(stack, 'Put', { table, item: { id: tasks.DynamoAttributeValue.fromString('1') } }));
  new sfn.StateMachine(stack, 'Workflow', {
    queryLanguage: sfn.QueryLanguage.JSONATA,
    definitionBody: sfn.DefinitionBody.fromChainable(chain),
  });
  const caller = new iam.Role(stack, 'Caller', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  bucket.grantReadWrite(caller);
  table.grantReadWriteData(caller);
  (stack.node.root as App).synth();
}

synthesize(process.argv[2]);
