import { TaskTimedOut } from '@aws-sdk/client-sfn';
import { EVENT, Gate, type Mail, nonceIn, quorumEvent, SECOND_TOKEN, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

const [ANN, BOB, CY] = ['ann@example.com', 'bob@example.com', 'cy@example.com'];
const TWO_OF_THREE = quorumEvent(2, ANN, BOB, CY);

let gate: Gate;
let ann: Mail;
let bob: Mail;
let cy: Mail;
beforeEach(async () => {
  gate = new Gate();
  [ann, bob, cy] = await gate.askAll(TWO_OF_THREE);
});

const vote = (mail: Mail, decision: string, reason = '') => gate.submit(mail.link, { decision, code: mail.code, reason });
const row = (mail: Mail) => gate.table.row(mail.requestId);
const quorumRow = () => gate.table.row(String(row(ann).quorumId));
const outputs = () => gate.answers.map(({ output }) => output);

test('each is asked with a link and a code of their own, and told of how many', () => {
  expect(gate.messages.map(({ input }) => input.MessageAttributes)).toEqual(
    [ANN, BOB, CY].map((name) => ({ approver: { DataType: 'String', StringValue: name } })),
  );
  for (const member of ['link', 'code', 'requestId'] as const) expect(new Set([ann, bob, cy].map((mail) => mail[member])).size).toBe(3);
  for (const { text } of [ann, bob, cy]) expect(text).toContain('3 people are asked, and 2 of them have to approve.');
});

test('only what they vote on has the token', () => {
  expect(quorumRow()).toMatchObject({ taskToken: TOKEN, status: 'PENDING', needed: 2, voters: 3, approver: `2 of ${ANN}, ${BOB}, ${CY}` });
  for (const mail of [ann, bob, cy]) expect(row(mail)).not.toHaveProperty('taskToken');
});

describe('2 of 3', () => {
  test('one approval decides nothing, the second does', async () => {
    const first = await vote(ann, 'APPROVED', 'seen');
    expect(first.statusCode).toBe(200);
    expect(first.body).toContain('Your vote is recorded. 1 of 3 people have approved, 2 have to.');
    expect(gate.answers).toEqual([]);
    expect(quorumRow()).toMatchObject({ status: 'PENDING' });
    expect(quorumRow()).not.toHaveProperty('unanswered');
    gate.now += 1000;
    const second = await vote(cy, 'APPROVED');
    expect(second.statusCode).toBe(200);
    expect(second.body).toContain('Your vote is recorded and the workflow goes on.');
    expect(outputs()).toEqual([
      {
        decision: 'APPROVED',
        by: CY,
        at: '2026-07-01T12:05:01.250Z',
        summaryHash: EVENT.summaryHash,
        votes: [
          { by: ANN, decision: 'APPROVED', at: '2026-07-01T12:05:00.250Z', reason: 'seen' },
          { by: CY, decision: 'APPROVED', at: '2026-07-01T12:05:01.250Z' },
        ],
      },
    ]);
    expect(quorumRow()).toMatchObject({ status: 'APPROVED', answeredAt: expect.any(String) });
  });

  test.each([
    [['REJECTED', 'APPROVED', 'APPROVED'], 'APPROVED', 3],
    [['APPROVED', 'REJECTED', 'REJECTED'], 'REJECTED', 3],
    [['REJECTED', 'REJECTED'], 'REJECTED', 2],
  ])('%j gives %s', async (decisions, decision, votes) => {
    for (const [index, one] of decisions.entries()) {
      expect(gate.answers).toEqual([]);
      await vote([ann, bob, cy][index], one);
    }
    expect(outputs()).toMatchObject([{ decision, votes: Array(votes).fill({}) }]);
  });

  test('a vote after the quorum counts no more, and is told so', async () => {
    await vote(ann, 'APPROVED');
    const nonce = nonceIn(await gate.get(cy.link));
    await vote(bob, 'APPROVED');
    const late = await gate.post(cy.link, { nonce, decision: 'REJECTED', code: cy.code });
    expect(late.statusCode).toBe(409);
    expect(late.body).toContain('<h1>Already approved</h1>');
    expect(late.body).toContain('decided without your vote, which counts no more. 2 of 3 people have approved');
    expect((await gate.get(cy.link)).statusCode).toBe(200);
    expect(row(cy)).toMatchObject({ status: 'PENDING' });
    expect(gate.answers).toHaveLength(1);
    expect(gate.table.records()).toHaveLength(2);
  });

  test('nobody has a second vote', async () => {
    await vote(ann, 'APPROVED');
    for (const decision of ['APPROVED', 'REJECTED']) {
      const again = await gate.post(ann.link, { nonce: 'any', decision, code: ann.code });
      expect(again.statusCode).toBe(409);
      expect(again.body).toContain('Your vote has been taken; what you just sent has changed nothing. 1 of 3 people have approved');
    }
    expect(quorumRow()).toMatchObject({ status: 'PENDING', votes: { 1: { by: ANN } } });
    expect(gate.answers).toEqual([]);
    expect(gate.table.records()).toHaveLength(1);
  });

  test("one's code does not open another's link", async () => {
    expect((await gate.submit(bob.link, { decision: 'APPROVED', code: ann.code })).statusCode).toBe(403);
    expect(quorumRow()).not.toHaveProperty('votes');
  });

  test('how others voted is shown to nobody who has not voted', async () => {
    await vote(ann, 'REJECTED', 'a bad idea');
    expect((await gate.get(bob.link)).body).not.toMatch(/ann@|bad idea|0 of 3/);
  });

  test('guessing locks the link of one, and the others go on', async () => {
    for (let guess = 0; guess < 10; guess++) await gate.submit(ann.link, { decision: 'APPROVED', code: wrongCode(ann.code) });
    expect((await vote(bob, 'APPROVED')).statusCode).toBe(200);
    expect((await gate.get(ann.link)).statusCode).toBe(423);
    await vote(cy, 'APPROVED');
    expect(outputs()).toMatchObject([{ decision: 'APPROVED' }]);
  });
});

test.each<[number, string[], string]>([
  [1, ['REJECTED', 'REJECTED', 'REJECTED'], 'REJECTED'],
  [1, ['REJECTED', 'APPROVED'], 'APPROVED'],
  [3, ['REJECTED'], 'REJECTED'],
  [3, ['APPROVED', 'APPROVED', 'APPROVED'], 'APPROVED'],
  [3, ['APPROVED', 'APPROVED', 'REJECTED'], 'REJECTED'],
])('%d of 3: it ends with the last of %j as %s, and not before', async (needed, decisions, decision) => {
  const mails = await gate.askAll({ ...quorumEvent(needed, ANN, BOB, CY), requestKey: 'another' });
  for (const [index, one] of decisions.entries()) {
    expect(gate.answers).toEqual([]);
    await vote(mails[index], one);
  }
  expect(outputs()).toMatchObject([{ decision }]);
});

describe('at the same time', () => {
  const together = async (...votes: [Mail, string][]) => {
    const nonces = await Promise.all(votes.map(async ([mail]) => nonceIn(await gate.get(mail.link))));
    return Promise.all(votes.map(([mail, decision], i) => gate.post(mail.link, { nonce: nonces[i], decision, code: mail.code })));
  };

  test('two votes both count, and settle it once', async () => {
    const pages = await together([ann, 'APPROVED'], [bob, 'APPROVED']);
    expect(pages.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(outputs()).toMatchObject([{ decision: 'APPROVED', votes: [{}, {}] }]);
    expect(gate.table.records()).toHaveLength(2);
  });

  test('of three the third counts no more', async () => {
    const pages = await together([ann, 'APPROVED'], [bob, 'APPROVED'], [cy, 'APPROVED']);
    expect(pages.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 409]);
    expect(outputs()).toMatchObject([{ decision: 'APPROVED', votes: [{}, {}] }]);
    expect(gate.table.records()).toHaveLength(2);
    expect([ann, bob, cy].filter((mail) => row(mail).status === 'PENDING')).toHaveLength(1);
  });

  test('one person with two tabs has one vote', async () => {
    const pages = await together([ann, 'APPROVED'], [ann, 'APPROVED']);
    expect(pages.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    expect(quorumRow()).toMatchObject({ status: 'PENDING', votes: { 1: { by: ANN } } });
    expect(gate.answers).toEqual([]);
  });
});

describe('when things go wrong', () => {
  test('a vote that cannot be counted is not recorded either', async () => {
    gate.table.before = (command) => {
      if (command === 'TransactWriteItemsCommand') throw new Error('broken');
    };
    expect((await vote(ann, 'APPROVED')).statusCode).toBe(500);
    expect(row(ann).status).toBe('PENDING');
    expect(quorumRow()).not.toHaveProperty('votes');
    expect(gate.table.records()).toEqual([]);
  });

  test('an answer that gets lost is passed on by a click of anybody who has voted, or by the sweeper', async () => {
    await vote(ann, 'APPROVED');
    gate.refuse = [() => new Error('the function stopped here')];
    const settling = await vote(bob, 'APPROVED');
    expect(settling.statusCode).toBe(202);
    expect(settling.body).toContain('could not be passed on');
    gate.refuse = [() => new Error('again')];
    expect((await gate.post(ann.link, { nonce: 'any', decision: 'REJECTED', code: '' })).body).toContain('is being passed on');
    gate.now += 61_000;
    await gate.sweep();
    expect(outputs()).toMatchObject([{ decision: 'APPROVED', by: BOB, votes: [{ by: ANN }, { by: BOB }] }]);
  });

  test('without enough votes it expires, and everybody is told', async () => {
    await vote(ann, 'APPROVED');
    gate.now = START + TWO_DAYS * 1000;
    const [voted, silent] = [await gate.get(ann.link), await gate.post(bob.link, { nonce: 'x', decision: 'APPROVED', code: bob.code })];
    expect(voted.statusCode).toBe(410);
    expect(voted.body).toContain('Not enough people decided in time. 1 of 3 people have approved, 2 have to.');
    expect(voted.body).toMatch(/Your vote<\/h2>\s*<dl>\s*<dt>Decision<\/dt><dd>approved<\/dd>/);
    expect(silent.statusCode).toBe(410);
    expect(silent.body).toContain('Not enough people decided in time. 1 of 3 people have approved');
    expect(gate.answers).toEqual([]);
  });

  test('the settling vote that arrives too late marks what they voted on, not the votes', async () => {
    await vote(ann, 'APPROVED');
    gate.refuse = [
      () => {
        gate.now = START + TWO_DAYS * 1000;
        return new TaskTimedOut({ message: 'Task Timed Out', $metadata: {} });
      },
    ];
    const page = await vote(bob, 'APPROVED');
    expect(page.statusCode).toBe(410);
    expect(quorumRow()).toMatchObject({ status: 'EXPIRED', lateDecision: { decision: 'APPROVED' } });
    expect(row(bob)).toMatchObject({ status: 'APPROVED' });
  });

  test('a retried task asks those who have not voted, and the votes stay', async () => {
    await vote(ann, 'APPROVED');
    const asked = await gate.askAll({ ...TWO_OF_THREE, taskToken: SECOND_TOKEN });
    expect(asked.map(({ link }) => link)).toEqual([bob.link, cy.link]);
    await vote(cy, 'APPROVED');
    expect(gate.answers).toMatchObject([{ taskToken: SECOND_TOKEN, output: { decision: 'APPROVED', votes: [{ by: ANN }, { by: CY }] } }]);
  });

  test.each(['WITHDRAWN', 'EXPIRED'])('a retried task of one that was given up as %s gets what was decided', async (status) => {
    await vote(ann, 'REJECTED');
    gate.refuse = [
      () => {
        if (status === 'EXPIRED') gate.now = START + TWO_DAYS * 1000;
        return new TaskTimedOut({ message: 'Task Timed Out', $metadata: {} });
      },
    ];
    await vote(bob, 'REJECTED', 'no');
    expect(quorumRow()).toMatchObject({ status });
    gate.now = START + 60_000;
    expect(await gate.askAll({ ...TWO_OF_THREE, taskToken: SECOND_TOKEN })).toEqual([]);
    expect(quorumRow()).toMatchObject({ status: 'REJECTED', reason: 'no', unanswered: 'true', taskToken: SECOND_TOKEN });
    expect(quorumRow()).not.toHaveProperty('lateDecision');
    gate.now += 61_000;
    await gate.sweep();
    expect(gate.answers).toMatchObject([{ taskToken: SECOND_TOKEN, output: { decision: 'REJECTED', by: BOB } }]);
  });

  test('a crash between the messages is healed by the retry', async () => {
    gate.table.before = (_, input) => {
      if (JSON.stringify(input).includes(`"S":"${CY}"`)) throw new Error('the function stopped here');
    };
    const event = { ...TWO_OF_THREE, requestKey: 'crash' };
    await expect(gate.notify(event)).rejects.toThrow('stopped here');
    gate.table.before = () => {};
    expect(await gate.askAll(event)).toHaveLength(3);
  });
});

test('the audit has every vote, with what it was a vote on', async () => {
  await vote(ann, 'APPROVED', 'seen');
  await vote(bob, 'REJECTED');
  expect(gate.table.records()).toMatchObject([
    { sequence: 1, approver: ANN, decision: 'APPROVED', reason: 'seen', requestId: ann.requestId, quorumId: row(ann).quorumId },
    { sequence: 2, approver: BOB, decision: 'REJECTED', requestId: bob.requestId, quorumId: row(ann).quorumId },
  ]);
});

test.each<[string, object, string]>([
  ['a name twice, written otherwise', quorumEvent(1, ANN, ' ANN@example.com'), 'quorum.approvers has somebody twice'],
  ['more approvals than people', quorumEvent(4, ANN, BOB, CY), 'quorum.needed is not from 1 to the number of approvers'],
  ['no approvals', quorumEvent(0, ANN, BOB), 'quorum.needed'],
  ['nobody', quorumEvent(1), 'quorum.needed'],
  ['a person without a name', quorumEvent(1, ANN, ''), 'quorum.approvers[1].identity is not a text'],
  ['something else', { ...TWO_OF_THREE, quorum: 'two of three' }, 'quorum.needed'],
])('a quorum with %s is refused', async (_, event, problem) => {
  gate.messages.length = 0;
  await expect(gate.notify(event)).rejects.toMatchObject({ name: 'InvalidApprovalRequest', message: expect.stringContaining(problem) });
  expect(gate.messages).toEqual([]);
});
