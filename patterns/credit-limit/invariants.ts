import { verifyChain } from '../../lib/blocks/approval-gate/handlers/audit-chain';
import type { AuditRecord } from '../../lib/blocks/approval-gate/handlers/audit-record';
import type { Invariant, Invariants, World } from '../../local/sweep';

const DAY = 86_400;
const BY_RULE = 1000;
const BY_OFFICER = 20_000;

interface Customer {
  readonly customer: string;
  readonly limit: number;
  readonly requestId: string;
  readonly decidedBy: string;
}

interface Input {
  readonly requestId?: string;
  readonly limit?: number;
  readonly requestedBy?: string;
}

interface Request {
  readonly requestId: string;
  readonly approver: string;
  readonly status: string;
  readonly decidedAt?: string;
  readonly lateDecision?: { readonly decision: string; readonly at: string };
  readonly needed?: number;
  readonly quorumId?: string;
  readonly votes?: Record<string, unknown>;
  readonly unanswered?: string;
}

const customersIn = ({ cloud }: World) => cloud.table('CreditLimit/Limit/Customers').items() as unknown as Customer[];
const auditIn = ({ cloud }: World) => cloud.table('CreditLimit/Request/Gate/Audit').items() as unknown as AuditRecord[];
const requestsIn = ({ cloud }: World) => cloud.table('CreditLimit/Request/Gate/Requests').items() as unknown as Request[];

const rightfulLimit: Invariant = {
  name: 'no limit is set that the rule may not set and not enough people have approved, none of them the requester',
  holds: (world) =>
    customersIn(world).flatMap(({ customer, limit, requestId, decidedBy }) => {
      if (decidedBy === 'rule') return limit <= BY_RULE ? [] : [`the rule has set ${limit} for ${customer}`];
      const needed = limit <= BY_OFFICER ? 1 : 2;
      const run = world.runs.filter(({ input }) => {
        const asked = JSON.parse(input) as Input;
        return asked.requestId === requestId && asked.limit === limit;
      });
      const approvals = run.map(({ arn, input }) => {
        const requester = (JSON.parse(input) as Input).requestedBy?.toLowerCase();
        const votes = auditIn(world).filter(({ executionArn, decision }) => executionArn === arn && decision === 'APPROVED');
        return new Set(votes.map(({ approver }) => approver.toLowerCase()).filter((name) => name !== requester)).size;
      });
      return approvals.some((count) => count >= needed)
        ? []
        : [`${limit} was set for ${customer} with ${approvals} approvals, not ${needed}`];
    }),
};

const unbrokenAudit: Invariant = {
  name: 'the audit is unbroken',
  holds: (world) => {
    const { broken } = verifyChain(auditIn(world));
    return broken ? [`record ${broken.record}: ${broken.problem}`] : [];
  },
};

/** Who has decided too late, or about a run that was stopped, may be asked again: then the audit has both decisions. */
const bothOrNeither: Invariant = {
  name: 'what somebody has decided is in the audit, and nothing else',
  holds: (world) => {
    const requests = requestsIn(world);
    const records = auditIn(world);
    const missing = requests
      .filter(({ needed, quorumId }) => needed === undefined || quorumId !== undefined)
      .flatMap(({ requestId, status, decidedAt, lateDecision }) => {
        const decided = decidedAt === undefined ? lateDecision : { decision: status, at: decidedAt };
        const recorded = records.some(
          (record) => record.requestId === requestId && record.decision === decided?.decision && record.at === decided.at,
        );
        return decided && !recorded ? [`request ${requestId} is decided, and not in the audit`] : [];
      });
    const unknown = records.filter(
      (record) => !requests.some(({ requestId, approver }) => requestId === record.requestId && approver === record.approver),
    );
    return [...missing, ...unknown.map(({ sequence }) => `record ${sequence} is of no request of its approver`)];
  },
};

const everyVoteCounts: Invariant = {
  name: 'a vote that was taken counts',
  holds: (world) =>
    requestsIn(world)
      .filter(({ needed, quorumId }) => needed !== undefined && quorumId === undefined)
      .flatMap(({ requestId, votes = {} }) => {
        const taken = requestsIn(world).filter(({ quorumId, status }) => quorumId === requestId && status !== 'PENDING').length;
        const counted = Object.keys(votes).length;
        return taken === counted ? [] : [`of ${taken} votes on ${requestId}, ${counted} count`];
      }),
};

const decisionsArrive: Invariant = {
  name: 'no decision waits to be passed on',
  holds: (world) =>
    requestsIn(world).flatMap(({ requestId, unanswered }) =>
      unanswered ? [`the decision of ${requestId} still waits to be passed on`] : [],
    ),
};

/** What must be true of limits, votes and the audit, whatever fails. */
export const invariants: Invariants = {
  hold: [rightfulLimit, unbrokenAudit, bothOrNeither, everyVoteCounts, decisionsArrive],
  // An officer and a head have a day each, the board three.
  patience: 4 * DAY,
  // The officer's own request asks two people, one after the other, as every single decision does.
  scenarios: ['small', 'own-request', 'board'],
};
