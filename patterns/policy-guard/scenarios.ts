import {
  ApproverAtWork,
  containing,
  type Driver,
  type Expected,
  type Json,
  matching,
  type Pattern,
  type Run,
  type Scenario,
} from '../../local';

const GUARD = 'PolicyGuard/Guard';
const DRILL = 'PolicyGuard/Drill';
const DEPLOYMENT = 'PolicyGuard/Deployment';
const EVIDENCE = 'PolicyGuard/Guard/Evidence';
const ADMINISTRATOR = 'administrator@example.com';
const OPERATOR = 'operator@example.com';
const TWO_DAYS = 2 * 24 * 3600;

const grants = (...actions: string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
const BAD = grants('s3:GetObject', 'IAM:Pass?ole');
const WORSE = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }] });
const GOOD = grants('s3:GetObject', 'ec2:Describe*');

const EXAMINED = ['ValidateInput', 'Examine', 'Verdict'];
const CONTAINED = [...EXAMINED, 'Contain', 'IsContained', 'TellContained'];
const TURN = ['OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATime'];
const ASKED = ['AskAdministratorQuestion', 'AskAdministrator'];
const RELEASED = ['OneAtATimeRelease'];
const DECIDED = [...ASKED, 'AskAdministratorDecided'];
const APPROVED = [...DECIDED, 'AskAdministratorApproved', 'Restore', 'IsRestored'];
const RESTORED = [...APPROVED, 'ReportRestored', 'ReportRestoredDone', ...RELEASED];
const KEPT = ['ReportKept', 'ReportKeptDone', ...RELEASED];

const about = (subject: RegExp) => containing({ to: OPERATOR, subject: matching(subject) });
const question = containing({ to: ADMINISTRATOR, subject: 'Approval needed: Give this policy its force back?' });

const ended = (status: string, more: Record<string, Expected> = {}): Expected => containing({ status, ...more });
const decidedBy = (decision: string) => ({ approval: containing({ decision, by: ADMINISTRATOR }) });

/** The drill, or another, writes a policy. Gives the run of the guard that this starts. */
async function writes(driver: Driver, call: string, document?: string, by = DRILL): Promise<Run> {
  const before = (await driver.runs(GUARD)).length;
  const run = await driver.start(by, { call, ...(document !== undefined && { document }) });
  await driver.finished(run);
  if (run.status !== 'SUCCEEDED') throw new Error(`${call} could not be called: ${run.error} ${run.cause}`);
  const begun = (await driver.runs(GUARD))[before];
  if (!begun) throw new Error(`${call} has started no run of the guard`);
  return begun;
}

async function decide(driver: Driver, decision: 'APPROVED' | 'REJECTED'): Promise<void> {
  const { status, body } = await new ApproverAtWork(driver, ADMINISTRATOR).decide(decision, 'looked at it');
  if (status !== 200) throw new Error(`the administrator's page answered ${status}: ${body}`);
}

/** What is kept has the document, word for word. */
async function assertKept(driver: Driver, document: string): Promise<void> {
  const kept = await Promise.all((await driver.objectKeys(EVIDENCE, 'cases/')).map((key) => driver.readObject(EVIDENCE, key)));
  const texts = kept.map((text) => (JSON.parse(text) as { live: { text: string } }).live.text);
  if (!texts.includes(document)) throw new Error(`no evidence has ${document}: ${texts.join(', ')}`);
}

const approvedWrite =
  (call: string, document?: string) =>
  async (driver: Driver): Promise<Run> => {
    const run = await writes(driver, call, document);
    if (document !== undefined) await assertKept(driver, document);
    await decide(driver, 'APPROVED');
    return run;
  };

/** A scenario that begins with a call of the drill: its input says which. */
type Told = Pick<Scenario, 'name' | 'title' | 'requires' | 'play' | 'expected'> & { readonly call: string; readonly document?: string };
const scenario = ({ call, document, ...told }: Told): Scenario => ({
  ...told,
  stateMachine: GUARD,
  input: { call, ...(document !== undefined && { document }) } as Json,
});

const restores = (call: string, document?: string) => ({
  call,
  document,
  play: approvedWrite(call, document),
  expected: {
    status: 'SUCCEEDED' as const,
    statesVisited: [...CONTAINED, ...TURN, ...RESTORED],
    output: ended('RESTORED', { ...decidedBy('APPROVED'), restoration: { restored: true, heldBy: [] } }),
    mails: [about(/^Contained: /), question, about(/^Restored: /)],
  },
});

const scenarios: Scenario[] = [
  scenario({
    name: 'compliant',
    title: 'A new version grants nothing that is restricted: nothing happens',
    call: 'CreatePolicyVersion',
    document: GOOD,
    play: (driver) => writes(driver, 'CreatePolicyVersion', GOOD),
    expected: { status: 'SUCCEEDED', statesVisited: [...EXAMINED, 'NothingToDo'], output: ended('COMPLIANT'), mails: [] },
  }),
  scenario({
    name: 'version-approved',
    title: 'A new version grants iam:PassRole: the one before it takes its place; the administrator approves, and it is back',
    ...restores('CreatePolicyVersion', BAD),
  }),
  scenario({
    name: 'user-approved',
    title: 'An inline policy of a user: quarantined, approved, lifted',
    ...restores('PutUserPolicy', BAD),
  }),
  scenario({
    name: 'role-approved',
    title: 'An inline policy of a role that says what it does not grant: quarantined, approved, lifted',
    ...restores('PutRolePolicy', WORSE),
  }),
  scenario({
    name: 'group-approved',
    title: 'An inline policy of a group: quarantined, approved, lifted',
    ...restores('PutGroupPolicy', BAD),
  }),
  scenario({
    name: 'administrator-attached',
    title: 'AdministratorAccess is attached to a user: quarantined, approved, lifted',
    ...restores('AttachUserPolicy'),
  }),
  scenario({
    name: 'denied',
    title: 'The administrator denies: the user stays quarantined, and it is reported',
    call: 'PutUserPolicy',
    document: BAD,
    async play(driver) {
      const run = await writes(driver, 'PutUserPolicy', BAD);
      await decide(driver, 'REJECTED');
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, ...TURN, ...DECIDED, ...KEPT],
      output: ended('KEPT', decidedBy('REJECTED')),
      mails: [about(/^Contained: /), question, about(/^Stays contained: /)],
    },
  }),
  scenario({
    name: 'silence',
    title: 'Nobody decides: the version before stays in force, and it is reported',
    requires: ['timeSkip'],
    call: 'CreatePolicyVersion',
    document: WORSE,
    async play(driver) {
      const run = await writes(driver, 'CreatePolicyVersion', WORSE);
      await driver.skip(TWO_DAYS);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, ...TURN, ...ASKED, ...KEPT],
      output: ended('KEPT', { approval: containing({ decision: 'EXPIRED' }) }),
      mails: [about(/^Contained: /), question, about(/^Stays contained: /)],
    },
  }),
  scenario({
    name: 'one-question-at-a-time',
    title: 'A second bad version while the first is asked about: contained at once, asked about next',
    requires: ['timeSkip'],
    call: 'CreatePolicyVersion',
    document: WORSE,
    async play(driver) {
      await writes(driver, 'CreatePolicyVersion', BAD);
      const second = await writes(driver, 'CreatePolicyVersion', WORSE);
      await decide(driver, 'REJECTED');
      await driver.skip(3 * 3600);
      await decide(driver, 'REJECTED');
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, 'OneAtATimeTicket', 'OneAtATimeAcquire', 'OneAtATimeContend', 'OneAtATime', ...DECIDED, ...KEPT],
      output: ended('KEPT'),
    },
  }),
  scenario({
    name: 'held-by-another',
    title: 'One user, two policies: one denial keeps the quarantine that the other approval would lift',
    call: 'AttachUserPolicy',
    async play(driver) {
      await writes(driver, 'PutUserPolicy', BAD);
      const second = await writes(driver, 'AttachUserPolicy');
      await decide(driver, 'REJECTED');
      await decide(driver, 'APPROVED');
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, ...TURN, ...APPROVED, 'ReportHeld', 'ReportHeldDone', ...RELEASED],
      output: ended('HELD'),
    },
  }),
  scenario({
    name: 'emergency-user',
    title: 'The user for emergencies is never quarantined; the operator is told',
    call: 'PutGlassPolicy',
    document: BAD,
    play: (driver) => writes(driver, 'PutGlassPolicy', BAD),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...EXAMINED, 'Contain', 'IsContained', 'PageNothingContained', 'PageNothingContainedDone'],
      output: ended('UNCONTAINED'),
      mails: [about(/^Nothing to contain: /)],
    },
  }),
  scenario({
    name: 'deployment-exempt',
    title: 'The deployment may: kept as evidence and reported, with an alarm, not contained',
    requires: ['timeSkip'],
    call: 'PutRolePolicy',
    document: BAD,
    async play(driver) {
      const run = await writes(driver, 'PutRolePolicy', BAD, DEPLOYMENT);
      await assertKept(driver, BAD);
      // CloudWatch looks once a minute.
      await driver.skip(60);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...EXAMINED, 'CountExempt', 'ReportExempt', 'ReportExemptDone'],
      output: ended('EXEMPT'),
      mails: [about(/^An exempt principal wrote /), about(/^ALARM: .*Exempt/)],
    },
  }),
  scenario({
    name: 'throttled',
    title: 'IAM throttles reading and attaching: tried again, contained',
    requires: ['faults', 'timeSkip'],
    call: 'PutUserPolicy',
    document: BAD,
    async play(driver) {
      await driver.fail({ service: 'iam', operation: 'GetUserPolicy', error: 'Throttling', times: 3 });
      await driver.fail({ service: 'iam', operation: 'AttachUserPolicy', error: 'Throttling', times: 3 });
      const run = await writes(driver, 'PutUserPolicy', BAD);
      await driver.skip(600);
      await decide(driver, 'APPROVED');
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, ...TURN, ...RESTORED],
      output: ended('RESTORED'),
    },
  }),
  scenario({
    name: 'answer-lost',
    title: 'The decision is recorded, its answer to Step Functions is lost: the sweeper passes it on, and it is restored',
    requires: ['faults', 'timeSkip'],
    call: 'CreatePolicyVersion',
    document: BAD,
    async play(driver) {
      const run = await writes(driver, 'CreatePolicyVersion', BAD);
      // As often as the SDK tries by itself.
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', times: 3 });
      await new ApproverAtWork(driver, ADMINISTRATOR).decide('APPROVED');
      await driver.skip(3600);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CONTAINED, ...TURN, ...RESTORED],
      output: ended('RESTORED', decidedBy('APPROVED')),
    },
  }),
  {
    name: 'padded',
    title: 'CloudTrail has left out the parameters of a call: nobody knows what to contain, and the operator is told',
    stateMachine: GUARD,
    input: {
      event: {
        eventID: '8b3c1e1e-0000-4000-8000-000000000000',
        eventName: 'PutUserPolicy',
        eventTime: '2026-01-05T09:00:00Z',
        requestParameters: null,
      },
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...EXAMINED, 'Contain', 'IsContained', 'PageNothingContained', 'PageNothingContainedDone'],
      output: ended('UNCONTAINED', { reason: matching(/requestParameters.userName/) }),
      mails: [about(/^Nothing to contain: /)],
    },
  },
  {
    name: 'no-event',
    title: 'The input is no event: refused, nothing is touched',
    stateMachine: GUARD,
    input: {},
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: 'event: is missing',
      statesVisited: ['ValidateInput', 'InvalidInput'],
    },
  },
];

/** B9: who gives more permissions than are allowed finds them without force. */
export const policyGuard: Pattern = {
  name: 'policy-guard',
  title: 'IAM policy guard: what is restricted has no force until it is approved',
  scenarios,
};
