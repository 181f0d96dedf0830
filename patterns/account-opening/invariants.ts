import type { Json } from '../../local';
import type { Invariant, Invariants, World } from '../../local/sweep';

const DAY = 86_400;
const REQUESTS = 'AccountOpening/Review/Requests';

interface Application {
  readonly applicationId: string;
  readonly status: 'OPENED' | 'REFUSED';
  readonly accountNumber?: string;
  readonly reasons?: string;
  readonly decidedBy: string;
  readonly fingerprint: string;
}

interface Request {
  readonly requestId: string;
  readonly executionArn: string;
  readonly approver: string;
  readonly status: 'PENDING' | 'APPROVED' | 'REJECTED' | 'EXPIRED' | 'WITHDRAWN';
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly unanswered?: string;
  readonly unconfirmedAt?: string;
}

const stackOf = ({ scenario }: World): string => scenario.stateMachine.split('/')[0];

const applicationsIn = (world: World) => world.cloud.table(`${stackOf(world)}/Account/Applications`).items() as unknown as Application[];

const requestsIn = (world: World): Request[] =>
  stackOf(world) === 'AccountOpening' ? (world.cloud.table(REQUESTS).items() as unknown as Request[]) : [];

const applicationOf = (json: string): string => (JSON.parse(json) as { applicationId?: string }).applicationId ?? '';

const oneEnd: Invariant = {
  name: 'an application has one end, and its runs say the same',
  holds: (world) => {
    const applications = applicationsIn(world);
    return world.runs
      .filter(({ status }) => status === 'SUCCEEDED')
      .flatMap(({ name, input, output }) => {
        const { status, accountNumber, decidedBy } = output as { [field: string]: Json };
        const found = applications.find(({ applicationId }) => applicationId === applicationOf(input));
        if (!found) return [`the run ${name} says ${status}, and the table knows nothing of its application`];
        return found.status === status && found.accountNumber === accountNumber && found.decidedBy === decidedBy
          ? []
          : [`the run ${name} says ${status} by ${decidedBy}, the table ${found.status} by ${found.decidedBy}`];
      });
  },
};

const completeEnd: Invariant = {
  name: 'an end is written whole',
  holds: (world) =>
    applicationsIn(world)
      .filter(({ status, accountNumber, reasons, decidedBy, fingerprint }) => {
        const ofStatus =
          status === 'OPENED' ? accountNumber && reasons === undefined : reasons !== undefined && accountNumber === undefined;
        return !ofStatus || !decidedBy || !fingerprint;
      })
      .map((application) => `half an application: ${JSON.stringify(application)}`),
};

/** What the rule decides alone it decides without a fault as well; a person's name stands only for what that person did. */
const rightfulAccount: Invariant = {
  name: 'no account without checks that passed or a person who approved',
  holds: (world) => {
    const requests = requestsIn(world);
    return applicationsIn(world)
      .filter(({ status }) => status === 'OPENED')
      .flatMap(({ applicationId, decidedBy }) => {
        const ownRuns = new Set(world.runs.filter(({ input }) => applicationOf(input) === applicationId).map(({ arn }) => arn));
        const approved = requests.some(
          ({ executionArn, approver, status }) => ownRuns.has(executionArn) && approver === decidedBy && status === 'APPROVED',
        );
        const passed = decidedBy === 'rule' && PASSING.has(applicationId);
        return approved || passed ? [] : [`${applicationId} was opened by ${decidedBy}, who did not approve it`];
      });
  },
};

/** Applications of the scenarios that both checks let through. */
const PASSING = new Set(['APP-2025-0001']);

const decisionsArrive: Invariant = {
  name: 'a decision that was taken arrives, or is marked as too late',
  holds: (world) =>
    requestsIn(world).flatMap(({ requestId, executionArn, status, approver, unanswered, unconfirmedAt }) => {
      if (unanswered !== undefined) return [`the decision of request ${requestId} still waits to be passed on`];
      if (status !== 'APPROVED' && status !== 'REJECTED') return [];
      const run = world.runs.find(({ arn }) => arn === executionArn);
      if (run?.status !== 'SUCCEEDED' || unconfirmedAt !== undefined) return [];
      const { decidedBy } = run.output as { decidedBy?: string };
      return decidedBy === approver ? [] : [`${approver} decided request ${requestId}, but the run ended by ${decidedBy}`];
    }),
};

/** The link of a run that failed or was stopped goes nowhere: whoever follows it is told so, and it must not live on. */
const requestsExpire: Invariant = {
  name: 'every request can be decided for two days at most',
  holds: (world) =>
    requestsIn(world)
      .filter(({ createdAt, expiresAt }) => !(Date.parse(expiresAt) - Date.parse(createdAt) <= 2 * DAY * 1000))
      .map(({ requestId, expiresAt }) => `request ${requestId} can be decided until ${expiresAt}`),
};

const askedOnce: Invariant = {
  name: 'nobody is asked by two different links for one run',
  holds: (world) => {
    const asked = requestsIn(world).map(({ executionArn, approver }) => `${approver} in ${executionArn}`);
    return asked.filter((one, index) => asked.indexOf(one) !== index).map((one) => `asked twice: ${one}`);
  },
};

/** What must be true of applications, accounts and requests, whatever fails. */
export const invariants: Invariants = {
  hold: [oneEnd, completeEnd, rightfulAccount, decisionsArrive, requestsExpire, askedOnce],
  // Two people have two days each.
  patience: 5 * DAY,
};
