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

const MACHINE = 'CreditLimit/Request';
const CUSTOMERS = 'CreditLimit/Limit/Customers';
const AUDIT = 'CreditLimit/Request/Gate/Audit';
const OFFICER = 'officer@example.com';
const HEAD = 'head@example.com';
const [ANN, BOB, CY] = ['ann@example.com', 'bob@example.com', 'cy@example.com'];
const HOUR = 3600;

const CHOSEN = ['ValidateInput', 'ChooseTier'];
const BY_RULE = [...CHOSEN, 'ApprovedByRule', 'SetLimit'];
const OFFICER_ASKED = [...CHOSEN, 'Tier2Question', 'Tier2'];
const BOARD_ASKED = [...CHOSEN, 'ApprovalQuestion', 'Approval'];

function request(limit: Json, requestedBy = 'sales@example.com') {
  return { requestId: 'R-1', customer: 'C-7', limit, requestedBy, why: 'Pays on time' };
}

/** The limit is set, as run and table say, and the audit has these votes. */
function set(limit: number, decidedBy: string, votes: readonly Expected[] = []) {
  return {
    status: 'SUCCEEDED' as const,
    output: { customer: 'C-7', status: 'SET', limit, decidedBy, decidedAt: anInstant },
    tables: { [CUSTOMERS]: [{ customer: 'C-7', limit, requestId: 'R-1', decidedBy, decidedAt: anInstant }], [AUDIT]: votes },
  };
}

/** It stays as it is, which is none. */
function unchanged(output: { readonly [field: string]: Expected }, votes: readonly Expected[] = []) {
  return {
    status: 'SUCCEEDED' as const,
    output: { customer: 'C-7', status: 'UNCHANGED', ...output },
    tables: { [CUSTOMERS]: [], [AUDIT]: votes },
  };
}

const refused = (cause: RegExp) => ({
  status: 'FAILED' as const,
  error: 'InvalidInput',
  cause: matching(cause),
  statesVisited: ['ValidateInput', 'InvalidInput'],
  tables: { [CUSTOMERS]: [], [AUDIT]: [] },
});

const voted = (sequence: number, approver: string, decision: string) => containing({ sequence, approver, decision });

type Decision = 'APPROVED' | 'REJECTED';

/** These people decide, one after the other, as soon as their mails are there. */
const decide =
  (...decisions: readonly (readonly [string, Decision])[]) =>
  async (driver: Driver, input: Json): Promise<Run> => {
    const run = await driver.start(MACHINE, input);
    for (const [address, decision] of decisions) await decided(driver, address, decision);
    return run;
  };

async function decided(driver: Driver, address: string, decision: Decision, status = 200): Promise<void> {
  const page = await new ApproverAtWork(driver, address).decide(decision);
  if (page.status !== status) throw new Error(`the page of ${address} answered ${page.status}, not ${status}: ${page.body}`);
}

const scenarios: Scenario[] = [
  {
    name: 'small',
    title: 'The largest limit that the rule may set: nobody is asked',
    stateMachine: MACHINE,
    input: request(1000),
    expected: { ...set(1000, 'rule'), statesVisited: BY_RULE, mails: [] },
  },
  {
    name: 'officer',
    title: 'A cent more than the rule may set: the officer approves',
    stateMachine: MACHINE,
    input: request(1000.01),
    play: decide([OFFICER, 'APPROVED']),
    expected: {
      ...set(1000.01, OFFICER, [voted(1, OFFICER, 'APPROVED')]),
      statesVisited: [...OFFICER_ASKED, 'Tier2Decided', 'Tier2Approved', 'SetLimit'],
    },
  },
  {
    name: 'officer-rejects',
    title: 'The largest limit that an officer may set: the officer rejects it',
    stateMachine: MACHINE,
    input: request(20_000),
    play: decide([OFFICER, 'REJECTED']),
    expected: {
      ...unchanged({ decision: 'REJECTED', decidedBy: OFFICER }, [voted(1, OFFICER, 'REJECTED')]),
      statesVisited: [...OFFICER_ASKED, 'Tier2Decided', 'LeaveLimit'],
    },
  },
  {
    name: 'own-request',
    title: 'The officer asks for a limit: somebody else decides',
    stateMachine: MACHINE,
    input: request(5000, 'Officer@example.com'),
    play: decide([HEAD, 'APPROVED']),
    expected: {
      ...set(5000, HEAD, [voted(1, HEAD, 'APPROVED')]),
      statesVisited: [...OFFICER_ASKED, 'Tier2Escalation1', 'Tier2Decided', 'Tier2Approved', 'SetLimit'],
      mails: [containing({ to: HEAD })],
    },
  },
  {
    name: 'reminded',
    title: 'The officer is reminded four hours before the end, and approves then',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: request(5000),
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      await driver.nextMail(OFFICER);
      await driver.skip(20 * HOUR + 60);
      await decided(driver, OFFICER, 'APPROVED');
      return run;
    },
    expected: {
      ...set(5000, OFFICER, [voted(1, OFFICER, 'APPROVED')]),
      statesVisited: [...OFFICER_ASKED, 'Tier2Decided', 'Tier2Approved', 'SetLimit'],
      mails: [
        containing({ to: OFFICER, subject: 'Approval needed: Set this credit limit?' }),
        containing({ to: OFFICER, subject: 'Reminder: approval needed: Set this credit limit?' }),
      ],
    },
  },
  {
    name: 'expired',
    title: 'Neither the officer nor the head decides: the limit stays',
    requires: ['timeSkip'],
    stateMachine: MACHINE,
    input: request(5000),
    expected: {
      ...unchanged({ decision: 'EXPIRED', reason: 'nobody decided in time' }),
      statesVisited: [...OFFICER_ASKED, 'Tier2Escalation1', 'LeaveLimit'],
    },
  },
  {
    name: 'board',
    title: 'A cent more than an officer may set: two of the board approve, the third comes too late',
    stateMachine: MACHINE,
    input: request(20_000.01),
    async play(driver, input) {
      const run = await decide([ANN, 'APPROVED'], [CY, 'APPROVED'])(driver, input);
      await decided(driver, BOB, 'REJECTED', 409);
      return run;
    },
    expected: {
      ...set(20_000.01, CY, [voted(1, ANN, 'APPROVED'), voted(2, CY, 'APPROVED')]),
      statesVisited: [...BOARD_ASKED, 'ApprovalDecided', 'ApprovalApproved', 'SetLimit'],
    },
  },
  {
    name: 'board-rejects',
    title: 'One of the board approves, two reject: that is a rejection',
    stateMachine: MACHINE,
    input: request(500_000),
    play: decide([BOB, 'REJECTED'], [ANN, 'APPROVED'], [CY, 'REJECTED']),
    expected: {
      ...unchanged({ decision: 'REJECTED', decidedBy: CY }, [
        voted(1, BOB, 'REJECTED'),
        voted(2, ANN, 'APPROVED'),
        voted(3, CY, 'REJECTED'),
      ]),
      statesVisited: [...BOARD_ASKED, 'ApprovalDecided', 'LeaveLimit'],
    },
  },
  {
    name: 'board-own-request',
    title: 'A member of the board asks: the two others have to approve',
    stateMachine: MACHINE,
    input: request(50_000, BOB),
    play: decide([ANN, 'APPROVED'], [CY, 'APPROVED']),
    expected: {
      ...set(50_000, CY, [voted(1, ANN, 'APPROVED'), voted(2, CY, 'APPROVED')]),
      statesVisited: [...BOARD_ASKED, 'ApprovalDecided', 'ApprovalApproved', 'SetLimit'],
      mails: [containing({ to: ANN }), containing({ to: CY })],
    },
  },
  {
    name: 'answer-lost',
    title: 'The settling vote is recorded, its answer to Step Functions is lost: the sweeper passes it on',
    requires: ['timeSkip', 'faults'],
    stateMachine: MACHINE,
    input: request(50_000),
    async play(driver, input) {
      const run = await decide([ANN, 'APPROVED'])(driver, input);
      // As often as the SDK tries by itself.
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', times: 3 });
      await decided(driver, BOB, 'APPROVED', 202);
      await driver.skip(HOUR);
      return run;
    },
    expected: {
      ...set(50_000, BOB, [voted(1, ANN, 'APPROVED'), voted(2, BOB, 'APPROVED')]),
      statesVisited: [...BOARD_ASKED, 'ApprovalDecided', 'ApprovalApproved', 'SetLimit'],
    },
  },
  {
    name: 'overtaken',
    title: 'A decision that was made before another arrives after it: it changes nothing',
    requires: ['timeSkip', 'faults'],
    stateMachine: MACHINE,
    input: request(5000),
    async play(driver, input) {
      const run = await driver.start(MACHINE, input);
      await driver.fail({ service: 'sfn', operation: 'SendTaskSuccess', error: 'ThrottlingException', times: 3 });
      await decided(driver, OFFICER, 'APPROVED', 202);
      await driver.skip(1);
      await driver.finished(await driver.start(MACHINE, { ...request(300), requestId: 'R-2' }));
      await driver.skip(HOUR);
      return run;
    },
    expected: {
      status: 'FAILED',
      error: 'LimitOvertaken',
      cause: matching(/^the limit of C-7 was decided about again, later than /),
      statesVisited: [...OFFICER_ASKED, 'Tier2Decided', 'Tier2Approved', 'SetLimit', 'LimitOvertaken'],
      tables: { [CUSTOMERS]: [{ customer: 'C-7', limit: 300, requestId: 'R-2', decidedBy: 'rule', decidedAt: anInstant }] },
    },
  },
  {
    name: 'negative',
    title: 'A negative limit: refused, nobody is asked',
    stateMachine: MACHINE,
    input: request(-5000),
    expected: refused(/limit: is less than 0/),
  },
  {
    name: 'text',
    title: 'A limit that is a text: refused, nobody is asked',
    stateMachine: MACHINE,
    input: request('500'),
    expected: refused(/limit: must be a number, is string/),
  },
  {
    name: 'missing',
    title: 'No limit, and nobody who asked for it: both are named',
    stateMachine: MACHINE,
    input: { requestId: 'R-1', customer: 'C-7', why: 'Forgot the rest' },
    expected: refused(/limit: is missing; requestedBy: is missing/),
  },
];

/** A credit limit decided by rule, by an officer or by the board. */
export const creditLimit: Pattern = { name: 'credit-limit', title: 'Credit limits by rule, officer or board', scenarios };
