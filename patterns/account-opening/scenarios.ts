import {
  ApproverAtWork,
  anInstant,
  containing,
  type Driver,
  type Expected,
  type Json,
  matching,
  type Pattern,
  type Run,
  type Scenario,
} from '../../local';
import bothFlagged from './applicants/both-flagged.json';
import clean from './applicants/clean-us.json';
import addressPoBox from './applicants/flagged-po-box.json';
import nameFlagged from './applicants/flagged-swapped-parts.json';
import missingFields from './applicants/missing-fields.json';
import noLetters from './applicants/no-letters-in-name.json';
import wrongTypes from './applicants/wrong-types.json';

const MACHINE = 'AccountOpening/Opening';
const EXPRESS_MACHINE = 'AccountOpeningExpress/Opening';
const ACCOUNTS = 'AccountOpening/Account/Applications';
const EXPRESS_ACCOUNTS = 'AccountOpeningExpress/Account/Applications';
const REQUESTS = 'AccountOpening/Review/Requests';
const REVIEWER = 'reviewer@example.com';
const OPERATOR = 'operator@example.com';
const SUPERVISOR = 'supervisor@example.com';
const TWO_DAYS = 2 * 24 * 3600;

const CHECKED = ['ValidateInput', 'RunChecks', 'CheckName', 'CheckAddress', 'ReviewRequired'];
const ASKED = [...CHECKED, 'ReviewApplicationQuestion', 'ReviewApplication'];
const ESCALATED = [...ASKED, 'ReviewApplicationEscalation1'];

interface Application {
  readonly applicationId: string;
}

/** What the run gives, and what the table then holds. */
function ended(output: { readonly [field: string]: Expected }) {
  return { output, tables: { [ACCOUNTS]: [{ ...output, fingerprint: matching(/^[0-9a-f]{64}$/) }] } };
}

function opened({ applicationId }: Application, decidedBy: string) {
  return ended({ applicationId, status: 'OPENED', accountNumber: matching(/^AC[0-9A-F]{10}$/), decidedBy, decidedAt: anInstant });
}

function refused({ applicationId }: Application, decidedBy: string, reasons: Expected = matching(/./)) {
  return ended({ applicationId, status: 'REFUSED', reasons, decidedBy, decidedAt: anInstant });
}

const asksFor = (to: string) => containing({ to, subject: 'Approval needed: Open this account?' });

/** The person at this address decides as soon as the mail is there. */
const decides =
  (address: string, decision: 'APPROVED' | 'REJECTED', reason = '') =>
  async (driver: Driver, input: Json): Promise<Run> => {
    const run = await driver.start(MACHINE, input);
    const { status, body } = await new ApproverAtWork(driver, address).decide(decision, reason);
    if (status !== 200) throw new Error(`the approver's page answered ${status}: ${body}`);
    return run;
  };

/** Nobody decides for two days; then the supervisor does, if at all. */
const silentReviewer =
  (decision?: 'APPROVED' | 'REJECTED') =>
  async (driver: Driver, input: Json): Promise<Run> => {
    const run = await driver.start(MACHINE, input);
    await driver.skip(TWO_DAYS);
    if (decision) await new ApproverAtWork(driver, SUPERVISOR).decide(decision);
    return run;
  };

/** The same request, and one with other data under its id. */
const thenAnother = async (driver: Driver, input: Json): Promise<Run> => {
  await driver.finished(await driver.start(EXPRESS_MACHINE, input));
  return driver.start(EXPRESS_MACHINE, { ...(input as object), email: 'somebody.else@example.com' });
};

const scenarios: Scenario[] = [
  {
    name: 'clean',
    title: 'Name and address pass: the account opens at once',
    stateMachine: MACHINE,
    input: clean,
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CHECKED, 'OpenAccount'],
      ...opened(clean, 'rule'),
      mails: [],
    },
  },
  {
    name: 'flagged-approved',
    title: 'The name is on the watch list; the reviewer approves',
    stateMachine: MACHINE,
    input: nameFlagged,
    play: decides(REVIEWER, 'APPROVED', 'Another person: passport seen'),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ASKED, 'ReviewApplicationDecided', 'ReviewApplicationApproved', 'OpenAccount'],
      ...opened(nameFlagged, REVIEWER),
      mails: [asksFor(REVIEWER)],
    },
  },
  {
    name: 'flagged-refused',
    title: 'The address is a post office box; the reviewer rejects',
    stateMachine: MACHINE,
    input: addressPoBox,
    play: decides(REVIEWER, 'REJECTED', 'No home address'),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ASKED, 'ReviewApplicationDecided', 'RefuseApplication'],
      ...refused(addressPoBox, REVIEWER, 'The first address line is a post office box, not a home.; No home address'),
      mails: [asksFor(REVIEWER)],
    },
  },
  {
    name: 'both-flagged',
    title: 'Name and address are flagged; the reviewer sees both and rejects',
    stateMachine: MACHINE,
    input: bothFlagged,
    play: decides(REVIEWER, 'REJECTED'),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ASKED, 'ReviewApplicationDecided', 'RefuseApplication'],
      ...refused(bothFlagged, REVIEWER, matching(/watch list.*post office box/)),
      mails: [asksFor(REVIEWER)],
    },
  },
  {
    name: 'expired-escalated',
    title: 'The reviewer lets two days pass; the supervisor approves',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: nameFlagged,
    play: silentReviewer('APPROVED'),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ESCALATED, 'ReviewApplicationDecided', 'ReviewApplicationApproved', 'OpenAccount'],
      ...opened(nameFlagged, SUPERVISOR),
      mails: [asksFor(REVIEWER), asksFor(SUPERVISOR)],
    },
  },
  {
    name: 'expired-twice',
    title: 'Nobody decides in four days: refused, and the record says why',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: nameFlagged,
    play: silentReviewer(),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ESCALATED, 'RefuseApplication'],
      ...refused(nameFlagged, 'rule', matching(/nobody decided in time$/)),
      mails: [asksFor(REVIEWER), asksFor(SUPERVISOR)],
    },
  },
  {
    name: 'late-click',
    title: 'The reviewer clicks after the request went on: told so, and nothing is decided twice',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: nameFlagged,
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      const page = await new ApproverAtWork(driver, REVIEWER).openMail();
      await driver.skip(TWO_DAYS);
      const late = await page.submit('APPROVED');
      if (late.status !== 410) throw new Error(`a late decision was answered with ${late.status}: ${late.body}`);
      await new ApproverAtWork(driver, SUPERVISOR).decide('REJECTED');
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ESCALATED, 'ReviewApplicationDecided', 'RefuseApplication'],
      ...refused(nameFlagged, SUPERVISOR),
    },
  },
  {
    name: 'answer-lost',
    title: 'The decision is recorded, its answer to Step Functions is lost: the sweeper passes it on',
    requires: ['timeSkip', 'faults'],
    stateMachine: MACHINE,
    input: nameFlagged,
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      // As often as the SDK tries by itself.
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', times: 3 });
      const { status } = await new ApproverAtWork(driver, REVIEWER).decide('APPROVED');
      if (status !== 202) throw new Error(`a decision that can't be passed on now was answered with ${status}, not 202`);
      if (run.status !== 'RUNNING') throw new Error(`the run should still wait, but is ${run.status}`);
      await driver.skip(3600);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ASKED, 'ReviewApplicationDecided', 'ReviewApplicationApproved', 'OpenAccount'],
      ...opened(nameFlagged, REVIEWER),
    },
  },
  {
    name: 'mail-scanner',
    title: 'A scanner opens the link and sends the form: nothing is decided, the request goes its way',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: nameFlagged,
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      const page = await new ApproverAtWork(driver, REVIEWER).openMail();
      await driver.browse({ method: 'HEAD', url: page.link });
      await driver.browse({ url: page.link });
      await page.submit('APPROVED', '', '');
      await page.submit('APPROVED', '', 'AAA-AAA');
      const [request] = await driver.items(REQUESTS);
      if (request.status !== 'PENDING') throw new Error(`the scanner made the request ${request.status}`);
      return run;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...ESCALATED, 'RefuseApplication'],
      ...refused(nameFlagged, 'rule'),
    },
  },
  {
    name: 'check-throws',
    title: 'A check throws: that is never "not flagged", the reviewer decides',
    stateMachine: MACHINE,
    input: noLetters,
    play: decides(REVIEWER, 'REJECTED'),
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [
        ...['ValidateInput', 'RunChecks', 'CheckName', 'CheckAddress', 'CheckNameFailed', 'ReviewRequired'],
        ...['ReviewApplicationQuestion', 'ReviewApplication', 'ReviewApplicationDecided', 'RefuseApplication'],
      ],
      ...refused(noLetters, REVIEWER, 'the check could not be carried out: UnprocessableApplicant'),
    },
  },
  {
    name: 'throttled',
    title: 'The table throttles when the account is written: retried, written once',
    requires: ['faults'],
    stateMachine: MACHINE,
    input: clean,
    async play(driver, input) {
      await driver.fail({ service: 'dynamodb', operation: 'UpdateItem', error: 'ThrottlingException', times: 2 });
      return driver.start(MACHINE, input);
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CHECKED, 'OpenAccount'],
      ...opened(clean, 'rule'),
    },
  },
  {
    name: 'fields-missing',
    title: 'Fields are missing: every one is named, nothing is touched',
    stateMachine: MACHINE,
    input: missingFields,
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: matching(/is missing/),
      statesVisited: ['ValidateInput', 'InvalidInput'],
      tables: { [ACCOUNTS]: [] },
      mails: [containing({ to: OPERATOR })],
    },
  },
  {
    name: 'fields-wrong',
    title: 'Fields have the wrong type: every one is named, nothing is touched',
    stateMachine: MACHINE,
    input: wrongTypes as Json,
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: matching(/must be/),
      statesVisited: ['ValidateInput', 'InvalidInput'],
      tables: { [ACCOUNTS]: [] },
      mails: [containing({ to: OPERATOR })],
    },
  },
  {
    name: 'same-request-twice',
    title: 'The same application comes twice: one account, the same answer',
    stateMachine: MACHINE,
    input: clean,
    async play(driver, input) {
      const first = await driver.start(MACHINE, input);
      await driver.finished(first);
      const second = await driver.start(MACHINE, input);
      await driver.finished(second);
      if (JSON.stringify(first.output) !== JSON.stringify(second.output)) {
        throw new Error(`the answers differ: ${JSON.stringify(first.output)} and ${JSON.stringify(second.output)}`);
      }
      return second;
    },
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CHECKED, 'OpenAccount'],
      ...opened(clean, 'rule'),
    },
  },
  {
    name: 'same-id-other-data',
    title: "Another application under an id that is taken: refused, the first one's account stays",
    stateMachine: MACHINE,
    input: clean,
    async play(driver, input) {
      await driver.finished(await driver.start(MACHINE, input));
      return driver.start(MACHINE, { ...(input as object), email: 'somebody.else@example.com' });
    },
    expected: {
      status: 'FAILED',
      error: 'ApplicationConflict',
      cause: matching(/was made with other data/),
      statesVisited: [...CHECKED, 'OpenAccount', 'ApplicationConflict'],
      tables: opened(clean, 'rule').tables,
    },
  },
  {
    name: 'same-id-refused-otherwise',
    title: 'Another application under an id that was refused: it is not refused in the place of the first',
    stateMachine: MACHINE,
    input: nameFlagged,
    async play(driver, input) {
      await driver.finished(await decides(REVIEWER, 'REJECTED')(driver, input));
      return decides(REVIEWER, 'REJECTED')(driver, { ...(input as object), email: 'somebody.else@example.com' });
    },
    expected: {
      status: 'FAILED',
      error: 'ApplicationConflict',
      cause: matching(/was made with other data/),
      statesVisited: [...ASKED, 'ReviewApplicationDecided', 'RefuseApplication', 'ApplicationConflict'],
      tables: refused(nameFlagged, REVIEWER).tables,
    },
  },
  {
    name: 'express-clean',
    title: 'Without a gate, Express: name and address pass, the account opens',
    stateMachine: EXPRESS_MACHINE,
    input: clean,
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CHECKED, 'OpenAccount'],
      output: opened(clean, 'rule').output,
    },
  },
  {
    name: 'express-flagged',
    title: 'Without a gate, Express: what is flagged is refused',
    stateMachine: EXPRESS_MACHINE,
    input: bothFlagged,
    expected: {
      status: 'SUCCEEDED',
      statesVisited: [...CHECKED, 'RefuseApplication'],
      output: refused(bothFlagged, 'rule').output,
    },
  },
  {
    name: 'express-fields-missing',
    title: 'Without a gate, Express: fields are missing, nothing is touched',
    stateMachine: EXPRESS_MACHINE,
    input: missingFields,
    expected: {
      status: 'FAILED',
      error: 'InvalidInput',
      cause: matching(/is missing/),
      statesVisited: ['ValidateInput', 'InvalidInput'],
      tables: { [EXPRESS_ACCOUNTS]: [] },
    },
  },
  {
    name: 'express-same-id-opened',
    title: "Without a gate, Express: another application under an id that is taken, the first one's account stays",
    stateMachine: EXPRESS_MACHINE,
    input: clean,
    play: thenAnother,
    expected: {
      status: 'FAILED',
      error: 'ApplicationConflict',
      cause: matching(/was made with other data/),
      statesVisited: [...CHECKED, 'OpenAccount', 'ApplicationConflict'],
      tables: { [EXPRESS_ACCOUNTS]: opened(clean, 'rule').tables[ACCOUNTS] },
    },
  },
  {
    name: 'express-same-id-refused',
    title: 'Without a gate, Express: another application under an id that was refused, the first refusal stays',
    stateMachine: EXPRESS_MACHINE,
    input: bothFlagged,
    play: thenAnother,
    expected: {
      status: 'FAILED',
      error: 'ApplicationConflict',
      cause: matching(/was made with other data/),
      statesVisited: [...CHECKED, 'RefuseApplication', 'ApplicationConflict'],
      tables: { [EXPRESS_ACCOUNTS]: refused(bothFlagged, 'rule').tables[ACCOUNTS] },
    },
  },
];

/** AWS's "account opening" use case, with a human approval and without. */
export const accountOpening: Pattern = { name: 'account-opening', title: 'Account opening with a human approval', scenarios };
