import { createHash } from 'node:crypto';
import { verifyChain } from '../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../lib/blocks/approval-gate/handlers/audit-record';
import type { PublishedModel } from '../../lib/model-approval/handlers/current';
import type { Review } from '../../lib/model-approval/handlers/review';
import type { Invariant, Invariants, World } from '../../local/sweep';
import { GATE } from './reviewing';
import { MACHINE, MODELS, TRAINING } from './training';

const DAY = 86_400;
const REVIEWS = `${MACHINE}/Reviews`;
const NEEDED = 2;

interface Version {
  readonly Key: string;
  readonly VersionId: string;
}

interface Request {
  readonly requestId: string;
  /** JSON. */
  readonly summary: string;
  readonly unanswered?: string;
}

interface Found {
  /** Of the object that says so. */
  readonly key: string;
  readonly model: PublishedModel;
}

async function bytesOf({ cloud }: World, bucket: string, Key: string, VersionId?: string): Promise<Buffer> {
  const { Body } = await cloud.operate<{ Body: Buffer }>('s3', 'GetObject', { Bucket: cloud.bucket(bucket).name, Key, VersionId });
  return Body;
}

async function versionsOf({ cloud }: World, bucket: string): Promise<Version[]> {
  return (await cloud.operate<{ Versions: Version[] }>('s3', 'ListObjectVersions', { Bucket: cloud.bucket(bucket).name })).Versions;
}

/** All that applications could ever follow: each pointer and manifest of the destination, replaced ones too. */
async function publishedIn(world: World): Promise<Found[]> {
  const found = (await versionsOf(world, MODELS)).filter(({ Key }) => /\/(current|manifest)\.json$/.test(Key));
  return Promise.all(
    found.map(async ({ Key, VersionId }) => ({
      key: Key,
      model: JSON.parse((await bytesOf(world, MODELS, Key, VersionId)).toString()) as PublishedModel,
    })),
  );
}

const requestsIn = ({ cloud }: World) => cloud.table(`${GATE}/Requests`).items() as unknown as Request[];

const auditIn = ({ cloud }: World) => cloud.table(`${GATE}/Audit`).items() as unknown as AuditRecord[];

/** Whose decision it was counts only if they were shown the hash of what is published. */
const approvedOnly: Invariant = {
  name: 'nothing is published that two have not approved by its hash, neither of whom trained it',
  async holds(world) {
    const found = await publishedIn(world);
    return found.flatMap(({ key, model: { execution, review, trainedBy, version } }) => {
      const run = world.runs.find(({ name }) => name === execution);
      const shown = new Set(
        requestsIn(world)
          .filter(({ summary }) => summary.includes(review.sha256))
          .map(({ requestId }) => requestId),
      );
      const approvals = auditIn(world).filter(
        ({ executionArn, decision, requestId }) => executionArn === run?.arn && decision === 'APPROVED' && shown.has(requestId),
      );
      const people = new Set(approvals.map(({ approver }) => approver.toLowerCase()));
      people.delete(trainedBy.toLowerCase());
      return people.size >= NEEDED ? [] : [`${key} has version ${version}, which ${people.size} have approved`];
    });
  },
};

const exactCopies: Invariant = {
  name: 'who follows a pointer or a manifest finds all files, each as the version that was reviewed',
  async holds(world) {
    const problems = await Promise.all(
      (await publishedIn(world)).flatMap(({ key, model: { folder, artifacts } }) =>
        artifacts.map(async ({ name, source }) => {
          const copy = world.cloud.bucket(MODELS).bytes(folder + name);
          if (!copy) return `${key} names ${name}, which is not there`;
          const original = await bytesOf(world, TRAINING, source.key, source.versionId);
          return copy.equals(original) ? undefined : `${folder}${name} is not version ${source.versionId} of ${source.key}`;
        }),
      ),
    );
    return problems.filter((problem) => problem !== undefined);
  },
};

const reviewKept: Invariant = {
  name: 'of what is published it is kept what was reviewed, by the hash that was decided about',
  async holds(world) {
    const problems = await Promise.all(
      (await publishedIn(world)).map(async ({ key, model }) => {
        const bytes = world.cloud.bucket(REVIEWS).bytes(model.review.key) ?? Buffer.from('');
        if (createHash('sha256').update(bytes).digest('hex') !== model.review.sha256) return `the review of ${key} is another one`;
        const pinned = (JSON.parse(bytes.toString()) as Review).artifacts.map(({ name, versionId }) => `${name} ${versionId}`);
        const copied = model.artifacts.map(({ name, source }) => `${name} ${source.versionId}`);
        return pinned.join() === copied.join() ? undefined : `${key} has ${copied}, and ${pinned} was reviewed`;
      }),
    );
    return problems.filter((problem) => problem !== undefined);
  },
};

const truthTold: Invariant = {
  name: 'what runs say of themselves is true',
  async holds(world) {
    const found = await publishedIn(world);
    return world.runs.flatMap(({ name, output }) => {
      const { status, current, folder } = (output ?? {}) as { status?: string; current?: string; folder?: string };
      const keys = found.filter(({ model }) => model.execution === name).map(({ key }) => key);
      if (status === 'PUBLISHED')
        return [current, `${folder}manifest.json`].filter((key) => !keys.includes(`${key}`)).map((key) => `${name} has not written ${key}`);
      return status === undefined ? [] : keys.map((key) => `${name} says ${status}, and has written ${key}`);
    });
  },
};

/** Files that were copied before a run failed stay, and nobody is pointed to them. */
const filesOnce: Invariant = {
  name: 'no file of a model is ever overwritten',
  async holds(world) {
    const files = (await versionsOf(world, MODELS)).map(({ Key }) => Key).filter((key) => !/\/(current|manifest)\.json$/.test(key));
    return files.filter((key, index) => files.indexOf(key) < index).map((key) => `${key} was written twice`);
  },
};

const unbrokenAudit: Invariant = {
  name: 'the audit is unbroken, and every decision arrives',
  holds: (world) => {
    const { broken } = verifyChain(auditIn(world));
    return [
      ...(broken ? [`record ${broken.record}: ${broken.problem}`] : []),
      ...requestsIn(world).flatMap(({ requestId, unanswered }) =>
        unanswered ? [`the decision of ${requestId} still waits to be passed on`] : [],
      ),
    ];
  },
};

const nobodyWaits: Invariant = {
  name: 'no lease is held, and nobody waits for files, once all runs have ended',
  holds: ({ cloud }) => [
    ...cloud
      .table(`${MACHINE}/Lease/Leases`)
      .items()
      .filter(({ holder }) => holder !== undefined)
      .map(({ key, execution }) => `${key} is held by ${execution}`),
    ...cloud
      .table(`${MACHINE}/Arrivals/Waiters`)
      .items()
      .map(({ executionArn }) => `${executionArn} waits for files`),
  ],
};

/** What must be true of models, reviews and decisions, whatever fails. */
export const invariants: Invariants = {
  hold: [approvedOnly, exactCopies, reviewKept, truthTold, filesOnce, unbrokenAudit, nobodyWaits],
  // Three days for the reviewers, two weeks for the turn.
  patience: 18 * DAY,
  // What the others do otherwise, none of them calls otherwise.
  scenarios: [
    'approved',
    'approved-at-desk',
    'not-hers',
    'denied',
    'expired',
    'trainer-reviews',
    'version-deleted',
    'started-twice',
    'two-versions',
    'rolled-back-meanwhile',
    'file-comes-late',
    'file-missing',
    'malformed-manifest',
    'large-file',
    'no-manifest',
  ],
  unreached: [
    {
      what: '*AwaitArtifacts retries ObjectCheckFailed',
      why: 'What passes is tried again by the SDK before it comes to that; the tests of ObjectGate have it fail for longer.',
    },
    { what: '* retries States.QueryEvaluationError', why: 'No expression of a message fails, and no attempt is left for it.' },
    {
      what: '*IsCopied → CopyArtifacts',
      why: 'More than a function copies in a quarter of an hour: the tests of the handler leave it no time, and call it again.',
    },
    { what: '*OneAtATimeBusy*', why: 'Two weeks of questions about one model; the tests of Lease wait so long.' },
    { what: 'ModelApproval/Withdrawal: *InvalidInput', why: 'A withdrawal gets what the scenario gives it, which is valid.' },
  ],
  unusedPermissions: [
    { what: '*/OnManifest/Start/Role: sqs:SendMessage*', why: 'Events that can start nothing: the tests of Trigger send some.' },
  ],
  waived: [
    {
      invariant: 'the second time ends as if nothing had been',
      fault: 'redrive',
      at: 'ListVersions *',
      why: 'The withdrawal that is redriven is not the last run: the review comes after it, and fails as it does without a fault.',
    },
  ],
};
