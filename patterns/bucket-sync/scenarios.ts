import {
  ApproverAtWork,
  assertSame,
  containing,
  type Driver,
  type Expected,
  type Json,
  Matching,
  matching,
  type Pattern,
  type Run,
  type Scenario,
} from '../../local';
import { oddObjects, type WebsiteObject, website } from './website';

const STACK = 'BucketSync';
const PUBLISH = `${STACK}/Publish`;
const DRAFTS = `${STACK}/Drafts`;
const WEBSITE = `${STACK}/Website`;
const EDITOR = 'editor@example.com';

const BEGIN = ['ValidateInput', 'OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATime', 'PlanAndApply', 'Prepare', 'IsPlanned'];
const bulk = (name: string) => [name, `${name}Summary`, `${name}Tolerated`, `${name}Done`];
const PLANNED = [...BEGIN, ...bulk('PlanShards'), 'SummarizePlan', 'Guard'];
const ASKED = ['ApproveDeletionsQuestion', 'ApproveDeletions'];
const COPIED = ['HasCopies', ...bulk('CopyObjects')];
const DELETED = ['HasDeletions', ...bulk('DeleteObjects')];
const END = ['Report', 'Synced', 'OneAtATimeRelease'];
const FAILED = ['ReportFailure', 'SyncFailed', 'OneAtATimeReleaseAfterError', 'OneAtATimeFailed'];

const run = '[^/]+';
const aNumber = new Matching('a number', (value) => typeof value === 'number');

/** What the report counts; zeros that are not named. */
const counted = (numbers: Partial<Record<'copied' | 'replaced' | 'present' | 'deleted' | 'absent' | 'failed' | 'skipped', number>>) => ({
  ...{ copied: 0, replaced: 0, present: 0, deleted: 0, absent: 0, failed: 0, skipped: 0 },
  ...numbers,
  copiedBytes: aNumber,
  deletedBytes: aNumber,
});

function synced(numbers: Parameters<typeof counted>[0], lines = true): Expected {
  const key = (name: string) => matching(new RegExp(`^sync/runs/${run}/${name}$`));
  return {
    status: 'SYNCED',
    bucket: matching(/./),
    counts: counted(numbers),
    plan: key('plan[.]json'),
    report: key('report[.]json'),
    ...(lines && { lines: key('report[.]jsonl') }),
  };
}

async function upload(driver: Driver, bucket: string, objects: readonly WebsiteObject[]): Promise<void> {
  for (const { key, body, ...options } of objects) await driver.putObject(bucket, key, body, options);
}

async function runOnce(driver: Driver, machine: string, input: Json = {}): Promise<Run> {
  const started = await driver.start(machine, input);
  await driver.finished(started);
  return started;
}

/** The destination has these objects and no others. */
async function assertObjects(driver: Driver, bucket: string, objects: readonly Pick<WebsiteObject, 'key' | 'body'>[]): Promise<void> {
  assertSame(objects.map(({ key }) => key).sort(), [...(await driver.objectKeys(bucket))].sort(), `keys of ${bucket}`);
  for (const { key, body } of objects) assertSame(body, await driver.readObject(bucket, key), `${bucket} ${key}`);
}

async function reportLines(driver: Driver, machine: string): Promise<Record<string, Json>[]> {
  const keys = (await driver.objectKeys(`${machine}/BulkMap/Results`, 'sync/runs/')).filter((key) => key.endsWith('/report.jsonl'));
  if (keys.length !== 1) throw new Error(`there should be one report, there are ${keys.length}`);
  const text = await driver.readObject(`${machine}/BulkMap/Results`, keys[0]);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function planOf(driver: Driver, machine: string): Promise<string> {
  const planned = await runOnce(driver, machine, { dryRun: true });
  return (planned.output as { plan: { key: string } }).plan.key;
}

const SITE = website();
const OLD: WebsiteObject = { key: 'articles/phlogiston/index.html', body: '<h1>Phlogiston</h1>', contentType: 'text/html' };

const scenarios: Scenario[] = [
  {
    name: 'first-sync',
    title: 'The website is published for the first time; what is internal stays where it is',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await driver.putObject(DRAFTS, 'internal/notes.txt', 'not yet');
      await driver.putObject(DRAFTS, 'index.html.tmp', 'half');
      const first = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, SITE);
      const lines = await reportLines(driver, PUBLISH);
      assertSame(SITE.map(({ key }) => key).sort(), lines.map(({ key }) => String(key)).sort(), 'keys of the report');
      assertSame({ ...lines[0], outcome: 'copied', verifiedBy: 'checksum' } as Expected, lines[0], 'a line of the report');
      return first;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, ...COPIED, 'HasDeletions', ...END],
      output: synced({ copied: SITE.length }),
    },
  },
  {
    name: 'nothing-to-do',
    title: 'A second run finds everything in its place and copies nothing',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await runOnce(driver, PUBLISH);
      return driver.start(PUBLISH, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'HasCopies', 'HasDeletions', ...END],
      output: synced({ skipped: SITE.length }, false),
    },
  },
  {
    name: 'changed-new-gone',
    title: 'A page has changed without changing its length, one is new, one is gone: copied, copied, and deleted at last',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, [...SITE, OLD]);
      await runOnce(driver, PUBLISH);
      const changed = { ...SITE[0], body: SITE[0].body.replace('near', 'fair') };
      const added = { key: 'robots.txt', body: 'User-agent: *\n', contentType: 'text/plain' };
      await upload(driver, DRAFTS, [changed, added]);
      await driver.deleteObject(DRAFTS, OLD.key);
      const again = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, [changed, ...SITE.slice(1), added]);
      return again;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, ...COPIED, ...DELETED, ...END],
      output: synced({ copied: 1, replaced: 1, deleted: 1, skipped: SITE.length - 1 }),
    },
  },
  {
    name: 'scheduled',
    title: 'On Monday morning the website is published by itself',
    requires: ['timeSkip'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await driver.skip(7 * 24 * 3600);
      await assertObjects(driver, WEBSITE, SITE);
      return driver.start(PUBLISH, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'HasCopies', 'HasDeletions', ...END],
      output: synced({ skipped: SITE.length }, false),
    },
  },
  {
    name: 'dry-run',
    title: 'A dry run writes the plan down, says what it comes to and what would be refused, and touches nothing',
    stateMachine: PUBLISH,
    input: { dryRun: true },
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await upload(driver, WEBSITE, [OLD]);
      const planned = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, [OLD]);
      return planned;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'PlannedOnly', 'OneAtATimeRelease'],
      output: {
        status: 'PLANNED',
        bucket: matching(/./),
        plan: {
          key: matching(/plan[.]json$/),
          folder: matching(/[/]$/),
          counts: {
            ...{ source: SITE.length, destination: 1, copy: SITE.length, replace: 0, delete: 1, skip: 0, orphaned: 0, excluded: 0 },
            ...{ copyBytes: SITE.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0), deleteBytes: OLD.body.length },
            ...{ largeObjects: 0, parts: 0 },
          },
          deletePercent: 100,
          estimatedUsd: aNumber,
          refusal: { error: 'TooManyDeletions', cause: matching(/^1 of 1 objects \(100 %\) would be deleted; at most 5 and 25 % may be/) },
        },
      },
    },
  },
  {
    name: 'plan-applied',
    title: 'Exactly the plan of a dry run is carried out: what came later is left for the next run',
    stateMachine: PUBLISH,
    input: {},
    async play(driver) {
      await upload(driver, DRAFTS, SITE);
      const applyPlan = await planOf(driver, PUBLISH);
      await driver.putObject(DRAFTS, 'later.html', 'later');
      const applied = await runOnce(driver, PUBLISH, { applyPlan });
      await assertObjects(driver, WEBSITE, SITE);
      return applied;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...BEGIN, 'Guard', ...COPIED, 'HasDeletions', ...END],
      output: synced({ copied: SITE.length }),
    },
  },
  {
    name: 'plan-applied-again',
    title: 'A plan that is applied again finds everything done',
    stateMachine: PUBLISH,
    input: {},
    async play(driver) {
      await upload(driver, DRAFTS, SITE);
      const applyPlan = await planOf(driver, PUBLISH);
      await runOnce(driver, PUBLISH, { applyPlan });
      return driver.start(PUBLISH, { applyPlan });
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...BEGIN, 'Guard', ...COPIED, 'HasDeletions', ...END],
      output: synced({ present: SITE.length }),
    },
  },
  {
    name: 'changed-since-the-plan',
    title:
      'Between plan and copy a source changes, another goes, and two destinations are written to: all four are left alone and named, nothing is deleted',
    stateMachine: PUBLISH,
    input: {},
    async play(driver) {
      const [changed, gone, ...others] = SITE;
      const [overwritten, removed] = others;
      await upload(driver, DRAFTS, SITE);
      await upload(driver, WEBSITE, [{ ...overwritten, body: 'an old one' }, { ...removed, body: 'an old one' }, OLD, ...others.slice(2)]);
      const applyPlan = await planOf(driver, PUBLISH);
      await driver.putObject(DRAFTS, changed.key, 'another');
      await driver.deleteObject(DRAFTS, gone.key);
      await driver.putObject(WEBSITE, overwritten.key, 'by somebody else');
      await driver.deleteObject(WEBSITE, removed.key);
      const applied = await runOnce(driver, PUBLISH, { applyPlan });
      await assertObjects(driver, WEBSITE, [{ key: overwritten.key, body: 'by somebody else' }, OLD, ...others.slice(2)]);
      const reasons = (await reportLines(driver, PUBLISH)).map(({ outcome, key, error }) => ({ outcome, key, error }));
      const failed = (key: string, error: string) => ({ outcome: 'failed', key, error });
      assertSame(
        [
          failed(changed.key, 'SourceChanged'),
          failed(gone.key, 'SourceGone'),
          failed(overwritten.key, 'DestinationChanged'),
          failed(removed.key, 'DestinationChanged'),
        ].sort((a, b) => (a.key < b.key ? -1 : 1)),
        reasons.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1)),
        'report',
      );
      return applied;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^4 of 4 items failed: 4 rejected, 0 crashed/),
      statesVisited: [...BEGIN, 'Guard', 'HasCopies', ...bulk('CopyObjects').slice(0, 3), 'CopyObjectsTooManyFailures', ...FAILED],
    },
  },
  {
    name: 'came-back-since-the-plan',
    title: 'What was to be deleted has come back in the source, or was written to: it stays',
    stateMachine: PUBLISH,
    input: {},
    async play(driver) {
      const rewritten = { ...OLD, key: 'articles/ether/index.html' };
      const gone = { ...OLD, key: 'articles/epicycles/index.html' };
      await upload(driver, DRAFTS, SITE);
      await upload(driver, WEBSITE, [...SITE, OLD, rewritten, gone]);
      const applyPlan = await planOf(driver, PUBLISH);
      await upload(driver, DRAFTS, [OLD]);
      await driver.putObject(WEBSITE, rewritten.key, 'by somebody else');
      await driver.deleteObject(WEBSITE, gone.key);
      const applied = await runOnce(driver, PUBLISH, { applyPlan });
      await assertObjects(driver, WEBSITE, [...SITE, OLD, { key: rewritten.key, body: 'by somebody else' }]);
      const reasons = (await reportLines(driver, PUBLISH)).map(({ key, outcome, error = '' }) => `${key} ${outcome} ${error}`);
      const all = [`${gone.key} absent `, `${rewritten.key} failed DestinationChanged`, `${OLD.key} failed SourceCameBack`];
      assertSame(all.sort(), reasons.sort(), 'report');
      return applied;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^2 of 3 items failed: 2 rejected, 0 crashed/),
      statesVisited: [
        ...[...BEGIN, 'Guard', 'HasCopies', 'HasDeletions', ...bulk('DeleteObjects').slice(0, 3)],
        ...['DeleteObjectsTooManyFailures', ...FAILED],
      ],
    },
  },
  {
    name: 'nobody-answers',
    title: 'More is gone than may be deleted, and nobody answers for a day: refused, and nothing is copied either',
    requires: ['timeSkip'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE.slice(0, 6));
      await upload(driver, WEBSITE, SITE.slice(4));
      const refused = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, SITE.slice(4));
      return refused;
    },
    expected: {
      status: 'FAILED',
      error: 'ApprovalRejected',
      cause: matching(/^the decision is EXPIRED[.] The report is s3:/),
      statesVisited: [...PLANNED, ...ASKED, 'ApproveDeletionsRejected', ...FAILED],
    },
  },
  {
    name: 'empty-source',
    title: 'The source is empty, perhaps by mistake: refused, the website stays',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, WEBSITE, SITE);
      const refused = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, SITE);
      return refused;
    },
    expected: {
      status: 'FAILED',
      error: 'EmptySource',
      cause: matching(
        /has no object: with deletion on, all 14 objects of the destination would go[.] Nothing was touched[.] The report is/,
      ),
      statesVisited: [...PLANNED, 'Refused', ...FAILED],
    },
  },
  {
    name: 'approved',
    title: 'Half of the website is gone from the drafts: an editor sees how much, approves, and it is deleted',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE.slice(0, 7));
      await upload(driver, WEBSITE, SITE);
      const asked = await driver.start(PUBLISH, input);
      await new ApproverAtWork(driver, EDITOR).decide('APPROVED');
      await driver.finished(asked);
      await assertObjects(driver, WEBSITE, SITE.slice(0, 7));
      return asked;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [
        ...PLANNED,
        ...[...ASKED, 'ApproveDeletionsDecided', 'ApproveDeletionsApproved'],
        ...['HasCopies', ...DELETED, ...END],
      ],
      output: synced({ deleted: 7, skipped: 7 }),
      mails: [
        containing({
          to: EDITOR,
          subject: matching(/A bucket sync would delete more than it may/),
          body: matching(/7 of 14 objects \(50 %\)/),
        }),
      ],
    },
  },
  {
    name: 'answer-lost',
    title: 'The editor approves, and the answer does not reach the run at once: it goes on all the same',
    requires: ['faults', 'timeSkip'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE.slice(0, 7));
      await upload(driver, WEBSITE, SITE);
      const asked = await driver.start(PUBLISH, input);
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', statusCode: 400, times: 3 });
      await new ApproverAtWork(driver, EDITOR).decide('APPROVED');
      await driver.finished(asked);
      await assertObjects(driver, WEBSITE, SITE.slice(0, 7));
      return asked;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, ...ASKED, 'ApproveDeletionsDecided', 'ApproveDeletionsApproved', 'HasCopies', ...DELETED, ...END],
      output: synced({ deleted: 7, skipped: 7 }),
    },
  },
  {
    name: 'rejected',
    title: 'The editor does not: the run fails and nothing is touched',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE.slice(0, 7));
      await upload(driver, WEBSITE, SITE);
      const asked = await driver.start(PUBLISH, input);
      await new ApproverAtWork(driver, EDITOR).decide('REJECTED');
      await driver.finished(asked);
      await assertObjects(driver, WEBSITE, SITE);
      return asked;
    },
    expected: {
      status: 'FAILED',
      error: 'ApprovalRejected',
      cause: matching(/^the decision is REJECTED, by editor@example[.]com[.] The report is/),
      statesVisited: [...PLANNED, ...[...ASKED, 'ApproveDeletionsDecided', 'ApproveDeletionsRejected'], ...FAILED],
    },
  },
  {
    name: 'busy',
    title: 'A second run while the first one waits for the editor: it does nothing',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE.slice(0, 7));
      await upload(driver, WEBSITE, SITE);
      await driver.start(PUBLISH, {});
      return driver.start(PUBLISH, input);
    },
    expected: {
      status: 'FAILED',
      error: 'LeaseBusy',
      cause: matching(/held/),
      statesVisited: ['ValidateInput', 'OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATimeContend', 'OneAtATimeBusy'],
    },
  },
  {
    name: 'copy-fails',
    title: 'One object can not be copied, whatever is done: it is named, the run fails, and what is gone stays',
    requires: ['faults'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await upload(driver, WEBSITE, [...SITE.slice(4), OLD]);
      await driver.fail({ service: 's3', operation: 'CopyObject', error: 'AccessDenied', statusCode: 403, message: 'an explicit deny' });
      const failed = await runOnce(driver, PUBLISH, input);
      assertSame(true, (await driver.objectKeys(WEBSITE)).includes(OLD.key), 'the orphan is still there');
      const lines = await reportLines(driver, PUBLISH);
      assertSame(['copied', 'copied', 'copied', 'failed'], lines.map(({ outcome }) => String(outcome)).sort(), 'outcomes');
      return failed;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^1 of 4 items failed: 1 rejected, 0 crashed; .*failures[.]jsonl[.] The report is s3:/),
      statesVisited: [...PLANNED, 'HasCopies', ...bulk('CopyObjects').slice(0, 3), 'CopyObjectsTooManyFailures', ...FAILED],
    },
  },
  {
    name: 'list-fails',
    title: 'The source can not be listed: nothing is planned on half of it',
    requires: ['faults'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await upload(driver, WEBSITE, SITE);
      await driver.fail({
        service: 's3',
        operation: 'ListObjectsV2',
        error: 'AccessDenied',
        statusCode: 403,
        role: `${PUBLISH}/Functions/PlanShard`,
      });
      const failed = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, SITE);
      return failed;
    },
    expected: {
      status: 'FAILED',
      error: 'TooManyFailures',
      cause: matching(/^1 of 1 items failed: 0 rejected, 1 crashed/),
      statesVisited: [...BEGIN, ...bulk('PlanShards').slice(0, 3), 'PlanShardsTooManyFailures', ...FAILED],
    },
  },
  {
    name: 'throttled',
    title: 'Lambda and S3 are busy, and the answer to a copy gets lost: it is tried again, nothing is done twice',
    requires: ['faults'],
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      await upload(driver, DRAFTS, SITE);
      await driver.fail({ service: 's3', operation: 'CopyObject', error: 'ServiceUnavailable', statusCode: 503, times: 2 });
      await driver.fail({ service: 's3', operation: 'CopyObject', error: 'InternalError', statusCode: 500, afterEffect: true });
      await driver.fail({ service: 'lambda', operation: 'Invoke', error: 'TooManyRequestsException', statusCode: 429, times: 3 });
      await driver.fail({
        service: 's3',
        operation: 'PutObject',
        error: 'InternalError',
        statusCode: 500,
        role: `${PUBLISH}/Functions/PlanShard`,
        times: 5,
      });
      const throttled = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, SITE);
      return throttled;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, ...COPIED, 'HasDeletions', ...END],
      output: synced({ copied: SITE.length - 1, present: 1 }),
    },
  },
  {
    name: 'odd-keys',
    title: 'A folder of no bytes, spaces, percent signs, control characters and emoji in keys: copied, and deleted, as they are',
    stateMachine: PUBLISH,
    input: {},
    async play(driver, input) {
      const odd = oddObjects();
      await upload(driver, DRAFTS, [...SITE, ...odd]);
      await runOnce(driver, PUBLISH);
      await assertObjects(driver, WEBSITE, [...SITE, ...odd]);
      const [kept, deleted] = [odd.slice(0, 4), odd.slice(4)];
      for (const { key } of deleted) await driver.deleteObject(DRAFTS, key);
      const again = await runOnce(driver, PUBLISH, input);
      await assertObjects(driver, WEBSITE, [...SITE, ...kept]);
      return again;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PLANNED, 'HasCopies', ...DELETED, ...END],
      output: synced({ deleted: 5, skipped: SITE.length + 4 }),
    },
  },
  {
    name: 'invalid-input',
    title: 'An input that means nothing is refused, with every problem named',
    stateMachine: PUBLISH,
    input: { dryRun: 'yes', applyPlan: 'somewhere/plan.json' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'dryRun: must be true or false, is string; applyPlan: is not the plan.key of an earlier run',
      statesVisited: ['ValidateInput', 'InvalidInput'],
    },
  },
  {
    name: 'no-such-plan',
    title: 'A plan that is not there',
    stateMachine: PUBLISH,
    input: { applyPlan: 'sync/runs/none/plan.json' },
    expected: {
      status: 'FAILED',
      error: 'InvalidPlan',
      cause: matching(/^there is no plan sync[/]runs[/]none[/]plan[.]json in /),
      statesVisited: [...BEGIN.slice(0, -1), ...FAILED],
    },
  },
];

/** B11: one bucket made to hold what another one holds. */
export const bucketSync: Pattern = {
  name: 'bucket-sync',
  title: 'Bucket sync: plan, guard, copy, verify, delete',
  scenarios,
};
