import { App, Duration, aws_kms as kms, Stack, aws_s3 as s3, aws_scheduler as scheduler, aws_sns as sns } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Approver, BucketSync, type BucketSyncProps, SyncComparison, SyncDeletion } from '../../../lib';
import { LocalCloud } from '../../../local';
import '../../../local/jest';
import { nagFindings } from '../../support/nag';
import { runInProcess } from './support/sync-in-process';

type Buckets = Pick<BucketSyncProps, 'source' | 'destination'>;

function syncWith(
  props: Partial<BucketSyncProps> = {},
  make: (stack: Stack) => Partial<Buckets> = () => ({}),
): { stack: Stack; sync: BucketSync } {
  const stack = new Stack(new App(), 'Test');
  const given = make(stack);
  const source = given.source ?? new s3.Bucket(stack, 'Source');
  const destination = given.destination ?? new s3.Bucket(stack, 'Destination', { versioned: true });
  return { stack, sync: new BucketSync(stack, 'Sync', { source, destination, ...props }) };
}

/** Statements of a function's own policy, references as names. */
function statementsOf(template: Template, name: string): unknown[] {
  const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    new RegExp(`Functions${name}Policy`).test(id),
  );
  return policy[1].Properties.PolicyDocument.Statement.map(({ Effect: _, ...rest }: { Effect: string }) => readable(rest));
}

function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const {
    Ref,
    'Fn::GetAtt': attribute,
    'Fn::Join': join,
  } = value as { Ref?: string; 'Fn::GetAtt'?: string[]; 'Fn::Join'?: [string, unknown[]] };
  if (Ref) return Ref === 'AWS::Partition' ? 'aws' : short(Ref);
  if (attribute) return short(attribute[0]);
  if (join) return join[1].map(readable).join(join[0]);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readable(member)]));
}

const short = (id: string): string => (/BulkMapResults/.test(id) ? 'Results' : id.replace(/[0-9A-F]{8}$/, ''));

describe('the template', () => {
  const everything = syncWith(
    {
      sourcePrefix: 'site/',
      destinationPrefix: 'www/',
      comparison: SyncComparison.CHECKSUM,
      deletion: SyncDeletion.afterCopy({
        maxCount: 7,
        approval: { approver: Approver.email('a@example.com'), expiresIn: Duration.hours(8) },
      }),
      schedule: scheduler.ScheduleExpression.rate(Duration.hours(1)),
      onChange: true,
      include: ['**.html'],
    },
    (stack) => ({
      source: new s3.Bucket(stack, 'Source', { encryption: s3.BucketEncryption.KMS, encryptionKey: new kms.Key(stack, 'SourceKey') }),
      destination: new s3.Bucket(stack, 'Destination', {
        versioned: true,
        encryption: s3.BucketEncryption.KMS,
        encryptionKey: new kms.Key(stack, 'DestinationKey'),
      }),
    }),
  );
  const template = Template.fromStack(everything.stack);

  const list = (bucket: string, prefix: string) => ({
    Action: 's3:ListBucket',
    Resource: bucket,
    Condition: { StringLike: { 's3:prefix': `${prefix}*` } },
  });
  const listBoth = [list('Source', 'site/'), list('Destination', 'www/')];
  const results = (action: string, ...keys: string[]) => ({
    Action: action,
    Resource: keys.length === 1 ? `Results/sync/runs/*${keys[0]}` : keys.map((key) => `Results/sync/runs/*${key}`),
  });

  test('each function may do what it does, below the prefixes, and use the keys that it needs', () => {
    expect(statementsOf(template, 'Prepare')).toEqual([
      ...listBoth,
      { Action: 's3:GetBucketVersioning', Resource: 'Destination' },
      list('Results', 'sync/runs/'),
      results('s3:GetObject', '/plan.json'),
      results('s3:PutObject', '/shards.jsonl'),
    ]);
    expect(statementsOf(template, 'PlanShard')).toEqual([
      ...listBoth,
      { Action: 's3:GetObject', Resource: 'Source/site/*' },
      { Action: 'kms:Decrypt', Resource: 'SourceKey' },
      { Action: 's3:GetObject', Resource: 'Destination/www/*' },
      { Action: 'kms:Decrypt', Resource: 'DestinationKey' },
      results('s3:PutObject', '/plan/*', '/shards/*'),
      results('s3:DeleteObject', '/plan/*'),
    ]);
    expect(statementsOf(template, 'SummarizePlan')).toEqual([
      list('Results', 'sync/runs/'),
      results('s3:GetObject', '/shards/*'),
      results('s3:PutObject', '/plan.json'),
    ]);
    expect(statementsOf(template, 'Copy')).toEqual([
      ...listBoth,
      { Action: 's3:GetObject', Resource: 'Source/site/*' },
      { Action: 'kms:Decrypt', Resource: 'SourceKey' },
      { Action: 's3:GetObjectTagging', Resource: 'Source/site/*' },
      { Action: 's3:GetObject', Resource: 'Destination/www/*' },
      { Action: 'kms:Decrypt', Resource: 'DestinationKey' },
      { Action: 's3:PutObject', Resource: 'Destination/www/*' },
      { Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: 'DestinationKey' },
      { Action: ['s3:PutObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], Resource: 'Destination/www/*' },
      results('s3:PutObject', '/report/*'),
    ]);
    expect(statementsOf(template, 'Delete')).toEqual([
      ...listBoth,
      { Action: ['s3:DeleteObject', 's3:GetObject'], Resource: 'Destination/www/*' },
      results('s3:PutObject', '/report/*'),
    ]);
    expect(statementsOf(template, 'Report')).toEqual([
      list('Results', 'sync/runs/'),
      results('s3:GetObject', '/report/*'),
      results('s3:PutObject', '/report.json', '/report.jsonl'),
    ]);
  });

  test('nothing that cdk-nag finds is left unacknowledged', () => {
    const findings = nagFindings(everything.stack).filter((finding) => /Sync/.test(finding));
    expect(findings).toEqual([]);
  });

  test('no ARN is fixed to one partition', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(/arn:aws:/);
  });

  test('what has defaults has them: nothing may be deleted, nothing starts by itself, nobody is asked', () => {
    const { stack, sync } = syncWith();
    const plain = Template.fromStack(stack);
    plain.resourceCountIs('AWS::Scheduler::Schedule', 0);
    plain.resourceCountIs('AWS::SQS::Queue', 0);
    plain.resourceCountIs('AWS::SNS::Topic', 0);
    expect(Object.keys(plain.findResources('AWS::Lambda::Function')).filter((id) => /Delete/.test(id))).toEqual([]);
    expect(JSON.stringify(statementsOf(plain, 'Copy'))).not.toMatch(/DeleteObject/);
    expect(statementsOf(plain, 'Prepare')).not.toContainEqual(expect.objectContaining({ Action: 's3:GetBucketVersioning' }));
    expect([sync.gate, sync.scheduleTrigger, sync.changeTrigger]).toEqual([undefined, undefined, undefined]);
  });

  test('a topic is told of runs that fail', () => {
    const { stack } = syncWith();
    const topic = new sns.Topic(stack, 'Topic');
    new BucketSync(stack, 'Told', { source: new s3.Bucket(stack, 'A'), destination: new s3.Bucket(stack, 'B'), notificationTopic: topic });
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({ detail: Match.objectLike({ status: ['FAILED', 'TIMED_OUT', 'ABORTED'] }) }),
    });
  });

  test('two in one stack, and a lease and a results bucket that they share', () => {
    const { stack, sync } = syncWith();
    const { lease, bulkMap } = sync;
    new BucketSync(stack, 'Again', {
      source: new s3.Bucket(stack, 'A'),
      destination: new s3.Bucket(stack, 'B'),
      lease,
      resultsBucket: bulkMap.resultsBucket,
      resultsPrefix: 'again/',
    });
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 1);
  });

  test('a bucket of another account is named as it is', () => {
    const { stack } = syncWith({}, (scope) => ({
      source: s3.Bucket.fromBucketAttributes(scope, 'Theirs', { bucketArn: 'arn:aws-cn:s3:::theirs', account: '999999999999' }),
    }));
    expect(statementsOf(Template.fromStack(stack), 'Copy')).toContainEqual({
      Action: 's3:GetObject',
      Resource: 'arn:aws-cn:s3:::theirs/*',
    });
  });
});

describe('what can not be made says why', () => {
  const one = (scope: Stack) => new s3.Bucket(scope, 'One', { versioned: true });

  test.each<[string, Partial<BucketSyncProps>, RegExp]>([
    ['the same bucket', {}, /source and destination of Test\/Sync are in the same bucket, below '' and ''/],
    ['one within the other', { sourcePrefix: 'a/', destinationPrefix: 'a/b/' }, /below 'a\/' and 'a\/b\/'/],
    ['a prefix that a policy would read otherwise', { sourcePrefix: 'a*' }, /sourcePrefix "a\*" has one of \* \? \$/],
    ['a prefix that leaves no room for a key', { destinationPrefix: 'x'.repeat(513) }, /destinationPrefix has 513 bytes/],
  ])('%s', (_, props, message) => {
    expect(() =>
      syncWith(props, (scope) => {
        const bucket = one(scope);
        return { source: bucket, destination: bucket };
      }),
    ).toThrow(message);
  });

  test('prefixes of one bucket that are apart are no problem', () => {
    const apart = { sourcePrefix: 'a/', destinationPrefix: 'b/' };
    expect(() =>
      syncWith(apart, (scope) => {
        const bucket = one(scope);
        return { source: bucket, destination: bucket };
      }),
    ).not.toThrow();
  });

  test('results within the destination would be deleted by the next run', () => {
    const stack = new Stack(new App(), 'Test');
    const [source, destination] = [new s3.Bucket(stack, 'A'), new s3.Bucket(stack, 'B')];
    expect(() => new BucketSync(stack, 'Sync', { source, destination, resultsBucket: destination })).toThrow(/results and destination/);
  });

  test.each<[Parameters<typeof SyncDeletion.afterCopy>[0], RegExp]>([
    [{ maxCount: 1.5 }, /maxCount is 1.5: give a whole number/],
    [{ maxCount: -1 }, /maxCount is -1/],
    [{ maxPercent: 101 }, /maxPercent is 101: give a number from 0 to 100/],
    [{ maxPercent: Number.NaN }, /maxPercent is NaN/],
  ])('deletion %j', (options, message) => {
    expect(() => SyncDeletion.afterCopy(options)).toThrow(message);
  });
});

describe('run', () => {
  const clouds: LocalCloud[] = [];
  afterAll(async () => {
    for (const cloud of clouds) await cloud.dispose();
  });

  async function cloudOf(stack: Stack): Promise<LocalCloud> {
    const cloud = await LocalCloud.fromStack(stack);
    clouds.push(cloud);
    runInProcess(cloud, 'Sync');
    return cloud;
  }

  async function fill(cloud: LocalCloud, bucket: string, ...keys: string[]): Promise<void> {
    for (const key of keys) await cloud.bucket(bucket).put(key, `this is ${key}`);
  }

  test('more than may be deleted, and nobody to ask: refused with the numbers', async () => {
    const cloud = await cloudOf(syncWith({ deletion: SyncDeletion.afterCopy({ maxCount: 1 }) }).stack);
    await fill(cloud, 'Source', 'a');
    await fill(cloud, 'Destination', 'b', 'c', 'd');
    const run = await (await cloud.stateMachine('Sync').start()).finished();
    expect(run).toHaveFailedWith('TooManyDeletions', /^3 of 3 objects \(100 %\) would be deleted; at most 1 and 10 % may be/);
    expect(cloud.bucket('Destination').keys()).toEqual(['b', 'c', 'd']);
  });

  test('a destination without versions is refused before it is even listed, unless that is allowed', async () => {
    const unversioned = (stack: Stack) => ({ destination: new s3.Bucket(stack, 'Destination') });
    const refused = await cloudOf(syncWith({ deletion: SyncDeletion.afterCopy() }, unversioned).stack);
    const run = await (await refused.stateMachine('Sync').start()).finished();
    expect(run).toHaveFailedWith('UnversionedDestination', /keeps no versions/);
    const buckets = ['Source', 'Destination'].map((name) => refused.bucket(name).name);
    const listed = refused.calls.filter(({ operation, input }) => operation === 'ListObjectsV2' && buckets.includes(input.Bucket));
    expect(listed).toEqual([]);

    const all = { maxPercent: 100, allowUnversioned: true };
    const allowed = await cloudOf(syncWith({ deletion: SyncDeletion.afterCopy(all) }, unversioned).stack);
    await fill(allowed, 'Source', 'a');
    await fill(allowed, 'Destination', 'b');
    expect(await (await allowed.stateMachine('Sync').start()).finished()).toHaveSucceeded();
    expect(allowed.bucket('Destination').keys()).toEqual(['a']);
    expect(allowed.calls.map(({ operation }) => operation)).not.toContain('GetBucketVersioning');
  });

  test('what a filter leaves out is neither copied nor deleted', async () => {
    const filters = { include: ['site/**'], exclude: ['**/draft-?.html', 'site/tmp/*'] };
    const cloud = await cloudOf(syncWith({ ...filters, deletion: SyncDeletion.afterCopy({ maxPercent: 100 }) }).stack);
    await fill(cloud, 'Source', 'other.html', 'site/a.html', 'site/draft-1.html', 'site/draft-10.html', 'site/tmp/x', 'site/tmp/deep/x');
    await fill(cloud, 'Destination', 'mine.html', 'site/draft-2.html', 'site/old.html');
    expect(await (await cloud.stateMachine('Sync').start()).finished()).toHaveSucceeded();
    const now = ['mine.html', 'site/a.html', 'site/draft-10.html', 'site/draft-2.html', 'site/tmp/deep/x'];
    expect(cloud.bucket('Destination').keys()).toEqual(now);
  });

  test('with KMS on both sides and prefixes: copied, known again, and no call is denied', async () => {
    const { stack } = syncWith({ sourcePrefix: 'from/', destinationPrefix: 'to/' }, (scope) => ({
      source: new s3.Bucket(scope, 'Source', { encryption: s3.BucketEncryption.KMS, encryptionKey: new kms.Key(scope, 'SourceKey') }),
      destination: new s3.Bucket(scope, 'Destination', {
        encryption: s3.BucketEncryption.KMS,
        encryptionKey: new kms.Key(scope, 'DestinationKey'),
      }),
    }));
    const cloud = await cloudOf(stack);
    await fill(cloud, 'Source', 'from/a', 'from/b', 'not from/c');
    const runs = [await cloud.stateMachine('Sync').start(), await cloud.stateMachine('Sync').start()];
    for (const run of runs) expect(await run.finished()).toHaveSucceeded();
    expect(cloud.bucket('Destination').keys()).toEqual(['to/a', 'to/b']);
    expect(runs.map(({ output }) => (output as { counts: object }).counts)).toMatchObject([{ copied: 2 }, { copied: 0, skipped: 2 }]);
    expect(cloud).toHaveDeniedNothing();
  });

  test('a destination that turns out to encrypt with the AWS managed key: marked, and known again', async () => {
    const cloud = await cloudOf(
      syncWith({}, (scope) => ({ destination: new s3.Bucket(scope, 'Destination', { encryption: s3.BucketEncryption.KMS_MANAGED }) }))
        .stack,
    );
    await fill(cloud, 'Source', 'a');
    for (const counts of [{ copied: 1 }, { copied: 0, replaced: 0, skipped: 1 }]) {
      const run = await (await cloud.stateMachine('Sync').start()).finished();
      expect(run.output).toMatchObject({ counts });
    }
  });

  test('a plan of another time, whose settings were others, is refused', async () => {
    const cloud = await cloudOf(syncWith().stack);
    await fill(cloud, 'Source', 'a');
    const planned = await (await cloud.stateMachine('Sync').start({ dryRun: true })).finished();
    const { bucket, plan } = planned.output as { bucket: string; plan: { key: string } };
    const stored = cloud.bucket('Sync/BulkMap/Results').json(plan.key) as Record<string, never>;
    await cloud.operate('s3', 'PutObject', {
      Bucket: bucket,
      Key: plan.key,
      Body: Buffer.from(JSON.stringify({ ...stored, deletes: true, comparison: 'CHECKSUM' })),
    });
    const run = await (await cloud.stateMachine('Sync').start({ applyPlan: plan.key })).finished();
    expect(run).toHaveFailedWith('InvalidPlan', /its comparison, whether it deletes is another[.] Plan anew/);
  });

  test('changes start runs: one works, one waits, the others are coalesced, and all is copied', async () => {
    const cloud = await cloudOf(syncWith({ onChange: true }).stack);
    // The first run has to wait for Lambda, so that the others come while it works.
    cloud.fail('lambda:Invoke', { error: 'TooManyRequestsException', statusCode: 429, role: 'Test/Sync/Workflow' });
    await fill(cloud, 'Source', ...Array.from({ length: 12 }, (_, i) => `page-${i}`));
    await cloud.clock.advance(Duration.minutes(20));
    const runs = cloud.stateMachine('Sync').runs;
    expect(runs).toHaveLength(12);
    const statuses = runs.map(({ status, output }) => `${status} ${(output as { status: string }).status}`);
    expect(new Set(statuses)).toEqual(new Set(['SUCCEEDED SYNCED', 'SUCCEEDED COALESCED']));
    expect(cloud.bucket('Destination').keys()).toHaveLength(12);
    await cloud.operate('s3', 'DeleteObject', { Bucket: cloud.bucket('Source').name, Key: 'page-3' });
    await cloud.clock.advance(Duration.minutes(5));
    expect(cloud.stateMachine('Sync').runs).toHaveLength(13);
  });
});
