import { EVENT, Gate, quorumEvent } from './support/gate';

const [ANN, BOB, CY] = ['ann@example.com', 'bob@example.com', 'cy@example.com'];

let gate: Gate;
beforeEach(() => {
  gate = new Gate();
});

test.each([ANN, 'Ann@Example.COM', ` ${ANN}\n`, 'ａnn@example.com'])(
  'an approver who asked for it (%j) is not asked, and no request is made',
  async (requester) => {
    await expect(gate.notify({ ...EVENT, requester })).rejects.toMatchObject({ name: 'ApproverIsRequester' });
    expect(gate.messages).toEqual([]);
    expect(gate.table.items.size).toBe(0);
  },
);

test('somebody else decides, and the audit names who asked', async () => {
  const mail = await gate.ask({ ...EVENT, requester: BOB });
  await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code });
  expect(gate.answers).toHaveLength(1);
  expect(gate.table.records()).toMatchObject([{ approver: ANN, requester: BOB }]);
});

test('of several the requester is left out, and as many as before have to approve', async () => {
  const mails = await gate.askAll({ ...quorumEvent(2, ANN, BOB, CY), requester: 'BOB@example.com' });
  expect(gate.messages.map(({ input }) => input.MessageAttributes)).toEqual(
    [ANN, CY].map((name) => ({ approver: { DataType: 'String', StringValue: name } })),
  );
  expect(mails[0].text).toContain('2 people are asked, and 2 of them have to approve.');
  await gate.submit(mails[0].link, { decision: 'APPROVED', code: mails[0].code });
  expect(gate.answers).toEqual([]);
  await gate.submit(mails[1].link, { decision: 'APPROVED', code: mails[1].code });
  expect(gate.answers).toMatchObject([{ output: { decision: 'APPROVED', votes: [{ by: ANN }, { by: CY }] } }]);
});

test('of several of whom all have to approve, the requester cannot be left out', async () => {
  await expect(gate.notify({ ...quorumEvent(2, ANN, BOB), requester: ANN })).rejects.toMatchObject({ name: 'ApproverIsRequester' });
  expect(gate.messages).toEqual([]);
});

test.each([null, '', '  ', 5, { name: ANN }])(
  'a requester that is %j is refused: nobody slips through by leaving it out',
  async (requester) => {
    await expect(gate.notify({ ...EVENT, requester })).rejects.toMatchObject({
      name: 'InvalidApprovalRequest',
      message: 'requester is not a text',
    });
  },
);
