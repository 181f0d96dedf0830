import { ApproverAtWork, assertSame, type Driver } from '../../local';

export const GATE = 'ModelApproval/Gate';
const DESK = 'ModelApproval/Desk';
const MINUTE = 60;

/** Asked by mail, and at the desk. */
export const [ANN, BOB, CY] = ['ann@example.com', 'bob@example.com', 'cy@example.com'];

export type Decision = 'APPROVED' | 'REJECTED';

/** What the desk has kept of a request. */
interface Kept {
  readonly requestId: string;
  readonly approver: string;
  /** JSON. */
  readonly summary: string;
  readonly summaryHash: string;
  readonly expiresAt: string;
}

/** What the desk shows a reviewer: the request that is open the longest. */
export async function atDesk(driver: Driver, reviewer: string = CY): Promise<Kept> {
  const kept = ((await driver.items(`${DESK}/Inbox`)) as unknown as Kept[]).filter(({ approver }) => approver === reviewer);
  const [latest] = kept.sort((a, b) => b.expiresAt.localeCompare(a.expiresAt));
  if (!latest) throw new Error(`nothing is asked of ${reviewer} at the desk`);
  return latest;
}

/** What the desk sends for somebody who is signed in: a request that is signed as the reviewers' role, in a session of this name. */
export async function sendFromDesk(
  driver: Driver,
  decision: Decision,
  session: string,
): Promise<{ readonly status: number; readonly body: { readonly [member: string]: unknown } }> {
  const { requestId, summaryHash } = await atDesk(driver);
  const { status, body } = await driver.callApi({
    api: GATE,
    path: `/iam-decisions/${requestId}`,
    json: { decision, summaryHash, reason: 'looked at it' },
    signedBy: { role: `${DESK}/Reviewers`, session },
  });
  return { status, body: JSON.parse(body) };
}

/** These people decide, one after the other. They look a little later: by then what was tried again is done. */
export async function decide(driver: Driver, decision: Decision, ...people: readonly string[]): Promise<void> {
  if (driver.capabilities.has('timeSkip')) await driver.skip(2 * MINUTE);
  for (const person of people) {
    const answer =
      person === CY
        ? await sendFromDesk(driver, decision, person)
        : await new ApproverAtWork(driver, person).decide(decision, 'looked at it');
    if (answer.status !== 200)
      throw new Error(`the decision of ${person} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}

/** Somebody tries to decide in Cy's place, under the same role and another name. */
export async function tryInCysPlace(driver: Driver, session: string): Promise<void> {
  if (driver.capabilities.has('timeSkip')) await driver.skip(MINUTE);
  const { status, body } = await sendFromDesk(driver, 'APPROVED', session);
  assertSame([404, 'no such request of yours'], [status, body.error], `what ${session} is told at the desk`);
}
