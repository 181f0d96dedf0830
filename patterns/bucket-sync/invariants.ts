import { createHash } from 'node:crypto';
import type { Plan } from '../../lib/bucket-sync/handlers/plan';
import type { PlanLine } from '../../lib/bucket-sync/handlers/plan-line';
import type { ReportLine } from '../../lib/bucket-sync/handlers/report-line';
import type { Invariant, Invariants, World } from '../../local/sweep';
import { BULK_UNREACHED, linesOf } from '../bulk-results';

const DAY = 86_400;
const PUBLISH = 'BucketSync/Publish';
const DRAFTS = 'BucketSync/Drafts';
const WEBSITE = 'BucketSync/Website';

/** What the sample's SyncDeletion lets be deleted unasked. */
const UNASKED = { count: 5, percent: 25 };

interface Synced {
  readonly status: 'SYNCED';
  readonly counts: Readonly<Record<ReportLine['outcome'] | 'skipped', number>>;
  readonly plan: string;
  readonly report: string;
  readonly lines?: string;
}

interface Planned {
  readonly key: string;
  readonly plan: Plan;
  readonly lines: readonly PlanLine[];
}

/** A version of an object of the website, or a delete marker, which has no ETag. */
interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly IsLatest: boolean;
  readonly LastModified: Date;
  readonly ETag?: string;
}

interface Head {
  readonly ETag: string;
  readonly LastModified: Date;
  readonly ContentType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

const results = ({ cloud }: World) => cloud.bucket(`${PUBLISH}/BulkMap/Results`);

const syncedRuns = ({ runs }: World) =>
  runs
    .map(({ name, output }) => ({ name, output: output as unknown as Synced | undefined }))
    .filter((run): run is { name: string; output: Synced } => run.output?.status === 'SYNCED');

function planOf(world: World, key: string): Planned {
  const bucket = results(world);
  const plan = bucket.json(key) as unknown as Plan;
  const lines = Object.values(plan.lines).flatMap((folder) => bucket.keys(folder).flatMap((file) => linesOf(bucket.text(file))));
  return { key, plan, lines: lines as unknown as PlanLine[] };
}

const plansIn = (world: World): Planned[] =>
  results(world)
    .keys()
    .filter((key) => key.endsWith('/plan.json'))
    .map((key) => planOf(world, key));

const isCopy = ({ action }: PlanLine): boolean => action === 'copy' || action === 'replace';

const unquoted = (etag = ''): string => etag.replaceAll('"', '');

async function versionsOf({ cloud }: World): Promise<Version[]> {
  const { Versions, DeleteMarkers } = await cloud.operate<{ Versions: Version[]; DeleteMarkers: Version[] }>('s3', 'ListObjectVersions', {
    Bucket: cloud.bucket(WEBSITE).name,
  });
  return [...Versions, ...DeleteMarkers];
}

/** Those that no person of the scenario has written. */
async function versionsOfRuns(world: World): Promise<{ all: Version[]; made: Version[] }> {
  const all = await versionsOf(world);
  const byHand = new Set(
    world.cloud.calls
      .filter(({ operation, principal }) => principal.kind === 'operator' && ['PutObject', 'DeleteObject'].includes(operation))
      .map(({ output }) => (output as { VersionId?: string } | undefined)?.VersionId),
  );
  return { all, made: all.filter(({ VersionId }) => !byHand.has(VersionId)) };
}

const head = ({ cloud }: World, bucket: string, key: string, VersionId?: string): Promise<Head> =>
  cloud.operate<Head>('s3', 'HeadObject', { Bucket: cloud.bucket(bucket).name, Key: key, VersionId });

async function tagsOf({ cloud }: World, bucket: string, key: string): Promise<string> {
  const { TagSet } = await cloud.operate<{ TagSet: unknown }>('s3', 'GetObjectTagging', { Bucket: cloud.bucket(bucket).name, Key: key });
  return JSON.stringify(TagSet);
}

/** In every scenario nobody writes after the last run. */
const sameAsPlanned: Invariant = {
  name: 'after a run that says SYNCED the website is what the plan says',
  holds(world) {
    const last = world.runs.at(-1);
    const synced = syncedRuns(world).find(({ name }) => name === last?.name);
    if (!synced) return [];
    const { lines } = planOf(world, synced.output.plan);
    const website = world.cloud.bucket(WEBSITE);
    const expected = new Map(
      lines
        .filter(({ action }) => action !== 'delete')
        .map((line) => [line.key, (isCopy(line) ? line.source : line.destination)?.etag ?? '']),
    );
    const wrong = [...expected].flatMap(([key, etag]) => {
      const bytes = website.bytes(key);
      const found = bytes && createHash('md5').update(bytes).digest('hex');
      return found === etag ? [] : [`${key} should have the content ${etag}, it has ${found ?? 'none'}`];
    });
    const more = website.keys().filter((key) => !expected.has(key));
    return [...wrong, ...more.map((key) => `${key} is there, and the plan does not have it stay`)];
  },
};

const wholeCopies: Invariant = {
  name: 'a copy has the headers, metadata and tags of its source',
  async holds(world) {
    const drafts = new Set(world.cloud.bucket(DRAFTS).keys());
    const { made } = await versionsOfRuns(world);
    const problems = await Promise.all(
      made.map(async ({ Key, ETag, IsLatest, VersionId }) => {
        if (ETag === undefined || !IsLatest || !drafts.has(Key)) return [];
        const source = await head(world, DRAFTS, Key);
        if (source.ETag !== ETag) return []; // Written since.
        const copy = await head(world, WEBSITE, Key, VersionId);
        const what = async ({ ContentType, Metadata }: Head, bucket: string) =>
          JSON.stringify([ContentType, Metadata, await tagsOf(world, bucket, Key)]);
        const [expected, found] = [await what(source, DRAFTS), await what(copy, WEBSITE)];
        return expected === found ? [] : [`${Key} has ${found}, its source ${expected}`];
      }),
    );
    return problems.flat();
  },
};

const nothingElse: Invariant = {
  name: 'nothing is written that no plan has',
  async holds(world) {
    const lines = plansIn(world).flatMap((planned) => planned.lines);
    const { made } = await versionsOfRuns(world);
    return made
      .filter(({ Key, ETag }) =>
        lines.every(
          (line) => line.key !== Key || (ETag ? !isCopy(line) || line.source?.etag !== unquoted(ETag) : line.action !== 'delete'),
        ),
      )
      .map(({ Key, ETag }) => `${Key} was ${ETag ? `written, ${ETag},` : 'deleted'} and no plan has that`);
  },
};

const deletedLast: Invariant = {
  name: 'nothing is deleted before all copies of the plan are made',
  async holds(world) {
    const plans = plansIn(world);
    const { all, made } = await versionsOfRuns(world);
    const missing = ({ lines }: Planned, { LastModified }: Version) =>
      lines.filter(
        (line) =>
          isCopy(line) &&
          !all.some(
            ({ Key, ETag, LastModified: at }) =>
              Key === line.key && unquoted(ETag) === line.source?.etag && at.getTime() <= LastModified.getTime(),
          ),
      );
    return made
      .filter(({ ETag }) => ETag === undefined)
      .filter((marker) =>
        plans
          .filter(({ lines }) => lines.some(({ action, key }) => action === 'delete' && key === marker.Key))
          .every((planned) => missing(planned, marker).length > 0),
      )
      .map(({ Key }) => `${Key} was deleted, and not every copy of its plan was there`);
  },
};

const goneInDrafts: Invariant = {
  name: 'nothing is deleted that the drafts have',
  async holds(world) {
    const drafts = new Set(world.cloud.bucket(DRAFTS).keys());
    const { made } = await versionsOfRuns(world);
    const problems = await Promise.all(
      made
        .filter(({ Key, ETag }) => ETag === undefined && drafts.has(Key))
        .map(async ({ Key, LastModified }) => {
          const since = (await head(world, DRAFTS, Key)).LastModified;
          // No time passes between a person's call and the run: the same moment is before it.
          return since.getTime() <= LastModified.getTime() ? [`${Key} was deleted, and the drafts have it`] : [];
        }),
    );
    return problems.flat();
  },
};

const approvedDeletions: Invariant = {
  name: 'more than a few are deleted only when somebody has approved it',
  async holds(world) {
    const { made } = await versionsOfRuns(world);
    const requests = world.cloud.table(`${PUBLISH}/Gate/Requests`).items();
    const deleted = made.filter(({ ETag }) => ETag === undefined);
    const allowed = (planned: Planned) => {
      const { counts, execution } = planned.plan;
      if (counts.delete <= UNASKED.count && counts.delete * 100 <= UNASKED.percent * counts.destination) return true;
      return world.runs
        .filter(({ name, input }) => name === execution || (JSON.parse(input) as { applyPlan?: string }).applyPlan === planned.key)
        .some(({ arn }) => requests.some(({ executionArn, status }) => executionArn === arn && status === 'APPROVED'));
    };
    const plans = plansIn(world).filter(allowed);
    return deleted
      .filter(({ Key }) => !plans.some(({ lines }) => lines.some(({ action, key }) => action === 'delete' && key === Key)))
      .map(({ Key }) => `${Key} was deleted with more than may go unasked, and nobody approved it`);
  },
};

const wholeReport: Invariant = {
  name: 'the report of a run that says SYNCED has every key of the plan once, and counts them',
  holds: (world) =>
    syncedRuns(world).flatMap(({ name, output: { plan, report, lines: linesKey, counts } }) => {
      const { lines } = planOf(world, plan);
      const bucket = results(world);
      const reported = (linesKey === undefined ? [] : linesOf(bucket.text(linesKey))) as unknown as ReportLine[];
      const done = (outcome: ReportLine['outcome']) =>
        outcome === 'deleted' || outcome === 'absent' ? 'delete' : outcome === 'failed' ? outcome : 'copy';
      const found = reported.map(({ key, outcome }) => `${done(outcome)} ${key}`).sort();
      const expected = lines
        .filter(({ action }) => action !== 'skip')
        .map((line) => `${isCopy(line) ? 'copy' : line.action} ${line.key}`)
        .sort();
      const { copied, replaced, present, deleted, absent, failed, skipped } = counts;
      const sum = copied + replaced + present + deleted + absent + failed + skipped;
      const written = bucket.json(report) as unknown as { status: string; counts: unknown };
      return [
        ...(JSON.stringify(found) === JSON.stringify(expected)
          ? []
          : [`the run ${name} planned ${expected.join(', ')}; it reports ${found.join(', ')}`]),
        ...(sum === lines.length ? [] : [`the run ${name} counts ${sum} keys, its plan has ${lines.length}`]),
        ...(written.status === 'SYNCED' && JSON.stringify(written.counts) === JSON.stringify(counts)
          ? []
          : [`the report of the run ${name} says ${JSON.stringify(written)}`]),
      ];
    }),
};

/** Whether a run that the row names by its ARN still goes on. */
const goesOn = ({ runs }: World, arn: unknown): boolean => runs.some((run) => run.arn === arn && run.status === 'RUNNING');

const leaseGivenBack: Invariant = {
  name: 'no lease is held by a run that has ended',
  holds: (world) =>
    world.cloud
      .table(`${PUBLISH}/Lease/Leases`)
      .items()
      .filter(({ holder, execution }) => holder !== undefined && !goesOn(world, execution))
      .map(({ key, execution }) => `${key} is held by ${execution}, which has ended`),
};

/** The link of a run that failed or was stopped goes nowhere: whoever follows it is told so, and it must not live on. */
const requestsEnd: Invariant = {
  name: 'every decision arrives, and no request can be decided for more than a day',
  holds: ({ cloud }) =>
    cloud
      .table(`${PUBLISH}/Gate/Requests`)
      .items()
      .flatMap(({ requestId, unanswered, createdAt, expiresAt }) => [
        ...(unanswered === undefined ? [] : [`the decision of request ${requestId} still waits to be passed on`]),
        ...(Date.parse(String(expiresAt)) - Date.parse(String(createdAt)) <= DAY * 1000
          ? []
          : [`request ${requestId} can be decided until ${expiresAt}`]),
      ]),
};

/** What must be true of the website, its plans and its reports, whatever fails. */
export const invariants: Invariants = {
  hold: [sameAsPlanned, wholeCopies, nothingElse, deletedLast, goneInDrafts, approvedDeletions, wholeReport, leaseGivenBack, requestsEnd],
  scenarios: ['changed-new-gone', 'dry-run', 'empty-source', 'approved', 'rejected', 'busy', 'copy-fails', 'plan-applied', 'invalid-input'],
  // The editor has a day, and the sweeper an hour more.
  patience: 2 * DAY,
  unreached: [
    ...BULK_UNREACHED,
    {
      what: '*IsDone → *',
      why: 'More than a function does in a quarter of an hour: the tests of the handlers leave them no time, and have them go on.',
    },
  ],
  unusedPermissions: [
    {
      what: '*/Functions/Copy/Role: s3:*Multipart*',
      why: 'Only objects above 5 GB are copied in parts: the tests of the handler copy in smaller ones.',
    },
    { what: '*: sqs:SendMessage on *DeadLetters*', why: 'Events that can start nothing: the tests of Trigger send some.' },
  ],
  waived: [
    {
      invariant: 'the second time ends as if nothing had been',
      fault: 'redrive',
      at: '*',
      why: 'A run that is stopped has lost its lease: redriven, it does its steps and says LeaseLost, since another may have worked meanwhile.',
    },
  ],
};
