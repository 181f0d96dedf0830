import { App, Duration, aws_kms as kms, RemovalPolicy, Size, Stack, aws_s3 as s3 } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ApprovalGate, Approver, Lease, ModelApproval, type ModelApprovalProps, ObjectGate, OnExpired } from '../../../lib';
import { nagFindings } from '../../support/nag';
import { stateMachineOf } from '../../support/run-definition';
import { ANN, modelStack, topic } from './support/model-stack';

/** Statements of a function's own policy, references as names. */
function statementsOf(template: Template, name: string): unknown[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    new RegExp(`Functions${name}Policy`).test(id),
  );
  return readable(policy[1].Properties.PolicyDocument.Statement) as unknown[];
}

const readable = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part) => {
    if (part?.Ref) return part.Ref === 'AWS::Partition' ? 'aws' : short(part.Ref);
    if (part?.['Fn::GetAtt']) return short(part['Fn::GetAtt'][0]);
    return part?.['Fn::Join'] ? part['Fn::Join'][1].join('') : part;
  });

const short = (id: string): string => (/Reviews/.test(id) ? 'Reviews' : id.replace(/[0-9A-F]{8}$/, ''));

const allow = (Action: string | string[], Resource: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});

const keyed = (stack: Stack, id: string) =>
  new s3.Bucket(stack, id, { versioned: true, encryption: s3.BucketEncryption.KMS, encryptionKey: new kms.Key(stack, `${id}Key`) });

describe('the template', () => {
  const everything = modelStack((stack) => ({
    source: keyed(stack, 'Training'),
    destination: keyed(stack, 'Live'),
    sourcePrefix: 'trained/',
    destinationPrefix: 'live/models/',
    approver: Approver.quorum(2, [ANN, 'bob@example.com'].map(Approver.email)),
    reminders: [Duration.hours(2)],
    notificationTopic: topic(stack, 'Failures'),
  }));
  const template = Template.fromStack(everything.stack);

  test('each function may do what it does, below the prefixes, and use the keys that it needs', () => {
    const prefix = (text: string) => ({ StringLike: { 's3:prefix': text } });
    const listVersions = allow('s3:ListBucketVersions', 'Training', prefix('trained/*'));
    const decryptSource = allow('kms:Decrypt', 'TrainingKey');
    const decryptLive = allow('kms:Decrypt', 'LiveKey');
    const writeLive = allow(['kms:Decrypt', 'kms:GenerateDataKey'], 'LiveKey');
    const listLive = allow('s3:ListBucket', 'Live', prefix('live/models/*'));
    const readReview = [allow('s3:ListBucket', 'Reviews', prefix('reviews/*')), allow('s3:GetObject', 'Reviews/reviews/*')];
    expect(statementsOf(template, 'ReadManifest')).toEqual([
      listVersions,
      allow('s3:GetObjectVersion', 'Training/trained/*/manifest.json'),
      decryptSource,
    ]);
    expect(statementsOf(template, 'Pin')).toEqual([
      listVersions,
      allow('s3:GetObjectVersion', 'Training/trained/*'),
      decryptSource,
      allow('s3:PutObject', 'Reviews/reviews/*'),
    ]);
    expect(statementsOf(template, 'Compare')).toEqual([
      ...readReview,
      listLive,
      allow('s3:GetObject', 'Live/live/models/*/current.json'),
      decryptLive,
    ]);
    expect(statementsOf(template, 'Copy')).toEqual([
      ...readReview,
      listVersions,
      allow('s3:GetObjectVersion', 'Training/trained/*'),
      decryptSource,
      listLive,
      allow('s3:PutObject', 'Live/live/models/*'),
      writeLive,
      allow('s3:ListBucketMultipartUploads', 'Live'),
      allow(['s3:ListMultipartUploadParts', 's3:AbortMultipartUpload'], 'Live/live/models/*'),
    ]);
    expect(statementsOf(template, 'Publish')).toEqual([
      ...readReview,
      listLive,
      allow('s3:GetObject', 'Live/live/models/*'),
      decryptLive,
      allow('s3:PutObject', ['Live/live/models/*/manifest.json', 'Live/live/models/*/current.json']),
      writeLive,
    ]);
  });

  test('nobody may write to the source, or delete anything', () => {
    const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      readable(Properties.PolicyDocument.Statement),
    ) as { Action: string | string[]; Resource: string }[];
    const actions = statements.flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action} ${Resource}`));
    // The CDK's own function, which sets the bucket's notifications.
    const writes = actions.filter((action) => /^s3:(Put|Delete|Restore)/.test(action) && !/BucketNotification/.test(action));
    expect(writes.filter((action) => /Training|Delete/.test(action))).toEqual([]);
  });

  test('a manifest starts a run, which pins it by its version', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { object: { key: [{ wildcard: 'trained/*/manifest.json' }] } },
      },
    });
    const [{ Properties }] = Object.values(template.findResources('AWS::Lambda::Function')).filter(({ Properties: { Description } }) =>
      /Starts one run/.test(Description),
    );
    expect(JSON.parse(Properties.Environment.Variables.SETTINGS)).toMatchObject({
      input: { key: '$.detail.object.key', versionId: "$.detail.object['version-id']" },
    });
  });

  test('a run may take as long as its review, its turn and its files', () => {
    expect(stateMachineOf(everything.stack)).toMatchObject({
      type: 'STANDARD',
      definition: { TimeoutSeconds: (30 + 14 + 1) * 86_400 + 3600 },
    });
  });

  test('nothing that cdk-nag finds is left unacknowledged', () => {
    expect(nagFindings(everything.stack).filter((finding) => /Models/.test(finding))).toEqual([]);
  });

  test('no ARN is fixed to one partition', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/arn:aws:/);
  });

  test('what was reviewed outlives the stack, in versions', () => {
    expect(Object.values(template.findResources('AWS::S3::Bucket')).at(-1)).toMatchObject({
      Properties: { VersioningConfiguration: { Status: 'Enabled' }, PublicAccessBlockConfiguration: { BlockPublicAcls: true } },
      DeletionPolicy: 'Retain',
    });
  });
});

test('its data goes with the stack by two decisions only', () => {
  const one = modelStack(() => ({ removalPolicy: RemovalPolicy.DESTROY }));
  expect(one.approval.reviewBucket.node.defaultChild).toMatchObject({ cfnOptions: { deletionPolicy: 'Retain' } });
  Annotations.fromStack(one.stack).hasWarning('*', Match.stringLikeRegexp('DESTROY is not followed'));
});

test('what is supplied is used: gates, lease and bucket; two approvals can share them', () => {
  const stack = new Stack(new App(), 'Test');
  const bucket = (id: string) => new s3.Bucket(stack, id, { versioned: true });
  const shared = {
    gate: new ApprovalGate(stack, 'Gate'),
    objectGate: new ObjectGate(stack, 'Arrivals'),
    lease: new Lease(stack, 'Lease'),
    reviewBucket: bucket('Reviews'),
    reportTopic: topic(stack, 'Reports'),
    approver: Approver.email(ANN),
    expiresIn: Duration.days(1),
  };
  const [source, destination] = [bucket('Training'), bucket('Live')];
  const first = new ModelApproval(stack, 'First', { ...shared, source, destination });
  const second = new ModelApproval(stack, 'Second', {
    ...shared,
    source,
    sourcePrefix: 'others/',
    destination,
    destinationPrefix: 'others/',
  });
  for (const { gate, objectGate, lease, reviewBucket } of [first, second])
    expect([gate, objectGate, lease, reviewBucket]).toEqual([shared.gate, shared.objectGate, shared.lease, shared.reviewBucket]);
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::S3::Bucket', 3);
  template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
});

test('a bucket that models would come back into, to be reviewed again, does not synthesize', () => {
  const { stack } = modelStack((scope) => {
    const bucket = new s3.Bucket(scope, 'Both', { versioned: true });
    return { source: bucket, destination: bucket };
  });
  expect(() => Template.fromStack(stack)).toThrow(/runs would start runs for ever: .*Functions\/Copy\/Role may write 'models\/\*'/);
  const apart = modelStack((scope) => {
    const bucket = new s3.Bucket(scope, 'Both', { versioned: true });
    return { source: bucket, sourcePrefix: 'trained/', destination: bucket, destinationPrefix: 'live/' };
  });
  expect(() => Template.fromStack(apart.stack)).not.toThrow();
});

test.each<[Partial<ModelApprovalProps>, RegExp]>([
  [{ sourcePrefix: '' }, /Test\/Models can't be made: sourcePrefix "" is no folder: end it with a slash/],
  [{ sourcePrefix: 'models' }, /sourcePrefix "models" is no folder/],
  [{ destinationPrefix: '/models/' }, /destinationPrefix "\/models\/" is no folder/],
  [{ destinationPrefix: 'a*/' }, /destinationPrefix "a\*\/" is no folder/],
  [{ partSize: Size.mebibytes(4) }, /partSize is 4 MiB: give whole MiB from 5 to 5120/],
  [{ partSize: Size.gibibytes(6) }, /partSize is 6144 MiB/],
  [{ partSize: Size.kibibytes(5 * 1024 + 1) }, /partSize is 5\.00\d+ MiB/],
  [{ artifactsWithin: Duration.seconds(30) }, /artifactsWithin is 30 seconds: give whole seconds from 60 to 604800/],
  [{ expiresIn: Duration.days(31) }, /expiresIn is 31 days, and timeout only 30 days/],
  [{ timeout: Duration.days(301) }, /timeout is 301 days/],
])('%j is refused', (props, says) => {
  expect(() => modelStack(() => props)).toThrow(says);
});

test('all that is wrong is told at once', () => {
  expect(() => modelStack(() => ({ sourcePrefix: 'a', partSize: Size.mebibytes(1) }))).toThrow(/sourcePrefix.*; partSize/);
  expect(() => modelStack((stack) => ({ reviewBucket: new s3.Bucket(stack, 'Mine'), removalPolicy: RemovalPolicy.DESTROY }))).toThrow(
    /removalPolicy would change nothing/,
  );
  expect(() => modelStack(() => ({ onExpired: OnExpired.reject(), reminders: [Duration.days(2)] }))).toThrow(
    /a reminder of the approval step/,
  );
});
