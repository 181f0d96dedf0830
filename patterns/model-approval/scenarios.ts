import {
  ApproverAtWork,
  assertSame,
  containing,
  type Driver,
  type Expected,
  matching,
  type Pattern,
  type Run,
  type Scenario,
  type ScenarioExpectation,
} from '../../local';
import { ANN, atDesk, BOB, CY, type Decision, decide, tryInCysPlace } from './reviewing';
import {
  churn,
  folderOf,
  MACHINE,
  MODELS,
  manifestOf,
  TRAINER,
  TRAINING,
  type Trained,
  train,
  writeFiles,
  writeManifest,
} from './training';

const REVIEWS = 'ModelApproval/Approval/Reviews';
const WITHDRAWAL = 'ModelApproval/Withdrawal';
const OPERATOR = 'operator@example.com';
const CURRENT = 'models/churn/current.json';
const MINUTE = 60;
const HOUR = 3600;

const READ = ['ValidateInput', 'ReviewAndPublish', 'ReadManifest'];
const PINNED = [...READ, 'AwaitArtifacts', 'PinArtifacts'];
const TURN = ['OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATime'];
const LATER_TURN = ['OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATimeContend', 'OneAtATime'];
const ASKED = ['CompareWithCurrent', 'IsInForce', 'ReviewModelQuestion', 'ReviewModel'];
const COPYING = [...ASKED, 'ReviewModelDecided', 'ReviewModelApproved', 'CopyArtifacts'];
const PUBLISHING = [...COPYING, 'IsCopied', 'PublishModel'];
const PUBLISHED = [...PUBLISHING, 'TellPublished', 'TellPublishedDone', 'OneAtATimeRelease'];
const NOT_APPROVED = ['TellNotApproved', 'TellNotApprovedDone', 'OneAtATimeRelease'];
const FAILED = ['TellFailed', 'ReviewFailed'];
const FAILED_IN_TURN = ['OneAtATimeReleaseAfterError', 'OneAtATimeFailed', ...FAILED];

interface Published {
  readonly version: string;
  readonly folder: string;
  readonly artifacts: readonly { readonly name: string }[];
}

/** What applications find: through the pointer, every file as it was trained. */
async function assertInForce(driver: Driver, { version, files }: Trained): Promise<void> {
  const current = JSON.parse(await driver.readObject(MODELS, CURRENT)) as Published;
  assertSame(version, current.version, 'the version that is in force');
  assertSame(
    Object.keys(files),
    current.artifacts.map(({ name }) => name),
    'its files',
  );
  for (const [name, body] of Object.entries(files)) {
    const found = await driver.readObject(MODELS, current.folder + name);
    if (found !== Buffer.from(body as string).toString()) throw new Error(`${name} of version ${version} is not what was trained`);
  }
}

/** Nothing was written where applications look. */
async function assertUntouched(driver: Driver): Promise<void> {
  assertSame([], await driver.objectKeys(MODELS), 'keys of the destination');
}

const asked = (person: string): Expected => containing({ to: person, subject: 'Approval needed: Publish this model?' });
const told = (subject: RegExp): Expected => containing({ to: OPERATOR, subject: matching(subject) });
/** By the workflow, and from outside of it. */
const toldTwice = [told(/^Failed: models\/churn\/7\/manifest\.json$/), containing({ to: OPERATOR })];

/** @param turn how its turn came */
const inForce = (version: string, by: string, turn: readonly string[] = TURN): ScenarioExpectation => ({
  status: 'SUCCEEDED',
  statesVisited: [...PINNED, ...turn, ...PUBLISHED],
  output: containing({
    status: 'PUBLISHED',
    model: 'churn',
    version,
    files: 3,
    approval: containing({ decision: 'APPROVED', by }),
    folder: matching(new RegExp(`^models/churn/${version}/[0-9a-f]{16}/$`)),
    current: CURRENT,
  }),
});

const refused = (error: string, cause: RegExp, statesVisited: readonly string[]): ScenarioExpectation => ({
  status: 'FAILED',
  error,
  cause: matching(cause),
  statesVisited,
});

/** A scenario that begins with a training run. */
const scenario = (told: Omit<Scenario, 'stateMachine' | 'input'>): Scenario => ({ stateMachine: MACHINE, input: {}, ...told });

/** What happens to a model between its training and what is looked at then. */
interface Reviewed {
  readonly model?: Trained;
  /** While people are asked. */
  meanwhile?(driver: Driver): Promise<void>;
  /** @default 'APPROVED' */
  readonly decision?: Decision;
  readonly people?: readonly string[];
  /** @default - that it is in force */
  look?(driver: Driver, model: Trained): Promise<void>;
}

const reviewed =
  ({ model = seven, meanwhile, decision = 'APPROVED', people = [ANN, BOB], look = assertInForce }: Reviewed = {}) =>
  async (driver: Driver): Promise<Run> => {
    const run = await train(driver, model);
    await meanwhile?.(driver);
    await decide(driver, decision, ...people);
    await driver.finished(run);
    await look(driver, model);
    return run;
  };

const seven = churn('7', 0.913);
const eight = churn('8', 0.921);
const ANOTHER = '{ "weights": "somebody else\'s" }';

const MIB = 1024 ** 2;
/** No two of its three parts are the same. */
const large = Buffer.concat([Buffer.alloc(5 * MIB, 'one '), Buffer.alloc(5 * MIB, 'two '), Buffer.alloc(MIB, 'three ')]);

const scenarios: Scenario[] = [
  scenario({
    name: 'approved',
    title: 'Two of three reviewers approve: the model is copied, read back, and put in force',
    play: reviewed(),
    expected: {
      ...inForce('7', BOB),
      mails: [asked(ANN), asked(BOB), told(/^Published: churn 7$/)],
    },
  }),
  scenario({
    name: 'approved-at-desk',
    title: 'One approves by mail, the other at the desk, by a request that is signed with AWS credentials',
    play: reviewed({ people: [ANN, CY] }),
    expected: {
      ...inForce('7', CY),
      mails: [asked(ANN), asked(BOB), told(/^Published: churn 7$/)],
    },
  }),
  scenario({
    name: 'not-hers',
    title:
      'At the desk the trainer, and a reviewer who was asked by mail, try to decide in the place of a third: neither may, and both others reject',
    play: reviewed({
      async meanwhile(driver) {
        for (const person of [TRAINER, ANN]) await tryInCysPlace(driver, person);
      },
      decision: 'REJECTED',
      people: [CY, BOB],
      look: assertUntouched,
    }),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PINNED, ...TURN, ...ASKED, 'ReviewModelDecided', ...NOT_APPROVED],
      output: containing({ status: 'REJECTED', approval: containing({ decision: 'REJECTED', by: BOB }) }),
      mails: [asked(ANN), asked(BOB), told(/^Not approved: churn 7$/)],
    },
  }),
  scenario({
    name: 'denied',
    title: 'Two of three reject: nothing is published, and it is told',
    play: reviewed({ decision: 'REJECTED', look: assertUntouched }),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PINNED, ...TURN, ...ASKED, 'ReviewModelDecided', ...NOT_APPROVED],
      output: containing({ status: 'REJECTED', approval: containing({ decision: 'REJECTED' }) }),
      mails: [asked(ANN), asked(BOB), told(/^Not approved: churn 7$/)],
    },
  }),
  scenario({
    name: 'expired',
    title: 'One approves, the others are reminded and let three days pass: nothing is published, and it is told',
    requires: ['timeSkip'],
    async play(driver) {
      const run = await train(driver, seven);
      await decide(driver, 'APPROVED', ANN);
      await driver.skip(73 * HOUR);
      await assertUntouched(driver);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PINNED, ...TURN, ...ASKED, ...NOT_APPROVED],
      output: containing({ status: 'EXPIRED' }),
      mails: [asked(ANN), asked(BOB), containing({ to: BOB, subject: matching(/^Reminder: /) }), told(/^Not approved: churn 7$/)],
    },
  }),
  scenario({
    name: 'trainer-reviews',
    title: 'A reviewer has trained the model: both others have to approve',
    play: reviewed({ model: { ...seven, trainedBy: 'Ann@example.com' }, people: [BOB, CY] }),
    expected: {
      ...inForce('7', CY),
      mails: [asked(BOB), told(/^Published: churn 7$/)],
    },
  }),
  scenario({
    name: 'changed-after-review',
    title: 'A file is replaced while it is reviewed: what was reviewed is published',
    play: reviewed({ meanwhile: (driver) => driver.putObject(TRAINING, `${folderOf('7')}model.json`, ANOTHER) }),
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'replaced-before-review',
    title: 'Of three files two come late, and the first is replaced meanwhile: the one that was there with the manifest is meant',
    requires: ['timeSkip'],
    async play(driver) {
      const { 'model.json': model, ...late } = seven.files;
      await writeFiles(driver, { ...seven, files: { 'model.json': model } });
      const run = await writeManifest(driver, '7', manifestOf(seven));
      await driver.skip(10 * MINUTE);
      await writeFiles(driver, { ...seven, files: { 'model.json': ANOTHER, ...late } });
      await decide(driver, 'APPROVED', ANN, BOB);
      await driver.finished(run);
      await assertInForce(driver, seven);
      return run;
    },
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'deleted-after-review',
    title: 'A file gets a delete marker while it is reviewed: its version is still there, and is published',
    play: reviewed({ meanwhile: (driver) => driver.deleteObject(TRAINING, `${folderOf('7')}model.json`) }),
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'version-deleted',
    title: 'A file is withdrawn for good while it is reviewed: nothing is published',
    play: reviewed({
      meanwhile: async (driver) => driver.finished(await driver.start(WITHDRAWAL, { key: `${folderOf('7')}model.json` })),
      look: assertUntouched,
    }),
    expected: {
      ...refused('ArtifactGone', /has been deleted: model\.json \(version /, [...PINNED, ...TURN, ...COPYING, ...FAILED_IN_TURN]),
      mails: [asked(ANN), asked(BOB), ...toldTwice],
    },
  }),
  scenario({
    name: 'review-replaced',
    title: 'The record of the review is replaced: what is in it was not approved, and nothing is published',
    play: reviewed({
      async meanwhile(driver) {
        const [key] = await driver.objectKeys(REVIEWS);
        await driver.putObject(REVIEWS, key, (await driver.readObject(REVIEWS, key)).replace('model.json', 'other.json'));
      },
      look: assertUntouched,
    }),
    expected: refused('ReviewChanged', /has the SHA-256 [0-9a-f]{64}, and what was reviewed [0-9a-f]{64}$/, [
      ...PINNED,
      ...TURN,
      ...COPYING,
      ...FAILED_IN_TURN,
    ]),
  }),
  scenario({
    name: 'started-twice',
    title: 'The same manifest is reviewed twice at the same time: people are asked once',
    requires: ['timeSkip'],
    async play(driver) {
      await train(driver, seven);
      const second = await driver.start(MACHINE, { key: `${folderOf('7')}manifest.json` });
      await decide(driver, 'APPROVED', ANN, BOB);
      await driver.skip(3 * HOUR);
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...PINNED, ...LATER_TURN, 'CompareWithCurrent', 'IsInForce', 'AlreadyInForce', 'OneAtATimeRelease'],
      output: containing({ status: 'PRESENT', version: '7' }),
      mails: [asked(ANN), asked(BOB), told(/^Published: churn 7$/)],
    },
  }),
  scenario({
    name: 'two-versions',
    title: 'A second version is trained while the first is reviewed: it waits for its turn, and is compared with the first',
    requires: ['timeSkip'],
    async play(driver) {
      await train(driver, seven);
      const second = await train(driver, eight);
      await decide(driver, 'APPROVED', ANN, BOB);
      await assertInForce(driver, seven);
      await driver.skip(3 * HOUR);
      const { summary } = await atDesk(driver);
      for (const shown of ['auc 0.921 (0.913 in force)', 'version 7'])
        if (!summary.includes(shown)) throw new Error(`the desk shows nothing of ${shown}: ${summary}`);
      await decide(driver, 'APPROVED', ANN, BOB);
      await driver.finished(second);
      await assertInForce(driver, eight);
      return second;
    },
    expected: inForce('8', BOB, LATER_TURN),
  }),
  scenario({
    name: 'rolled-back-meanwhile',
    title: 'An operator goes back to version 7 while version 9 is compared with 8: the approval of 9 replaces nothing else',
    async play(driver) {
      await reviewed()(driver);
      const before = await driver.readObject(MODELS, CURRENT);
      await reviewed({ model: eight })(driver);
      return reviewed({
        model: churn('9', 0.93),
        meanwhile: () => driver.putObject(MODELS, CURRENT, before),
        look: () => assertInForce(driver, seven),
      })(driver);
    },
    expected: refused('CurrentChanged', /version 7 is in force now/, [...PINNED, ...TURN, ...PUBLISHING, ...FAILED_IN_TURN]),
  }),
  scenario({
    name: 'file-comes-late',
    title: 'A file comes ten minutes after its manifest: it is waited for',
    requires: ['timeSkip'],
    async play(driver) {
      const run = await writeManifest(driver, '7', manifestOf(seven));
      await driver.skip(10 * MINUTE);
      await writeFiles(driver, seven);
      await decide(driver, 'APPROVED', ANN, BOB);
      await driver.finished(run);
      await assertInForce(driver, seven);
      return run;
    },
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'file-missing',
    title: 'The manifest names a file that does not come: nobody is asked',
    requires: ['timeSkip'],
    async play(driver) {
      const { 'model.json': _, ...files } = seven.files;
      await writeFiles(driver, { ...seven, files });
      const run = await writeManifest(driver, '7', manifestOf(seven));
      await driver.skip(2 * HOUR);
      await assertUntouched(driver);
      return run;
    },
    expected: {
      ...refused('ArtifactMissing', /names what is not there: model\.json$/, [...PINNED, ...FAILED]),
      mails: toldTwice,
    },
  }),
  scenario({
    name: 'malformed-manifest',
    title: 'The manifest has a wrong version, files elsewhere, and no diagnostics: nobody is asked, and all of it is told',
    async play(driver) {
      const manifest = { model: 'churn', version: '../7', trainedBy: 'dana@example.com', files: ['../secret', 'model.json', 'model.json'] };
      const run = await writeManifest(driver, '7', JSON.stringify(manifest));
      await driver.finished(run);
      return run;
    },
    expected: {
      ...refused('InvalidManifest', /version is no name .*"\.\.\/secret", .*"model\.json" twice; diagnostics is none of the files$/, [
        ...READ,
        ...FAILED,
      ]),
      mails: toldTwice,
    },
  }),
  scenario({
    name: 'no-metrics',
    title: 'The diagnostics are no JSON: there is nothing to decide by',
    async play(driver) {
      const run = await train(driver, { ...seven, files: { ...seven.files, 'metrics.json': 'auc: 0.9' } });
      await driver.finished(run);
      return run;
    },
    expected: refused('InvalidDiagnostics', /metrics\.json can't be shown: they are no JSON$/, [...PINNED, ...FAILED]),
  }),
  scenario({
    name: 'large-file',
    title: 'A file of 11 MiB, copied in three parts',
    play: reviewed({ model: { ...seven, files: { ...seven.files, 'model.json': large } } }),
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'throttled',
    title: 'S3 is busy when the copies are made and when they are read back: tried again, published',
    requires: ['faults', 'timeSkip'],
    play: reviewed({
      async meanwhile(driver) {
        for (const operation of ['CopyObject', 'HeadObject'])
          await driver.fail({ service: 's3', operation, error: 'SlowDown', statusCode: 503, times: 6 });
      },
    }),
    expected: inForce('7', BOB),
  }),
  scenario({
    name: 'answer-lost',
    title: 'The decision is recorded, its answer to Step Functions is lost: the sweeper passes it on, and it is published',
    requires: ['faults', 'timeSkip'],
    async play(driver) {
      const run = await train(driver, seven);
      await decide(driver, 'APPROVED', ANN);
      // As often as the SDK tries by itself.
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', times: 3 });
      await new ApproverAtWork(driver, BOB).decide('APPROVED');
      await driver.skip(HOUR);
      await assertInForce(driver, seven);
      return run;
    },
    expected: inForce('7', BOB),
  }),
  {
    name: 'no-manifest',
    title: 'Started by hand for what is no manifest: refused, nothing is touched',
    stateMachine: MACHINE,
    input: { key: 'models/churn/7/model.json' },
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'key: is not the key of a manifest.json below models/',
      statesVisited: ['ValidateInput', 'InvalidInput'],
    },
  },
];

/** C19: what is published is what was reviewed. */
export const modelApproval: Pattern = {
  name: 'model-approval',
  title: 'Model approval: reviewed by its hash, copied by its versions',
  scenarios,
};
