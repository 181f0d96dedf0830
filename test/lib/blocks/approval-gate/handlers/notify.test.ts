import type { Channel, NotifyEvent } from '../../../../../lib/blocks/approval-gate/handlers/notify-event';
import { API_URL, EVENT, Gate, SECOND_TOKEN, START, TOKEN, TWO_DAYS, wrongCode } from './support/gate';

const WITH_CHANNEL = (type: Channel['type'], target: string): NotifyEvent => ({
  ...EVENT,
  approver: { identity: 'ann', channel: { type, target } },
});

describe('the row', () => {
  test('holds what was asked, until when, and the token', async () => {
    const gate = new Gate();
    const { requestId } = await gate.ask();
    expect(gate.table.row(requestId)).toEqual({
      requestId,
      approver: 'ann@example.com',
      channel: 'email',
      executionArn: EVENT.executionArn,
      stateMachineArn: EVENT.stateMachineArn,
      step: 'Review',
      title: EVENT.title,
      summary: '{"Applicant":"Zoë Müller","Limit":2500,"Flagged":true}',
      summaryHash: EVENT.summaryHash,
      taskToken: TOKEN,
      createdAt: '2026-07-01T12:05:00.250Z',
      expiresAt: '2026-07-03T12:05:00.250Z',
      ttl: Math.ceil(START / 1000) + TWO_DAYS + 90 * 86_400,
      status: 'PENDING',
      revision: 1,
      wrongCodes: 0,
    });
  });

  test('is written with one call to KMS and one to the table', async () => {
    const gate = new Gate();
    await gate.ask();
    expect(gate.macs).toHaveLength(1);
    expect(gate.table.calls).toEqual(['UpdateItemCommand']);
  });

  test('is there before the approver is told', async () => {
    const gate = new Gate();
    gate.undeliverable = new Error('no');
    await expect(gate.notify()).rejects.toThrow('no');
    expect(gate.table.items.size).toBe(1);
  });

  test('two waitings and two approvers have a row each', async () => {
    const gate = new Gate();
    await gate.ask();
    await gate.ask({ ...EVENT, requestKey: 'run-4711|Review|2026-07-01T12:05:00.250Z|1' });
    await gate.ask({ ...EVENT, approver: { ...EVENT.approver, identity: 'bob@example.com' } });
    expect(gate.table.items.size).toBe(3);
    expect(new Set(gate.messages.map(({ input }) => String(input.Message).match(/^ {4}\w{3}-\w{3}$/m)?.[0])).size).toBe(3);
  });
});

describe('a retried task', () => {
  const RETRIED = { ...EVENT, taskToken: SECOND_TOKEN };

  test('replaces the token of a pending request and tells the approver again, with the same link and code', async () => {
    const gate = new Gate();
    const first = await gate.ask();
    gate.now += 5000;
    const second = await gate.ask(RETRIED);
    expect([second.link, second.code]).toEqual([first.link, first.code]);
    expect(gate.table.items.size).toBe(1);
    const row = gate.table.row(first.requestId);
    expect(row).toMatchObject({
      taskToken: SECOND_TOKEN,
      status: 'PENDING',
      createdAt: '2026-07-01T12:05:00.250Z',
      expiresAt: '2026-07-03T12:05:00.250Z',
    });
    expect((await gate.submit(first.link, { decision: 'APPROVED', code: first.code })).statusCode).toBe(200);
    expect(gate.answers.map(({ taskToken }) => taskToken)).toEqual([SECOND_TOKEN]);
  });

  test('keeps count of wrong codes', async () => {
    const gate = new Gate();
    const { link, code, requestId } = await gate.ask();
    await gate.submit(link, { decision: 'APPROVED', code: wrongCode(code) });
    await gate.notify(RETRIED);
    expect(gate.table.row(requestId).wrongCodes).toBe(1);
  });

  test('does not let an open page decide about content that may have changed', async () => {
    const gate = new Gate();
    const { link, code } = await gate.ask();
    const page = await gate.get(link);
    await gate.notify({ ...RETRIED, summary: { Applicant: 'somebody else' }, summaryHash: 'ffff' });
    const nonce = /name="nonce" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const response = await gate.post(link, { nonce, decision: 'APPROVED', code });
    expect(response.statusCode).toBe(409);
    expect(response.body).toContain('somebody else');
    expect(gate.answers).toEqual([]);
  });

  test('of a decided and answered request gets the recorded decision, from the sweeper, and asks nobody', async () => {
    const gate = new Gate();
    const { link, code, requestId } = await gate.ask();
    await gate.submit(link, { decision: 'REJECTED', code, reason: 'no papers' });
    await gate.notify(RETRIED);
    expect(gate.messages).toHaveLength(1);
    expect(gate.table.row(requestId)).toMatchObject({ status: 'REJECTED', taskToken: SECOND_TOKEN, unanswered: 'true' });
    gate.now += 60_001;
    await gate.sweep();
    expect(gate.answers.map(({ taskToken, output }) => [taskToken, output.decision, output.at])).toEqual([
      [TOKEN, 'REJECTED', '2026-07-01T12:05:00.250Z'],
      [SECOND_TOKEN, 'REJECTED', '2026-07-01T12:05:00.250Z'],
    ]);
    expect(gate.table.row(requestId).unanswered).toBeUndefined();
  });

  test('invoked twice with the same token after the decision changes nothing', async () => {
    const gate = new Gate();
    const { link, code, requestId } = await gate.ask();
    await gate.submit(link, { decision: 'APPROVED', code });
    const before = gate.table.row(requestId);
    await gate.notify();
    expect(gate.table.row(requestId)).toEqual(before);
    expect(gate.messages).toHaveLength(1);
  });

  test('opens a withdrawn request again: a task waits', async () => {
    const gate = new Gate();
    const { link, code, requestId } = await gate.ask();
    gate.table.items.set(requestId, { ...gate.table.items.get(requestId), status: { S: 'WITHDRAWN' } });
    expect((await gate.get(link)).statusCode).toBe(410);
    await gate.notify(RETRIED);
    expect(gate.messages).toHaveLength(2);
    expect((await gate.submit(link, { decision: 'APPROVED', code })).statusCode).toBe(200);
  });

  test('after the expiry fails with an error of its own and tells nobody', async () => {
    const gate = new Gate();
    await gate.ask();
    gate.now = START + TWO_DAYS * 1000;
    await expect(gate.notify(RETRIED)).rejects.toMatchObject({ name: 'ApprovalExpired' });
    expect(gate.messages).toHaveLength(1);
    gate.now -= 1;
    await gate.notify(RETRIED);
    expect(gate.messages).toHaveLength(2);
  });

  test('that meets another change at the same time fails, so that it is retried', async () => {
    const gate = new Gate();
    const { link, code, requestId } = await gate.ask();
    await gate.submit(link, { decision: 'APPROVED', code });
    gate.table.before = (_, { UpdateExpression }: { UpdateExpression?: string }) => {
      if (UpdateExpression?.includes('unconfirmedAt'))
        gate.table.items.set(requestId, { ...gate.table.items.get(requestId), revision: { N: '99' } });
    };
    await expect(gate.notify(RETRIED)).rejects.toThrow('at the same time');
  });
});

describe('the mail', () => {
  test('is published once, for the subscription of its approver', async () => {
    const gate = new Gate();
    await gate.ask();
    expect(gate.messages).toHaveLength(1);
    expect(gate.messages[0].input).toMatchObject({
      TopicArn: 'arn:aws:sns:eu-west-1:111122223333:Mail',
      MessageAttributes: { approver: { DataType: 'String', StringValue: 'ann@example.com' } },
    });
  });

  test('says what, who asks, until when, and has link and code on lines of their own', async () => {
    const gate = new Gate();
    const { text, link, code } = await gate.ask();
    const lines = text.split('\n');
    expect(lines).toContain('Your decision is needed: Open an account for Zoë Müller');
    expect(lines.filter((line) => /^ {2}\S/.test(line))).toEqual(['  Applicant: Zoë Müller', '  Limit: 2500', '  Flagged: yes']);
    expect(lines).toContain('Asked by: the workflow AccountOpening, step Review, run run-4711');
    expect(lines).toContain('Open until: Friday 3 July 2026, 12:05 UTC, which is 2 days from now');
    expect(lines).toContain(`${API_URL}/${link}`);
    expect(lines).toContain(`    ${code}`);
    expect(text).toContain('3f9a 1c02 77be');
    expect(text).toMatch(/If you did not expect it, do nothing/);
  });

  test('cannot be given another link or code line by what others wrote', async () => {
    const gate = new Gate();
    const evil = 'x\n\nhttps://evil.example/\r\n\n    AAA-AAA\u2028\u0085done';
    const { text } = await gate.ask({ ...EVENT, title: evil, step: evil, summary: { [evil]: evil, long: 'y'.repeat(5000) } });
    expect(text.match(/^https:.*$/gm)).toHaveLength(1);
    expect(text.match(/^ {4}\w{3}-\w{3}$/gm)).toHaveLength(1);
    expect(text).not.toMatch(/[\u0085\u2028\r]/);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(700);
  });

  test.each([
    ['Open an account for Zoë Müller', 'Approval needed: Open an account for Zoe Muller'],
    ['a\r\nBcc: x@example.com', 'Approval needed: a Bcc: x@example.com'],
    ['審査', 'Approval needed'],
    ['x'.repeat(300), `Approval needed: ${'x'.repeat(79)}...`],
  ])('has a subject that SNS takes: %j', async (title, expected) => {
    const gate = new Gate();
    const { subject } = await gate.ask({ ...EVENT, title });
    expect(subject).toBe(expected);
    expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
  });
});

describe('other channels', () => {
  const MESSAGE = {
    version: 1,
    requestId: expect.stringMatching(/^[\w-]{22}$/),
    approver: 'ann',
    title: EVENT.title,
    summary: EVENT.summary,
    summaryHash: EVENT.summaryHash,
    link: expect.stringMatching(/^https:\/\/api\.example\/[\w-]{22}\.[0-9a-z]+\.[\w-]{22}$/),
    code: expect.stringMatching(/^[0-9A-Z]{3}-[0-9A-Z]{3}$/),
    expiresAt: '2026-07-03T12:05:00.250Z',
    executionName: 'run-4711',
    step: 'Review',
  };

  test('a topic gets JSON with the attribute', async () => {
    const gate = new Gate();
    await gate.notify(WITH_CHANNEL('sns', 'arn:aws:sns:eu-west-1:111122223333:Chat'));
    const [{ service, input }, ...more] = gate.messages;
    expect(more).toEqual([]);
    expect(service).toBe('sns');
    expect(Object.keys(input).sort()).toEqual(['Message', 'MessageAttributes', 'TopicArn']);
    expect(input.MessageAttributes).toEqual({ approver: { DataType: 'String', StringValue: 'ann' } });
    expect(JSON.parse(String(input.Message))).toEqual(MESSAGE);
  });

  test('a queue gets JSON', async () => {
    const gate = new Gate();
    await gate.notify(WITH_CHANNEL('sqs', 'https://sqs.eu-west-1.amazonaws.com/111122223333/chat'));
    const [{ service, input }] = gate.messages;
    expect(service).toBe('sqs');
    expect(Object.keys(input).sort()).toEqual(['MessageBody', 'QueueUrl']);
    expect(JSON.parse(String(input.MessageBody))).toEqual(MESSAGE);
  });

  test.each(['sqs', 'sns'] as const)('a FIFO %s target gets a group', async (type) => {
    const gate = new Gate();
    await gate.notify(WITH_CHANNEL(type, 'x.fifo'));
    expect(gate.messages[0].input).toMatchObject({ MessageGroupId: MESSAGE.requestId, MessageDeduplicationId: expect.any(String) });
  });

  test('a function is invoked asynchronously', async () => {
    const gate = new Gate();
    await gate.notify(WITH_CHANNEL('lambda', 'arn:aws:lambda:eu-west-1:111122223333:function:chat'));
    const [{ service, input }] = gate.messages;
    expect(service).toBe('lambda');
    expect(input).toMatchObject({ FunctionName: 'arn:aws:lambda:eu-west-1:111122223333:function:chat', InvocationType: 'Event' });
    expect(JSON.parse(Buffer.from(input.Payload as Uint8Array).toString())).toEqual(MESSAGE);
  });
});

describe('a bad event', () => {
  test.each([
    ['nothing', null, /taskToken is not a text; .*summary is not an object/],
    ['no token', { ...EVENT, taskToken: '' }, /^taskToken is not a text$/],
    ['no identity', { ...EVENT, approver: { ...EVENT.approver, identity: '' } }, /^approver.identity is not a text$/],
    ['an unknown channel', WITH_CHANNEL('fax' as 'sns', 'x'), /^approver.channel.type is none of email, sns, sqs, lambda$/],
    ['no time', { ...EVENT, enteredAt: 'soon' }, /^enteredAt is not a time$/],
    ['no expiry', { ...EVENT, expiresInSeconds: 0 }, /^expiresInSeconds is not a number above zero$/],
    ['a hash that is null', { ...EVENT, summaryHash: null }, /^summaryHash is not a text$/],
    ['no hash', { ...EVENT, summaryHash: undefined }, /^summaryHash is not a text$/],
    ['an empty hash', { ...EVENT, summaryHash: '' }, /^summaryHash is not a text$/],
    ['a list as summary', { ...EVENT, summary: ['a'] }, /^summary is not an object$/],
    ['a huge summary', { ...EVENT, summary: { a: 'é'.repeat(12_289) } }, /^summary has more than 24576 bytes/],
  ])('%s is refused by name, before anything is called', async (_, event, message) => {
    const gate = new Gate();
    await expect(gate.notify(event)).rejects.toMatchObject({ name: 'InvalidApprovalRequest', message: expect.stringMatching(message) });
    expect([gate.macs, gate.table.calls, gate.messages]).toEqual([[], [], []]);
  });
});

test('an error keeps its name for retries, and gives nothing away', async () => {
  const gate = new Gate();
  const { link, code, requestId } = await gate.ask();
  const error = new Error(`rejected: ${TOKEN} ${API_URL}/${link} ${code} ${code.replace('-', '')} ${link.split('.')[2]}`);
  error.name = 'ThrottlingException';
  gate.undeliverable = error;
  const thrown = await gate.notify().catch((caught: unknown) => caught as Error);
  expect(thrown).toMatchObject({
    name: 'ThrottlingException',
    message: `rejected: [hidden] ${API_URL}/[hidden] [hidden] [hidden] [hidden]`,
  });
  for (const secret of [TOKEN, link, code, link.split('.')[2]]) {
    expect(`${thrown?.stack}${JSON.stringify(thrown)}${gate.lines}`).not.toContain(secret);
  }
  expect(gate.log.at(-1)).toMatchObject({ level: 'ERROR', outcome: 'failed', requestId, error: 'ThrottlingException' });
});
