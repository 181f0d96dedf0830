import { InvalidToken, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn';
import { EVENT, Gate, type Mail, SECOND_TOKEN, START, TOKEN, TWO_DAYS } from './support/gate';

const timedOut = () => new TaskTimedOut({ message: "Task Timed Out: 'Provided task does not exist anymore'", $metadata: {} });
const missing = () => new TaskDoesNotExist({ message: 'no', $metadata: {} });
const invalid = () => new InvalidToken({ message: `Invalid Token: ${TOKEN}`, $metadata: {} });
const throttled = () => Object.assign(new Error(`Rate exceeded for ${TOKEN}`), { name: 'ThrottlingException' });
const crash = () => new Error('the function stopped here');

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask();
});

const row = () => gate.table.row(mail.requestId);
const approve = () => gate.submit(mail.link, { decision: 'APPROVED', code: mail.code, reason: 'because' });
const postAgain = () => gate.post(mail.link, { nonce: 'any', decision: 'REJECTED', code: '' });
const EXPIRY = START + TWO_DAYS * 1000;
const LATE = { decision: 'APPROVED', reason: 'because' };

/** Decides, and stops before the answer. */
async function decideOnly(): Promise<void> {
  gate.refuse = [crash];
  await approve();
  expect(row()).toMatchObject({ status: 'APPROVED', unanswered: 'true' });
}

/** Decides and answers, and stops before that is recorded. */
async function answerOnly(): Promise<void> {
  gate.table.before = (_, { UpdateExpression }: { UpdateExpression?: string }) => {
    if (UpdateExpression?.includes('answeredAt')) throw crash();
  };
  expect((await approve()).statusCode).toBe(202);
  gate.table.before = () => {};
  expect(gate.answers).toHaveLength(1);
  expect(row()).toMatchObject({ status: 'APPROVED', unanswered: 'true' });
}

describe('the first answer', () => {
  test('that is throttled leaves the decision, and the page says so', async () => {
    gate.refuse = [throttled];
    const response = await approve();
    expect(response.statusCode).toBe(202);
    expect(response.body).toContain('<h1>You approved this</h1>');
    expect(response.body).toContain('could not be passed on to the workflow at once');
    expect(row()).toMatchObject({ status: 'APPROVED', unanswered: 'true' });
    expect((await gate.get(mail.link)).body).toContain('is being passed on');
    expect(gate.log).toContainEqual(expect.objectContaining({ outcome: 'not answered', message: 'Rate exceeded for [hidden]' }));
  });

  test('that comes when the token has timed out corrects the record to expired', async () => {
    const page = await gate.get(mail.link);
    gate.now = EXPIRY - 1;
    gate.refuse = [
      () => {
        gate.now = EXPIRY;
        return timedOut();
      },
    ];
    const nonce = /name="nonce" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const response = await gate.post(mail.link, { nonce, decision: 'APPROVED', code: mail.code, reason: 'because' });
    expect(response.statusCode).toBe(410);
    expect(response.body).toContain('<h1>Expired</h1>');
    expect(response.body).toContain('It was approved on Friday 3 July 2026, 12:05 UTC, but that reached the workflow too late');
    expect(row()).toMatchObject({ status: 'EXPIRED', lateDecision: { ...LATE, at: new Date(EXPIRY - 1).toISOString() }, revision: 3 });
    for (const gone of ['unanswered', 'decidedAt', 'reason', 'answeredAt']) expect(row()).not.toHaveProperty(gone);
    expect((await gate.get(mail.link)).body).toContain('It was approved on');
  });

  test.each([
    ['timed out long before the expiry: the execution was stopped', timedOut],
    ['does not exist', missing],
    ['is invalid', invalid],
  ])('to a task that %s corrects the record to withdrawn', async (_, refusal) => {
    gate.refuse = [refusal];
    const response = await approve();
    expect(response.statusCode).toBe(410);
    expect(response.body).toContain('<h1>No longer needed</h1>');
    expect(response.body).toContain('It was approved on');
    expect(row()).toMatchObject({ status: 'WITHDRAWN', lateDecision: LATE });
    expect(row()).not.toHaveProperty('unanswered');
    for (const later of [await gate.get(mail.link), await approveAgain()]) {
      expect(later.statusCode).toBe(410);
      expect(later.body).toContain('No longer needed');
    }
    expect(gate.answers).toEqual([]);
  });

  const approveAgain = () => gate.post(mail.link, { nonce: 'x', decision: 'APPROVED', code: mail.code });

  test('goes to the new token when the task was retried in between', async () => {
    gate.refuse = [
      () => {
        const item = gate.table.items.get(mail.requestId);
        gate.table.items.set(mail.requestId, { ...item, taskToken: { S: SECOND_TOKEN } });
        return timedOut();
      },
    ];
    expect((await approve()).statusCode).toBe(200);
    expect(gate.answers.map(({ taskToken }) => taskToken)).toEqual([SECOND_TOKEN]);
    expect(row()).toMatchObject({ status: 'APPROVED', answeredAt: expect.any(String) });
  });
});

describe('a crash between deciding and answering', () => {
  test('is healed by a later POST, which sends what was recorded, whatever it asks for', async () => {
    await decideOnly();
    const decidedAt = row().decidedAt;
    gate.now += 5000;
    const response = await postAgain();
    expect(response.statusCode).toBe(409);
    expect(response.body).toContain('<h1>Already approved</h1>');
    expect(gate.answers).toEqual([
      {
        taskToken: TOKEN,
        output: { decision: 'APPROVED', by: 'ann@example.com', at: decidedAt, reason: 'because', summaryHash: EVENT.summaryHash },
      },
    ]);
    expect(row()).toMatchObject({ status: 'APPROVED', decidedAt, answeredAt: new Date(gate.now).toISOString() });
    expect(row()).not.toHaveProperty('unanswered');
  });

  test('is not healed by GET or HEAD, which change nothing', async () => {
    await decideOnly();
    const before = row();
    await gate.get(mail.link);
    await gate.get(mail.link, 'HEAD');
    expect(row()).toEqual(before);
    expect(gate.answers).toEqual([]);
  });

  test('is healed by the sweeper, when the one who decided has had his time', async () => {
    await decideOnly();
    gate.now = START + 60_000;
    await gate.sweep();
    expect(gate.answers).toEqual([]);
    gate.now = START + 60_001;
    await gate.sweep();
    expect(gate.answers).toMatchObject([{ taskToken: TOKEN, output: { decision: 'APPROVED', at: '2026-07-01T12:05:00.250Z' } }]);
    expect(row()).toMatchObject({ status: 'APPROVED', answeredAt: expect.any(String) });
    await gate.sweep();
    expect(gate.answers).toHaveLength(1);
  });

  test.each([
    ['EXPIRED', EXPIRY, timedOut],
    ['WITHDRAWN', START + 100_000, missing],
    ['WITHDRAWN', START + 100_000, invalid],
  ])('is found out to be %s', async (status, now, refusal) => {
    await decideOnly();
    gate.now = now;
    gate.refuse = [refusal];
    await gate.sweep();
    expect(row()).toMatchObject({ status, lateDecision: { ...LATE, at: '2026-07-01T12:05:00.250Z' } });
  });
});

describe('a crash between answering and recording it', () => {
  test('does not make an answer that arrived look withdrawn: the decision stays, the doubt is told', async () => {
    await answerOnly();
    gate.now += 61_000;
    await gate.sweep();
    expect(row()).toMatchObject({ status: 'APPROVED', reason: 'because', unconfirmedAt: new Date(gate.now).toISOString() });
    expect(row()).not.toHaveProperty('unanswered');
    const { statusCode, body } = await gate.get(mail.link);
    expect(statusCode).toBe(200);
    expect(body).toContain('<h1>Already approved</h1>');
    expect(body).toContain('Whether it reached the workflow is not certain');
  });

  test('is left alone while the first may still be sending', async () => {
    await answerOnly();
    gate.now = START + 29_999;
    await postAgain();
    expect(row()).toMatchObject({ status: 'APPROVED', unanswered: 'true' });
    gate.now = START + 30_000;
    await postAgain();
    expect(row()).toMatchObject({ status: 'APPROVED', unconfirmedAt: expect.any(String) });
  });
});

test('an answer that was taken is the truth, also when a second sender has recorded it as too late', async () => {
  await decideOnly();
  gate.now = EXPIRY + 1;
  const item = gate.table.items.get(mail.requestId);
  gate.refuse = [
    () => {
      gate.table.items.set(mail.requestId, { ...item, status: { S: 'EXPIRED' }, lateDecision: { M: {} } });
      return undefined;
    },
  ];
  await gate.sweep();
  expect(row()).toMatchObject({ status: 'APPROVED', answeredAt: expect.any(String), decidedAt: '2026-07-01T12:05:00.250Z' });
  expect(row()).not.toHaveProperty('lateDecision');
});

describe('the sweeper', () => {
  const decideMany = async (count: number) => {
    const mails: Mail[] = [];
    for (let index = 0; index < count; index++) {
      const asked = await gate.ask({ ...EVENT, requestKey: `key ${index}`, taskToken: `${TOKEN}${index}` });
      gate.refuse = [crash];
      await gate.submit(asked.link, { decision: index % 2 ? 'APPROVED' : 'REJECTED', code: asked.code });
      mails.push(asked);
    }
    return mails;
  };

  test('answers every row of every page', async () => {
    const mails = await decideMany(25);
    gate.table.pageSize = 7;
    gate.table.calls.length = 0;
    gate.now += 61_000;
    await gate.sweep();
    expect(gate.answers).toHaveLength(25);
    expect(new Set(gate.answers.map(({ taskToken }) => taskToken)).size).toBe(25);
    for (const { requestId } of mails) expect(gate.table.row(requestId)).not.toHaveProperty('unanswered');
    expect(gate.table.calls.filter((call) => call === 'QueryCommand')).toHaveLength(4);
    expect(gate.table.calls).not.toContain('GetItemCommand');
  });

  test('answers the others when some fail, and says at the end how many', async () => {
    await decideMany(5);
    gate.now += 61_000;
    gate.refuse = [() => undefined, throttled, () => undefined, throttled];
    await expect(gate.sweep()).rejects.toMatchObject({
      name: 'SweepIncomplete',
      message: '2 of 5 decisions could not be passed on to Step Functions',
    });
    expect(gate.answers).toHaveLength(3);
    await gate.sweep();
    expect(gate.answers).toHaveLength(5);
  });

  test('is not stopped by a row that cannot be answered at all', async () => {
    const [broken] = await decideMany(3);
    const { taskToken: _, ...item } = gate.table.items.get(broken.requestId) ?? {};
    gate.table.items.set(broken.requestId, item);
    gate.now += 61_000;
    await expect(gate.sweep()).rejects.toThrow('1 of 3');
    expect(gate.answers).toHaveLength(2);
  });

  test('is told by an index that lags behind, and changes nothing', async () => {
    await approve();
    const answered = row();
    gate.now += 61_000;
    const stale = { ...gate.table.items.get(mail.requestId), unanswered: { S: 'true' } };
    gate.table.before = (command) => {
      if (command === 'QueryCommand') gate.table.items.set(mail.requestId, stale);
    };
    gate.table.after = (command) => {
      const { unanswered: _, ...fresh } = stale;
      if (command === 'QueryCommand') gate.table.items.set(mail.requestId, fresh);
    };
    await gate.sweep();
    expect(row()).toEqual(answered);
    expect(gate.answers).toHaveLength(1);
  });

  test('does nothing when there is nothing to do', async () => {
    await approve();
    gate.now += 100_000;
    gate.table.calls.length = 0;
    await gate.sweep();
    expect(gate.table.calls).toEqual(['QueryCommand']);
    expect(gate.log.at(-1)).toMatchObject({ outcome: 'swept', found: 0, failed: 0 });
  });
});
