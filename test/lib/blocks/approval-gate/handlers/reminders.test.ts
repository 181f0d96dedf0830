import type { ReminderEvent } from '../../../../../lib/blocks/approval-gate/handlers/reminders';
import { EVENT, Gate, type Mail, quorumEvent, SECOND_TOKEN, START, TWO_DAYS, wrongCode } from './support/gate';

const SETTINGS = {
  beforeSeconds: [86_400, 3600],
  functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:Notify:live',
  roleArn: 'arn:aws:iam::111122223333:role/Reminder',
  groupName: 'Reminders',
};
const WITH_REMINDERS = { ...EVENT, reminders: SETTINGS };

let gate: Gate;
let mail: Mail;
beforeEach(async () => {
  gate = new Gate();
  mail = await gate.ask(WITH_REMINDERS);
});

const schedules = () => [...gate.schedules.values()];
const reminderOf = (index = 0): ReminderEvent => JSON.parse(schedules()[index].Target?.Input ?? '');

/** The schedule's time has come. @returns what was sent */
async function reminded(index = 0): Promise<Mail[]> {
  const before = gate.messages.length;
  await gate.remind(reminderOf(index));
  return gate.messages.slice(before).map((_, at) => gate.mail(before + at));
}

test('each is a schedule that calls once, before the expiry, and is deleted then', () => {
  expect(schedules()).toEqual(
    [
      [86_400, '2026-07-02T12:05:00', 86_400],
      [3600, '2026-07-03T11:05:00', 3600],
    ].map(([before, at, age]) => ({
      Name: `${mail.requestId}.${before}`,
      GroupName: 'Reminders',
      ScheduleExpression: `at(${at})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: SETTINGS.functionArn,
        RoleArn: SETTINGS.roleArn,
        Input: JSON.stringify({ remind: [{ requestId: mail.requestId, channel: EVENT.approver.channel }] }),
        RetryPolicy: { MaximumEventAgeInSeconds: age },
      },
    })),
  );
  for (const { Target } of schedules())
    for (const secret of [mail.code, mail.link.split('.')[2]]) expect(Target?.Input).not.toContain(secret);
});

test('who has not decided gets the same link and code again, as a reminder', async () => {
  gate.now = START + 86_400_000;
  const [again, ...more] = await reminded();
  expect(more).toEqual([]);
  expect(again).toMatchObject({ link: mail.link, code: mail.code });
  expect(again.subject).toBe('Reminder: approval needed: Open an account for Zoe Muller');
  expect(again.text).toContain('Your decision is still needed:');
  expect(again.text).toContain('which is 24 hours from now');
  expect((await gate.submit(again.link, { decision: 'APPROVED', code: again.code })).statusCode).toBe(200);
});

test('a channel of the user is told that it is a reminder', async () => {
  const approver = { identity: 'team', channel: { type: 'sqs' as const, target: 'https://sqs/queue' } };
  await gate.notify({ ...WITH_REMINDERS, requestKey: 'sqs', approver });
  await gate.remind(reminderOf(2));
  const bodies = gate.messages.slice(-2).map(({ input }) => JSON.parse(String(input.MessageBody)));
  expect(bodies[0]).not.toHaveProperty('reminder');
  expect(bodies[1]).toEqual({ ...bodies[0], reminder: true });
});

test.each<[string, () => unknown]>([
  ['has decided', () => gate.submit(mail.link, { decision: 'REJECTED', code: mail.code })],
  ['has no time left', () => (gate.now = START + TWO_DAYS * 1000)],
  [
    'has a locked link',
    async () => {
      for (let guess = 0; guess < 10; guess++) await gate.submit(mail.link, { decision: 'APPROVED', code: wrongCode(mail.code) });
    },
  ],
  ['is asked by a row that is gone', () => gate.table.items.clear()],
])('who %s is not reminded', async (_, happens) => {
  await happens();
  expect(await reminded()).toEqual([]);
  expect(gate.log.at(-1)).toMatchObject({ outcome: 'needs no reminder' });
});

test('of several, those are reminded who have not voted, until it is settled', async () => {
  gate.schedules.clear();
  const [ann, bob, cy] = await gate.askAll({
    ...quorumEvent(2, 'ann@example.com', 'bob@example.com', 'cy@example.com'),
    reminders: SETTINGS,
  });
  expect(schedules()).toHaveLength(2);
  const vote = (voter: Mail) => gate.submit(voter.link, { decision: 'APPROVED', code: voter.code });
  await vote(bob);
  expect((await reminded()).map(({ link }) => link)).toEqual([ann.link, cy.link]);
  await vote(cy);
  expect(await reminded(1)).toEqual([]);
});

test('a retried task makes no schedule twice', async () => {
  await gate.notify({ ...WITH_REMINDERS, taskToken: SECOND_TOKEN });
  expect(schedules()).toHaveLength(2);
});

test('a reminder whose time is over, or about to be, is left out', async () => {
  gate.schedules.clear();
  gate.now = START + 86_400_000 - 59_999;
  await gate.notify({ ...WITH_REMINDERS, requestKey: 'late' });
  expect(schedules().map(({ ScheduleExpression }) => ScheduleExpression)).toEqual(['at(2026-07-03T11:05:00)']);
});

test('nobody is told when a schedule cannot be made: the task is retried', async () => {
  gate.messages.length = 0;
  gate.scheduler.send = () => {
    throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  };
  await expect(gate.notify({ ...WITH_REMINDERS, requestKey: 'other' })).rejects.toMatchObject({ name: 'ThrottlingException' });
  expect(gate.messages).toEqual([]);
});

test('a message that cannot be sent makes the schedule call again, and gives nothing away', async () => {
  gate.undeliverable = new Error(`cannot send ${mail.link} ${mail.code}`);
  await expect(gate.remind(reminderOf())).rejects.toThrow('cannot send [hidden] [hidden]');
  expect(gate.lines.join()).not.toContain(mail.link);
});
