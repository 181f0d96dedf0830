import {
  App,
  Duration,
  aws_kms as kms,
  aws_lambda as lambda,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_stepfunctions as sfn,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import type { Construct } from 'constructs';
import {
  BulkConcurrency,
  BulkMap,
  type BulkMapProps,
  BulkSource,
  type BulkStepProps,
  BulkWork,
  HandlerFunction,
  ObservedStateMachine,
} from '../../../../lib';
import { nagFindings } from '../../../support/nag';
import { stateMachineOf } from '../../../support/run-definition';

const LIST = BulkSource.array('{% $states.input.items %}');

function work(stack: Stack, timeout?: Duration): BulkWork {
  return BulkWork.invoke(new HandlerFunction(stack, 'Work', { code: lambda.Code.fromInline('exports.handler = async () => 1') }).alias, {
    timeout,
  });
}

/** The steps, alone in a state machine of the CDK's. */
function stackWith(step: (stack: Stack) => Partial<BulkStepProps> = () => ({}), props: BulkMapProps = {}, context = {}): Stack {
  const stack = new Stack(new App({ context }), 'Test');
  const bulk = new BulkMap(stack, 'Bulk', props);
  const steps = bulk.step('Items', { source: LIST, work: work(stack), ...step(stack) });
  const machine = new sfn.StateMachine(stack, 'Machine', {
    definitionBody: sfn.DefinitionBody.fromChainable(steps),
    queryLanguage: sfn.QueryLanguage.JSONATA,
  });
  bulk.grantRun(machine);
  return stack;
}

// biome-ignore lint/suspicious/noExplicitAny: a definition
const mapOf = (stack: Stack): any => (stateMachineOf(stack).definition.States as Record<string, unknown>).Items;

/** Every statement that a role has, by the construct path of the policy's logical id. */
function statementsOf(stack: Stack, role: RegExp): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

const ref = (stack: Stack, type: string, pattern: RegExp) =>
  Object.keys(Template.fromStack(stack).findResources(type)).filter((id) => pattern.test(id))[0];

describe.each([
  ['no feature flags', {}],
  ['the recommended feature flags', recommendedFlags],
])('with %s', (_, context) => {
  test('results are always written', () => {
    expect(mapOf(stackWith(undefined, {}, context)).ResultWriter).toMatchObject({
      Resource: 'arn:aws:states:::s3:putObject',
      WriterConfig: { OutputType: 'JSONL', Transformation: 'NONE' },
      Arguments: { Prefix: expect.stringContaining('bulk/Items') },
    });
  });
});

describe('what the state machine may do', () => {
  const NESTINGS: [string, (steps: sfn.IChainable, stack: Stack) => sfn.IChainable][] = [
    ['alone', (steps) => steps],
    ['in a Parallel', (steps, stack) => sfn.Parallel.jsonata(stack, 'Both').branch(steps)],
    [
      'in a Map',
      (steps, stack) =>
        sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input.lists %}') }).itemProcessor(steps),
    ],
    [
      'in a Parallel in a Map',
      (steps, stack) =>
        sfn.Map.jsonata(stack, 'Each', { items: sfn.ProvideItems.jsonata('{% $states.input.lists %}') }).itemProcessor(
          sfn.Parallel.jsonata(stack, 'Both').branch(steps),
        ),
    ],
  ];
  const MACHINES: [string, (stack: Stack, definition: sfn.IChainable) => sfn.StateMachine][] = [
    [
      'the CDK',
      (stack, definition) =>
        new sfn.StateMachine(stack, 'Machine', {
          definitionBody: sfn.DefinitionBody.fromChainable(definition),
          queryLanguage: sfn.QueryLanguage.JSONATA,
        }),
    ],
    ['this library', (stack, definition) => new ObservedStateMachine(stack, 'Machine', { definition }).stateMachine],
  ];
  const cases = NESTINGS.flatMap(([where, nest]) => MACHINES.map(([whose, make]) => [where, whose, nest, make] as const));

  test.each(cases)('%s, in a state machine of %s, is whole', (_where, _whose, nest, make) => {
    const stack = new Stack(new App(), 'Test');
    const key = new kms.Key(stack, 'Key');
    const source = new s3.Bucket(stack, 'Source', { encryptionKey: key });
    const bulk = new BulkMap(stack, 'Bulk', { encryptionKey: key });
    const steps = bulk.step('Items', { source: BulkSource.csv(source, 'in/items.csv'), work: work(stack) });
    bulk.grantRun(make(stack, nest(steps, stack)));

    const machine = ref(stack, 'AWS::StepFunctions::StateMachine', /Machine/);
    const keyArn = stack.resolve(key.keyArn);
    const allow = (Action: unknown, Resource: unknown) => ({ Action, Effect: 'Allow', Resource });
    const object = (bucket: RegExp, keys: string) => ({
      'Fn::Join': ['', [{ 'Fn::GetAtt': [ref(stack, 'AWS::S3::Bucket', bucket), 'Arn'] }, `/${keys}`]],
    });
    const executions = (suffix: string) => ({
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':states:',
          { Ref: 'AWS::Region' },
          ':',
          { Ref: 'AWS::AccountId' },
          ':execution:',
          { 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: machine }] }] },
          suffix,
        ],
      ],
    });
    const own = statementsOf(stack, /^Machine.*Role/).filter((statement) => (statement as { Resource: unknown }).Resource !== '*');
    expect(own).toHaveLength(9);
    for (const statement of [
      allow('lambda:InvokeFunction', { Ref: ref(stack, 'AWS::Lambda::Alias', /^Work/) }),
      allow('lambda:InvokeFunction', { Ref: ref(stack, 'AWS::Lambda::Alias', /^BulkSummarize/) }),
      allow(['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'], object(/^BulkResults/, 'bulk/*')),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], keyArn),
      allow('kms:Decrypt', keyArn),
      allow('s3:GetObject', object(/^Source/, 'in/items.csv')),
      allow('states:StartExecution', { Ref: machine }),
      allow(['states:DescribeExecution', 'states:StopExecution'], executions(':*')),
      allow('states:RedriveExecution', executions('/Items:*')),
    ])
      expect(own).toContainEqual(statement);
    // Written before the machine, so that the first run after a deployment has it; what names the machine can't be.
    const { DependsOn } = Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine')[machine];
    expect(DependsOn).toContain(ref(stack, 'AWS::IAM::Policy', /RunPolicy/));
  });

  test('without grantRun the app does not synthesize', () => {
    const stack = new Stack(new App(), 'Test');
    new BulkMap(stack, 'Bulk').step('Items', { source: LIST, work: work(stack) });
    expect(() => Template.fromStack(stack)).toThrow(
      /has the steps 'Items' but no state machine may run them: call grantRun\(stateMachine\)/,
    );
  });

  test('a step that is made after grantRun is allowed too', () => {
    const stack = new Stack(new App(), 'Test');
    const bulk = new BulkMap(stack, 'Bulk');
    const machine = new sfn.StateMachine(stack, 'Machine', {
      definitionBody: sfn.DefinitionBody.fromChainable(sfn.Pass.jsonata(stack, 'Pass')),
    });
    bulk.grantRun(machine);
    bulk.step('Late', { source: BulkSource.objects(s3.Bucket.fromBucketName(stack, 'Source', 'late')), work: work(stack) });
    expect(JSON.stringify(statementsOf(stack, /^MachineRole/))).toContain(':s3:::late');
  });
});

test('what the summary may do is whole', () => {
  const stack = stackWith(undefined, { resultsPrefix: 'out/' });
  const bucket = { 'Fn::GetAtt': [ref(stack, 'AWS::S3::Bucket', /Results/), 'Arn'] };
  const object = (keys: string) => ({ 'Fn::Join': ['', [bucket, `/${keys}`]] });
  const own = statementsOf(stack, /^BulkSummarizeRole/).filter((statement) => JSON.stringify(statement).includes('"s3:'));
  expect(own).toEqual([
    { Action: 's3:ListBucket', Effect: 'Allow', Resource: bucket, Condition: { StringLike: { 's3:prefix': 'out/*' } } },
    { Action: 's3:GetObject', Effect: 'Allow', Resource: object('out/*') },
    { Action: 's3:PutObject', Effect: 'Allow', Resource: object('out/*/failures.jsonl') },
  ]);
});

test('nothing that cdk-nag finds is left, with a key and without', () => {
  for (const encrypted of [false, true]) {
    const stack = new Stack(new App(), 'Test');
    const encryptionKey = encrypted ? new kms.Key(stack, 'Key', { enableKeyRotation: true }) : undefined;
    const bulk = new BulkMap(stack, 'Bulk', { encryptionKey });
    const steps = bulk.step('Items', { source: LIST, work: work(stack) });
    bulk.grantRun(new ObservedStateMachine(stack, 'Machine', { definition: steps }).stateMachine);
    expect(nagFindings(stack)).toEqual([]);
  }
});

describe('the results bucket', () => {
  test('is encrypted, private, kept on deletion, and forgets', () => {
    Template.fromStack(stackWith()).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [{ ExpirationInDays: 90, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' }],
        },
      },
    });
  });

  test('can be set', () => {
    const stack = new Stack(new App({ context: { 'stepworks:removeData': true } }), 'Test');
    new BulkMap(stack, 'Bulk', {
      resultsExpireAfter: Duration.days(3),
      removalPolicy: RemovalPolicy.DESTROY,
      encryptionKey: new kms.Key(stack, 'Key'),
    });
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Delete',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
        },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: 3 }] },
      },
    });
  });

  test('can be supplied', () => {
    const stack = new Stack(new App(), 'Test');
    const resultsBucket = s3.Bucket.fromBucketName(stack, 'Mine', 'mine');
    expect(new BulkMap(stack, 'Bulk', { resultsBucket, resultsPrefix: 'team/bulk/' }).resultsBucket).toBe(resultsBucket);
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    expect(() => new BulkMap(stack, 'Other', { resultsBucket, resultsExpireAfter: Duration.days(1) })).toThrow(
      /resultsExpireAfter would change nothing: the results go to the bucket that resultsBucket supplies/,
    );
  });

  test.each(['', '/', 'bulk', 'a b/', 'a*/'])('the prefix %j is refused', (resultsPrefix) => {
    expect(() => new BulkMap(new Stack(new App(), 'Test'), 'Bulk', { resultsPrefix })).toThrow(/is no folder/);
  });
});

describe('the map', () => {
  test('runs ten children at once unless told', () => {
    expect(mapOf(stackWith()).MaxConcurrency).toBe(10);
    expect(mapOf(stackWith(() => ({ concurrency: BulkConcurrency.ofReserved(200) }))).MaxConcurrency).toBe(180);
  });

  test('runs one child at a time, Standard, when ordered', () => {
    const map = mapOf(stackWith(() => ({ ordered: true })));
    expect(map).toMatchObject({ MaxConcurrency: 1, ItemProcessor: { ProcessorConfig: { ExecutionType: 'STANDARD' } } });
  });

  test.each([
    [Duration.seconds(30), 'EXPRESS'],
    // Seven attempts of 36 seconds and the delays between them are more than five minutes.
    [Duration.seconds(36), 'STANDARD'],
    [Duration.minutes(15), 'STANDARD'],
  ])('a function that takes up to %s is worked on in children that can take as long', (timeout, type) => {
    const stack = new Stack(new App(), 'Test');
    const bulk = new BulkMap(stack, 'Bulk');
    const definition = bulk.step('Items', { source: LIST, work: work(stack, timeout) });
    bulk.grantRun(new ObservedStateMachine(stack, 'Machine', { definition }).stateMachine);
    expect(mapOf(stack).ItemProcessor.ProcessorConfig.ExecutionType).toBe(type);
  });

  test.each([
    [27, 'EXPRESS'],
    [28, 'STANDARD'],
  ])('an idempotent function is called again when it was cut off, twice: up to %s seconds a call', (seconds, type) => {
    const stack = new Stack(new App(), 'Test');
    const bulk = new BulkMap(stack, 'Bulk');
    const handler = lambda.Function.fromFunctionArn(stack, 'Work', 'arn:aws:lambda:us-east-1:123456789012:function:work');
    const once = BulkWork.invoke(handler, { timeout: Duration.seconds(seconds), idempotent: true });
    bulk.grantRun(
      new ObservedStateMachine(stack, 'Machine', { definition: bulk.step('Items', { source: LIST, work: once }) }).stateMachine,
    );
    const { ProcessorConfig, States } = mapOf(stack).ItemProcessor;
    expect(ProcessorConfig.ExecutionType).toBe(type);
    const retries: { ErrorEquals: string[]; MaxAttempts: number }[] = States.ItemsWork.Retry;
    const attempts = (error: string) => retries.find(({ ErrorEquals }) => ErrorEquals.includes(error))?.MaxAttempts;
    expect(['Lambda.TooManyRequestsException', 'Runtime.ExitError', 'Sandbox.Timedout'].map(attempts)).toEqual([6, 2, 2]);
  });

  test('tolerates what it is told to', () => {
    expect(mapOf(stackWith(() => ({ toleratedFailureCount: 7, toleratedFailurePercentage: 2.5 })))).toMatchObject({
      ToleratedFailureCount: 7,
      ToleratedFailurePercentage: 2.5,
    });
  });

  test('makes batches by count and bytes, with an input for all', () => {
    const map = mapOf(
      stackWith(() => ({
        batchMaxItems: 100,
        batchMaxBytes: 50_000,
        batchInput: sfn.TaskInput.fromObject({ day: '{% $states.input.day %}' }),
      })),
    );
    expect(map.ItemBatcher).toEqual({
      MaxItemsPerBatch: 100,
      MaxInputBytesPerBatch: 50_000,
      BatchInput: { day: '{% $states.input.day %}' },
    });
  });
});

test.each<[string, (stack: Stack) => Partial<BulkStepProps>, RegExp]>([
  ['ordered batches', () => ({ ordered: true, batchMaxItems: 5 }), /ordered is one item at a time: leave batchMaxItems/],
  ['ordered and concurrent', () => ({ ordered: true, concurrency: BulkConcurrency.of(5) }), /leave concurrency out/],
  ['ordered in Express', () => ({ ordered: true, childType: sfn.StateMachineType.EXPRESS }), /ordered takes Standard children/],
  ['an input without a batch', () => ({ batchInput: sfn.TaskInput.fromObject({}) }), /batchInput goes with a batch/],
  ['a batch of nothing', () => ({ batchMaxItems: 0 }), /batchMaxItems is 0: give a whole number from 1/],
  ['a batch that is too large', () => ({ batchMaxBytes: 262_145 }), /batchMaxBytes is 262145: give a whole number from 1 to 262144/],
  ['fewer than none', () => ({ toleratedFailureCount: -1 }), /toleratedFailureCount is -1/],
  ['more than all', () => ({ toleratedFailurePercentage: 101 }), /toleratedFailurePercentage is 101: give a number from 0 to 100/],
  ['a field that is none', () => ({ outcomeField: 'a b' }), /outcomeField 'a b' is no field name/],
  ['several at once', () => ({ toleratedFailureCount: -1, batchMaxItems: 0 }), /batchMaxItems is 0.*toleratedFailureCount is -1/],
  [
    'waiting in Express',
    (stack) => ({
      childType: sfn.StateMachineType.EXPRESS,
      work: BulkWork.chain({
        steps: (scope) =>
          sfn.Parallel.jsonata(scope, 'P').branch(
            tasks.StepFunctionsStartExecution.jsonata(scope, 'Nested', {
              stateMachine: sfn.StateMachine.fromStateMachineName(stack, 'Other', 'Other'),
              integrationPattern: sfn.IntegrationPattern.RUN_JOB,
              input: sfn.TaskInput.fromObject({}),
            }),
          ),
      }),
    }),
    /are Express and can't wait for others/,
  ],
])('%s: refused', (_, step, message) => {
  expect(() => stackWith(step)).toThrow(message);
});

test('a child whose history would be too long is refused', () => {
  const retries = (scope: Construct) =>
    sfn.Pass.jsonata(scope, 'Before').next(
      tasks.CallAwsService.jsonata(scope, 'Again', {
        service: 's3',
        action: 'headBucket',
        iamResources: ['arn:aws:s3:::bucket'],
        taskTimeout: sfn.Timeout.duration(Duration.seconds(5)),
      }).addRetry({ errors: ['States.Timeout'], maxAttempts: 9_000 }),
    );
  expect(() => stackWith(() => ({ work: BulkWork.chain({ steps: retries }) }))).toThrow(
    /can write 2\d{4} history events, and AWS ends it at 25000: retry less/,
  );
});

test.each(['', 'a b', '1a', 'a-b', 'a'.repeat(41)])('the name %j is refused', (name) => {
  const stack = new Stack(new App(), 'Test');
  expect(() => new BulkMap(stack, 'Bulk').step(name, { source: LIST, work: work(stack) })).toThrow(
    /a letter, then up to 39 letters or digits/,
  );
});

test('a key of failures that the run does not name is refused', () => {
  expect(() => new BulkMap(new Stack(new App(), 'Test'), 'Bulk').failures('bulk/x/failures.jsonl')).toThrow(/is no JSONata expression/);
});

test('two in one state machine do not clash', () => {
  const stack = new Stack(new App(), 'Test');
  const [one, two] = [new BulkMap(stack, 'One'), new BulkMap(stack, 'Two')];
  const fn = work(stack);
  const definition = one
    .step('First', { source: LIST, work: fn })
    .next(one.step('Second', { source: LIST, work: fn }))
    .next(two.step('Third', { source: LIST, work: fn }));
  const { stateMachine } = new ObservedStateMachine(stack, 'Machine', { definition });
  for (const bulk of [one, two]) bulk.grantRun(stateMachine);
  expect(nagFindings(stack)).toEqual([]);
  expect(stateMachineOf(stack).type).toBe('STANDARD');
});
