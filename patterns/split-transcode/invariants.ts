import type { Plan } from '../../lib/split-transcode/handlers/plan';
import type { VerifyAnswer } from '../../lib/split-transcode/handlers/verify-rendition';
import { allResources } from '../../local/assembly';
import type { Invariant, Invariants, World } from '../../local/sweep';
import { BULK_UNREACHED } from '../bulk-results';
import { differences } from './compare-clips';

const CLIPS = 'SplitTranscode/Clips';
const RENDITIONS = 'SplitTranscode/Renditions';
const WORK = 'SplitTranscode/Transcoding/BulkMap/Results';
const WORK_FOLDER = 'transcode/work/';

/** The metadata of a rendition that says what it was made of: the folder of its plan. */
const MADE_OF = 'stepworks-transcode';
/** And of which version. */
const MADE_FROM = 'stepworks-transcode-source';

/** The pictures of the sample's renditions. */
const SIZES: Readonly<Record<string, string>> = { small: '160x90', large: '256x144' };

interface Head {
  readonly ETag: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

interface Published extends Head {
  readonly key: string;
  /** What it says that it was made of. */
  readonly plan: Plan;
}

interface Output {
  readonly status: 'TRANSCODED' | 'PRESENT' | 'SUPERSEDED';
  readonly renditions?: readonly { readonly key: string }[];
}

const headOf = ({ cloud }: World, bucket: string, key: string): Promise<Head> =>
  cloud.operate<Head>('s3', 'HeadObject', { Bucket: cloud.bucket(bucket).name, Key: key });

function publishedIn(world: World): Promise<Published[]> {
  const { cloud } = world;
  return Promise.all(
    cloud
      .bucket(RENDITIONS)
      .keys()
      .map(async (key) => {
        const head = await headOf(world, RENDITIONS, key);
        const plan = cloud.bucket(WORK).json(`${WORK_FOLDER}${head.Metadata?.[MADE_OF]}/plan.json`) as unknown as Plan;
        return { ...head, key, plan };
      }),
  );
}

/** The last run that was started, if it succeeded. */
function lastOf({ runs }: World): { readonly name: string; readonly output: Output } | undefined {
  const last = runs.at(-1);
  return last?.status === 'SUCCEEDED' ? { name: last.name, output: last.output as unknown as Output } : undefined;
}

/** What was said of joined files. */
function verdictsIn({ runs }: World): VerifyAnswer[] {
  return runs.flatMap(({ history }) =>
    history.flatMap(({ stateExitedEventDetails: exited }) =>
      exited?.name === 'VerifyRendition' ? [JSON.parse(exited.output ?? 'null') as VerifyAnswer] : [],
    ),
  );
}

/** ETags of joined files in which no run that verified them found anything wrong. */
function approvedIn(world: World): ReadonlySet<string> {
  return new Set(verdictsIn(world).flatMap(({ etag, problems }) => (etag !== undefined && problems.length === 0 ? [etag] : [])));
}

const verified: Invariant = {
  name: 'nothing is published that was not verified',
  async holds(world) {
    const approved = approvedIn(world);
    return (await publishedIn(world))
      .filter(({ ETag }) => !approved.has(ETag))
      .map(({ key, ETag }) => `${key} is ${ETag}, and verified were ${[...approved].join(', ') || 'none'}`);
  },
};

const whole: Invariant = {
  name: 'what is published is all of one version of the clip',
  async holds(world) {
    const { cloud } = world;
    const Bucket = cloud.bucket(CLIPS).name;
    const problems = await Promise.all(
      (await publishedIn(world)).map(async ({ key, plan }) => {
        const rendition = plan.renditions.find(({ output }) => output === key);
        if (!rendition) return [`${key} is none of the renditions of what it says it was made of`];
        const { key: Key, versionId: VersionId } = plan.source;
        const { Body } = await cloud.operate<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket, Key, VersionId });
        const made = cloud.bucket(RENDITIONS).bytes(key) ?? Buffer.of();
        return differences(made, Body, SIZES[rendition.name]).map((problem) => `${key}: ${problem}`);
      }),
    );
    return problems.flat();
  },
};

/** In every scenario nobody uploads after the last run. */
const current: Invariant = {
  name: 'after a run that succeeds all its renditions are there, of the clip as it is',
  async holds(world) {
    const last = lastOf(world);
    if (!last) return [];
    const published = await publishedIn(world);
    // One that was superseded tells of none: those of the newer version are there.
    const { renditions = published } = last.output;
    return Promise.all(
      renditions.map(async ({ key }) => {
        const found = published.find((one) => one.key === key);
        if (!found) return `the run ${last.name} ${last.output.status}, and ${key} is not there`;
        const { ETag } = await headOf(world, CLIPS, found.plan.source.key);
        return found.plan.source.etag === ETag ? '' : `${key} is made of ${found.plan.source.etag}, the clip is ${ETag}`;
      }),
    ).then((problems) => problems.filter(Boolean));
  },
};

const neverBack: Invariant = {
  name: 'what was made of a newer version is not replaced by what is made of an older one',
  async holds(world) {
    const { cloud } = world;
    const { Versions = [] } = await cloud.operate<{ Versions?: { VersionId: string }[] }>('s3', 'ListObjectVersions', {
      Bucket: cloud.bucket(CLIPS).name,
    });
    const newestFirst = Versions.map(({ VersionId }) => VersionId);
    const shown = new Map<string, number>();
    return changesIn(world).flatMap(({ bucket, key, madeFrom }) => {
      if (bucket !== cloud.bucket(RENDITIONS).name || madeFrom === undefined) return [];
      const [before, now] = [shown.get(key), newestFirst.indexOf(madeFrom)];
      shown.set(key, now);
      return before !== undefined && now > before ? [`${key} of ${newestFirst[before]} was replaced by that of ${madeFrom}`] : [];
    });
  },
};

const tidy: Invariant = {
  name: 'of a clip that is transcoded only the plan is left',
  async holds(world) {
    const last = lastOf(world);
    if (last?.output.status !== 'TRANSCODED') return [];
    const [{ plan }] = await publishedIn(world);
    return world.cloud
      .bucket(WORK)
      .keys(plan.folder)
      .filter((key) => key.endsWith('.mp4'))
      .map((key) => `${key} is left`);
  },
};

const expiring: Invariant = {
  name: 'what a failed run leaves expires',
  holds: ({ cloud }) => {
    const bucket = cloud.stacks.flatMap(allResources).find(({ path }) => path === `${WORK}/Resource`);
    const rules = (bucket?.properties.LifecycleConfiguration?.Rules ?? []) as {
      Status: string;
      Prefix?: string;
      ExpirationInDays?: number;
    }[];
    const expires = (key: string) =>
      rules.some(
        ({ Status, Prefix = '', ExpirationInDays = Infinity }) => Status === 'Enabled' && key.startsWith(Prefix) && ExpirationInDays <= 7,
      );
    return cloud
      .bucket(WORK)
      .keys()
      .filter((key) => !expires(key))
      .map((key) => `${key} stays forever`);
  },
};

interface Change {
  readonly bucket: string;
  readonly key: string;
  readonly is: 'written' | 'deleted';
  /** Of what is written. */
  readonly madeOf?: string;
  readonly madeFrom?: string;
}

/** Objects that functions have written or deleted, in order. What the fault cut off is not recorded. */
function changesIn({ cloud }: World): Change[] {
  return cloud.calls
    .filter(({ service, error, principal }) => service === 's3' && !error && principal.kind === 'role')
    .flatMap(({ operation, input }): Change[] => {
      const { Bucket: bucket, Key: key, Metadata, Delete } = input as unknown as Written & Deleted;
      if (operation === 'PutObject' || operation === 'CopyObject')
        return [{ bucket, key, is: 'written', madeOf: Metadata?.[MADE_OF], madeFrom: Metadata?.[MADE_FROM] }];
      return (Delete?.Objects ?? []).map((object): Change => ({ bucket, key: object.Key, is: 'deleted' }));
    });
}

interface Written {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata?: Head['Metadata'];
}

interface Deleted {
  readonly Delete?: { readonly Objects: readonly { readonly Key: string }[] };
}

const onlyWhatIsMissing: Invariant = {
  name: 'nothing is encoded that is there already',
  holds(world) {
    const renditions = world.cloud.bucket(RENDITIONS).name;
    // An attempt that was cut off had found it bad, and had deleted what is to blame: that is not recorded.
    const untold = verdictsIn(world).some(({ problems }) => problems.includes('the joined file is no longer there'));
    const there = new Set<string>();
    const published = new Map<string, string | undefined>();
    const problems: string[] = [];
    for (const { bucket, key, is, madeOf } of changesIn(world)) {
      if (bucket === renditions) {
        published.set(key, madeOf);
      } else if (is === 'deleted') {
        there.delete(key);
      } else if (/\/(audio|\d+)[.]mp4$/.test(key)) {
        const [fingerprint] = key.slice(WORK_FOLDER.length).split('/');
        const made = [...published.values()].filter((one) => one === fingerprint);
        if (there.has(key) && !untold) problems.push(`${key} was encoded again, and it was there`);
        if (made.length === Object.keys(SIZES).length) problems.push(`${key} was encoded, and all renditions were published`);
        there.add(key);
      }
    }
    return problems;
  },
};

/** What must be true of clips, renditions and what is kept meanwhile, whatever fails. */
export const invariants: Invariants = {
  hold: [verified, whole, current, neverBack, tidy, expiring, onlyWhatIsMissing],
  unreached: [
    ...BULK_UNREACHED,
    {
      what: '*SegmentsMissing*',
      why: 'Another run of the same clip cleans up meanwhile: the tests of the sample have it happen to a run that is redriven.',
    },
    {
      what: '*PublishRenditions catches OutputChanged*',
      why: 'Another run of the same clip joins it again meanwhile: the tests of the sample have it happen to a run that is redriven.',
    },
    {
      what: '*EncodeLarge retries AmazonECS.Unknown',
      why: 'Where Fargate has no capacity, or a subnet no address: none of it runs out here.',
    },
    { what: '*NotVerified', why: 'Bad three times: the tests of SplitTranscode have a verdict that is always bad.' },
    {
      what: '*JoinRenditions catches OutputTooLarge*',
      why: 'A rendition above 5 GiB, a disk or a memory that is full: the tests of SplitTranscode have them.',
    },
  ],
  unusedPermissions: [
    {
      what: '*/Functions/Transcode/Role: s3:GetObject on *',
      why: 'For sources without versions; these clips have some. The tests of SplitTranscode read one without.',
    },
    { what: '*/Large/Task/TaskRole: s3:GetObject on *', why: 'For sources without versions; these clips have some.' },
    {
      what: '*/Large/ExecutionRole: logs:* on *',
      why: 'ECS itself writes what the container says; a process of this machine runs in its place.',
    },
  ],
};
