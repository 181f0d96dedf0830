/** What every operation asks to be allowed, on a small cloud that has one of everything. */
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { LocalCloud } from '../../local';
import type { AccessRequest, Operation, Service } from '../../local/cloud-types';
import { type Member, models, type Ref, Scalar, type ServiceModel, shapeOf } from '../../local/wire/model';

export interface Asked {
  /** "dynamodb:PutItem": SDK client and operation. */
  readonly operation: string;
  readonly requests: readonly AccessRequest[];
  /** Why it asks nothing, where `access` threw. */
  readonly error?: string;
}

export async function requestsOfAllOperations(outdir: string): Promise<readonly Asked[]> {
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  oneOfEverything(new Stack(app, 'Everything'));
  app.synth();
  const cloud = await LocalCloud.fromAssembly(outdir);
  try {
    const samples = await samplesOn(cloud);
    const { all } = (cloud as unknown as { services: { all: readonly Service[] } }).services;
    return all.flatMap((service) =>
      Object.entries(service.operations).map(([name, operation]) => asked(service.name, name, operation, samples[service.name] ?? {})),
    );
  } finally {
    await cloud.dispose();
  }
}

/** By the name of an input's member. */
type Samples = Readonly<Record<string, unknown>>;

/** Asks with every member that there is, and with the least: with a version id, a tag or a name of an index other actions are needed. */
function asked(service: string, name: string, { access }: Operation, samples: Samples): Asked {
  const model = models[service];
  const ref = model?.operations[name]?.[0];
  const full = ref === undefined ? samples : (sampleOf(model, ref, samples, 0) as Samples);
  const required = new Set(ref === undefined ? [] : requiredOf(model, ref));
  const isNeeded = (member: string) => required.has(member) || (member in samples && !OPTIONAL.has(member));
  const least = Object.fromEntries(Object.entries(full).filter(([member]) => isNeeded(member)));
  const requests: AccessRequest[] = [];
  const errors: string[] = [];
  for (const input of [full, least]) {
    try {
      requests.push(...access(input));
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
  return { operation: `${service}:${name}`, requests, ...(errors.length > 0 && { error: errors.join('; ') }) };
}

/** A shape's required members come first. */
function requiredOf(model: ServiceModel, ref: Ref): readonly string[] {
  const shape = shapeOf(model, ref);
  return typeof shape !== 'number' && shape[0] === 3 ? Object.keys(shape[1]).slice(0, shape[2]) : [];
}

/** With them an operation asks for something else. */
const OPTIONAL = new Set(['VersionId', 'Tagging', 'tags', 'Tags', 'IndexName', 'Qualifier', 'IfMatch', 'ACL', 'KeyId', 'WithDecryption']);

const DEPTH = 4;

function sampleOf(model: ServiceModel, ref: Ref, samples: Samples, depth: number): unknown {
  const shape = shapeOf(model, ref);
  if (typeof shape === 'number') return scalar(shape);
  const of = (member: Member) => sampleOf(model, Array.isArray(member) ? member[0] : (member as Ref), samples, depth + 1);
  switch (shape[0]) {
    case 1:
      return [of(shape[1])];
    case 2:
      return { text: of(shape[2]) };
    default: {
      if (depth > DEPTH) return {};
      const members = Object.entries(shape[1] as Readonly<Record<string, Member>>);
      return Object.fromEntries(members.map(([name, member]) => [name, name in samples ? samples[name] : of(member)]));
    }
  }
}

function scalar(kind: number): unknown {
  if (kind === Scalar.NUMBER) return 1;
  if (kind === Scalar.BOOLEAN) return true;
  if (kind === Scalar.BLOB || kind === Scalar.STREAM) return Buffer.from('text');
  return kind >= Scalar.TIMESTAMP && kind <= Scalar.EPOCH_SECONDS ? new Date(0) : 'text';
}

const ACCOUNT = '123456789012';
const arn = (service: string, rest: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`;
const MACHINE = arn('states', 'stateMachine:machine');
const EXECUTION = arn('states', 'execution:machine:run');
const ROLE = `arn:aws:iam::${ACCOUNT}:role/role`;
const WAITING = {
  StartAt: 'Wait',
  States: {
    Wait: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { 'QueueUrl.$': '$.queue', 'MessageBody.$': '$$.Task.Token' },
      End: true,
    },
  },
};

function oneOfEverything(stack: Stack): void {
  const make = (id: string, type: string, properties: object) => new CfnResource(stack, id, { type, properties: { ...properties } });
  const allowed = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' }, Version: '2012-10-17' };
  const services = ['states', 'lambda', 'glue', 'ecs-tasks', 'batch', 'codebuild', 'scheduler', 'events'];
  make('Role', 'AWS::IAM::Role', {
    RoleName: 'role',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: services.map((name) => `${name}.amazonaws.com`) } },
    },
    Policies: [{ PolicyName: 'all', PolicyDocument: allowed }],
  });
  make('User', 'AWS::IAM::User', { UserName: 'user' });
  make('Group', 'AWS::IAM::Group', { GroupName: 'group' });
  make('Policy', 'AWS::IAM::ManagedPolicy', { ManagedPolicyName: 'policy', PolicyDocument: allowed });
  const key = make('Key', 'AWS::KMS::Key', {
    KeyPolicy: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal: { AWS: ACCOUNT } } },
  });
  const keyArn = key.getAtt('Arn').toString();
  make('Alias', 'AWS::KMS::Alias', { AliasName: 'alias/key', TargetKeyId: keyArn });
  make('Bucket', 'AWS::S3::Bucket', {
    BucketName: 'bucket',
    VersioningConfiguration: { Status: 'Enabled' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } }],
    },
  });
  make('Table', 'AWS::DynamoDB::Table', {
    TableName: 'table',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  });
  make('Queue', 'AWS::SQS::Queue', { QueueName: 'queue', KmsMasterKeyId: keyArn });
  make('Topic', 'AWS::SNS::Topic', { TopicName: 'topic', KmsMasterKeyId: keyArn });
  make('Secret', 'AWS::SecretsManager::Secret', { Name: 'secret', SecretString: 'text', KmsKeyId: keyArn });
  make('Parameter', 'AWS::SSM::Parameter', { Name: '/app/parameter', Type: 'String', Value: 'text' });
  make('Rule', 'AWS::Events::Rule', { Name: 'rule', EventPattern: { source: ['app'] } });
  make('Alarm', 'AWS::CloudWatch::Alarm', {
    AlarmName: 'alarm',
    Namespace: 'App',
    MetricName: 'Orders',
    ComparisonOperator: 'GreaterThanThreshold',
    EvaluationPeriods: 1,
    Period: 60,
    Statistic: 'Sum',
    Threshold: 1,
  });
  make('Activity', 'AWS::StepFunctions::Activity', { Name: 'activity' });
  make('Job', 'AWS::Glue::Job', { Name: 'job', Role: ROLE, Command: { Name: 'glueetl', ScriptLocation: 's3://bucket/a.py' } });
  make('Cluster', 'AWS::ECS::Cluster', { ClusterName: 'cluster' });
  make('Task', 'AWS::ECS::TaskDefinition', {
    Family: 'family',
    TaskRoleArn: ROLE,
    ExecutionRoleArn: ROLE,
    ContainerDefinitions: [{ Name: 'main', Image: 'app' }],
  });
  const environment = make('Environment', 'AWS::Batch::ComputeEnvironment', { Type: 'MANAGED', ComputeEnvironmentName: 'environment' });
  make('JobQueue', 'AWS::Batch::JobQueue', {
    JobQueueName: 'queue',
    Priority: 1,
    ComputeEnvironmentOrder: [{ Order: 1, ComputeEnvironment: environment.ref }],
  });
  make('JobDefinition', 'AWS::Batch::JobDefinition', {
    JobDefinitionName: 'definition',
    Type: 'container',
    ContainerProperties: { Image: 'app', JobRoleArn: ROLE },
  });
  make('Project', 'AWS::CodeBuild::Project', { Name: 'project', ServiceRole: ROLE, Source: { Type: 'NO_SOURCE', BuildSpec: '{}' } });
  const machine = make('Machine', 'AWS::StepFunctions::StateMachine', {
    StateMachineName: 'machine',
    RoleArn: ROLE,
    DefinitionString: JSON.stringify(WAITING),
  });
  for (const id of ['Role', 'Queue']) machine.node.addDependency(stack.node.findChild(id));
}

async function samplesOn(cloud: LocalCloud): Promise<Readonly<Record<string, Samples>>> {
  const queue = cloud.find('AWS::SQS::Queue', 'Everything/Queue').ref;
  const key = cloud.find('AWS::KMS::Key', 'Everything/Key').ref;
  const { CiphertextBlob } = await cloud.operate<{ CiphertextBlob: Uint8Array }>('kms', 'Encrypt', {
    KeyId: key,
    Plaintext: Buffer.from('text'),
  });
  const { GrantToken } = await cloud.operate<{ GrantToken: string }>('kms', 'CreateGrant', {
    KeyId: key,
    GranteePrincipal: ROLE,
    Operations: ['Decrypt'],
  });
  await cloud.operate('s3', 'PutObject', { Bucket: 'bucket', Key: 'folder/key', Body: Buffer.from('text'), Tagging: 'team=a' });
  const { UploadId } = await cloud.operate<{ UploadId: string }>('s3', 'CreateMultipartUpload', { Bucket: 'bucket', Key: 'folder/key' });
  const run = await cloud.stateMachine('Everything/Machine').start({ queue });
  const [{ body: taskToken }] = cloud.queue('Everything/Queue').messages() as unknown as readonly { body: string }[];
  void run;
  const id = { id: { S: 'text' } };
  return {
    apigatewayv2: { resource: arn('execute-api', 'api/$default/POST/path') },
    batch: { jobQueue: 'queue', jobDefinition: 'definition', jobId: '1234', jobs: ['1234'] },
    cloudwatch: { AlarmName: 'alarm', AlarmNames: ['alarm'], Namespace: 'App' },
    codebuild: { projectName: 'project', id: 'project:1234', ids: ['project:1234'], serviceRoleOverride: ROLE },
    dynamodb: { TableName: 'table', Key: id, Item: id, RequestItems: { table: { Keys: [id] } }, IndexName: 'index' },
    'dynamodb-streams': {
      StreamArn: arn('dynamodb', 'table/table/stream/2026'),
      ShardIterator: `${arn('dynamodb', 'table/table/stream/2026')}|1|text`,
    },
    ecs: { taskDefinition: 'family', cluster: 'cluster', task: '1234', tasks: ['1234'], overrides: {} },
    eventbridge: { Name: 'rule', Rule: 'rule', EventBusName: 'default', RoleArn: ROLE },
    glue: { JobName: 'job' },
    iam: {
      PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/policy`,
      RoleName: 'role',
      UserName: 'user',
      GroupName: 'group',
      PolicyName: 'policy',
      Path: '/',
    },
    kms: { KeyId: key, CiphertextBlob, EncryptionContext: { team: 'a' }, GrantToken, GrantId: undefined },
    lambda: { FunctionName: 'function', Qualifier: '1' },
    s3: {
      Bucket: 'bucket',
      Key: 'folder/key',
      UploadId,
      CopySource: 'bucket/folder/key',
      Tagging: 'team=a',
      ACL: 'private',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: key,
    },
    scheduler: { Name: 'schedule', GroupName: 'default', Target: { Arn: MACHINE, RoleArn: ROLE } },
    'secrets-manager': { SecretId: 'secret' },
    sfn: {
      ...{ stateMachineArn: MACHINE, executionArn: EXECUTION, activityArn: arn('states', 'activity:activity'), resourceArn: MACHINE },
      ...{
        mapRunArn: arn('states', 'mapRun:machine/label:1234'),
        stateMachineAliasArn: `${MACHINE}:alias`,
        stateMachineVersionArn: `${MACHINE}:1`,
      },
      ...{ name: 'machine', roleArn: ROLE, definition: JSON.stringify(WAITING), tags: [{ key: 'team', value: 'a' }], taskToken },
      routingConfiguration: [{ stateMachineVersionArn: `${MACHINE}:1`, weight: 100 }],
    },
    sns: { TopicArn: arn('sns', 'topic'), TargetArn: undefined, PhoneNumber: undefined, Protocol: 'sqs', Endpoint: arn('sqs', 'queue') },
    sqs: { QueueUrl: queue, QueueName: 'queue' },
    ssm: { Name: '/app/parameter', Names: ['/app/parameter'], Path: '/app', KeyId: key },
  };
}
