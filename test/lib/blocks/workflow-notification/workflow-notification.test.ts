import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, aws_events as events, aws_kms as kms, Stack, aws_stepfunctions as sfn, aws_sns as sns } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ObservedStateMachine, WorkflowNotification, type WorkflowNotificationProps } from '../../../../lib';
import { type Json, LocalCloud, type LocalRun, loadAssembly } from '../../../../local';
import '../../../../local/jest';
import { nagFindings } from '../../../support/nag';
import { warmStart } from '../../../support/warm-start';

const warm = warmStart();

const outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
afterAll(() => rmSync(outdir, { recursive: true, force: true }));
const app = new App({ outdir });
const stack = new Stack(app, 'Test');
const bus = new events.EventBus(stack, 'Bus');
const notification = new WorkflowNotification(stack, 'Notification', {
  eventBus: bus,
  eventSource: 'orders',
  redact: ['[0-9]{13,19}', 'https?://[^ ]+'],
});
const message = {
  subject: '{% $states.input.title %}',
  fields: { Order: '{% $states.input.order %}', Total: '{% $states.input.total %}', Note: '{% $states.input.note %}', Shop: 'Berlin' },
};
const machine = (id: string, definition: sfn.IChainable) => new ObservedStateMachine(stack, id, { definition });
machine('Tells', notification.publish('Tell', message).next(sfn.Pass.jsonata(stack, 'After')));
machine('MustTell', notification.publish('Tell', { ...message, mustArrive: true }));
const detail = { orderId: '{% $states.input.order %}', total: '{% $states.input.total %}', kind: 'web' };
machine('Announces', notification.putEvent('Announce', { detailType: 'Order Shipped', detail }));
machine('MayAnnounce', notification.putEvent('Announce', { detailType: 'Order Shipped', detail, mustArrive: false }));
app.synth();
const assembly = loadAssembly(outdir);

let cloud: LocalCloud;
beforeEach(async () => {
  cloud = await LocalCloud.deploy(await assembly, { warm });
});
afterEach(() => cloud.dispose());
const run = async (id: string, input: Record<string, Json>): Promise<LocalRun> =>
  (await cloud.stateMachine(`Test/${id}`).start(input)).finished();
const messages = () => cloud.topic('Test/Notification/Topic').messages();

describe('a message', () => {
  test('has a subject and a body by fields, and leaves the state as it is', async () => {
    const input = { title: 'Order shipped', order: 'o-1', total: 12.5, note: { gift: true }, secret: 's' };
    const told = await run('Tells', input);
    expect(told.output).toEqual(input);
    expect(told).toHaveVisited(['Tell', 'After']);
    expect(messages()).toEqual([
      {
        subject: 'Order shipped',
        message: `Order shipped\n\nOrder: o-1\nTotal: 12.5\nNote: {"gift":true}\nShop: Berlin\n\nRun ${told.name} of ${told.arn.split(':')[6]}`,
      },
    ]);
    expect(cloud).toHaveDeniedNothing();
  });

  test.each<[string, Json, string]>([
    ['is put into ASCII', 'Größe geändert ✓', 'Gr?e ge?ndert ?'],
    ['is on one line', 'a\r\nBcc: eve@example.com\u2028b', 'a Bcc: eve@example.com b'],
    ['has no controls', '\u0007\u202ea\u0000b', 'ab'],
    ['is cut', 'x'.repeat(300), 'x'.repeat(99)],
    ['is the name of the state when there is none', '   ', 'Tell'],
    ['may be missing', null, 'null'],
    ['may be no text', 42, '42'],
    ['has nothing secret', 'card 4111111111111111', 'card [hidden]'],
  ])('the subject %s: %j', async (_, title, subject) => {
    await run('Tells', { title });
    expect(messages()[0].subject).toBe(subject);
  });

  test('what others wrote can not pass for another field, is cut, and shows nothing secret', async () => {
    const note = `nice\nTotal: 0\u2028Shop: Rome\u202e 4111111111111111 http://evil.example/?a=1 ${'y'.repeat(400)}`;
    await run('Tells', { title: 'Größe', order: 'ä', total: 1, note });
    const lines = messages()[0].message.split('\n');
    expect(lines.slice(0, 4)).toEqual(['Größe', '', 'Order: ä', 'Total: 1']);
    expect(lines[4]).toMatch(/^Note: nice Total: 0 Shop: Rome \[hidden\] \[hidden\] y+…$/);
    expect(lines[4]).toHaveLength('Note: '.length + 300);
    expect(lines[5]).toBe('Shop: Berlin');
  });

  test('what is missing is a dash', async () => {
    await run('Tells', { title: 't' });
    expect(messages()[0].message).toContain('Order: -\nTotal: -\nNote: -');
  });

  test('a topic that is throttled is tried again', async () => {
    cloud.fail('sns:Publish', { error: 'ThrottledException', times: 4 });
    const told = await run('MustTell', { title: 't' });
    expect(told).toHaveSucceeded();
    expect(messages()).toHaveLength(1);
  });

  test('that can not be sent does not stop the work, unless it must arrive', async () => {
    cloud.fail('sns:Publish', { error: 'InvalidParameter', times: 14 });
    const input = { title: 't', order: 'o-1' };
    const told = await run('Tells', input);
    expect(told).toHaveVisited(['Tell', 'TellNotSent', 'After']);
    expect(told.output).toEqual(input);
    expect(await run('MustTell', input)).toHaveFailedWith('SNS.InvalidParameterException');
    expect(messages()).toEqual([]);
  });
});

describe('an event', () => {
  const eventsOnBus = () => cloud.eventBus('Test/Bus').events();

  test('has the fields that are named, as they are, and the run', async () => {
    const input = { order: 'o-1', total: 12.5, secret: 's' };
    const told = await run('Announces', input);
    expect(told.output).toEqual(input);
    expect(eventsOnBus()).toEqual([
      { source: 'orders', detailType: 'Order Shipped', detail: { executionArn: told.arn, orderId: 'o-1', total: 12.5, kind: 'web' } },
    ]);
    expect(cloud).toHaveDeniedNothing();
  });

  test('a field that gives nothing is left out', async () => {
    await run('Announces', {});
    expect(eventsOnBus()[0].detail).toEqual({ executionArn: expect.any(String), kind: 'web' });
  });

  test('is tried again; and fails the run when it can not be sent, unless that is allowed', async () => {
    cloud.fail('eventbridge:PutEvents', { error: 'InternalException', statusCode: 500, times: 3 });
    expect(await run('Announces', { order: 'o-1' })).toHaveSucceeded();
    expect(eventsOnBus()).toHaveLength(1);
    cloud.fail('eventbridge:PutEvents', { error: 'InternalException', statusCode: 500, times: 14 });
    expect(await run('Announces', {})).toHaveFailedWith('EventBridge.InternalException');
    expect(await run('MayAnnounce', {})).toHaveVisited(['Announce', 'AnnounceNotSent']);
  });
});

describe('what it synthesizes', () => {
  const statementsOf = (of: Stack, role: RegExp) =>
    Object.values(Template.fromStack(of).findResources('AWS::IAM::Policy'))
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => role.test(Ref)))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => !/logs:|xray:/.test(JSON.stringify(Action)));
  const idOf = (of: Stack, type: string) => Object.keys(Template.fromStack(of).findResources(type))[0];
  const allow = (Action: unknown, Resource: unknown) => ({ Action, Effect: 'Allow', Resource });

  test('each state machine may tell whom it tells, and no more', () => {
    expect(statementsOf(stack, /^TellsRole/)).toEqual([allow('sns:Publish', { Ref: idOf(stack, 'AWS::SNS::Topic') })]);
    expect(statementsOf(stack, /^AnnouncesRole/)).toEqual([
      allow('events:PutEvents', { 'Fn::GetAtt': [idOf(stack, 'AWS::Events::EventBus'), 'Arn'] }),
    ]);
  });

  test('a key of its own is allowed too', () => {
    const keyed = new Stack(new App(), 'Test');
    const own = new WorkflowNotification(keyed, 'Notification', { encryptionKey: new kms.Key(keyed, 'Key', { enableKeyRotation: true }) });
    new ObservedStateMachine(keyed, 'Machine', { definition: own.publish('Tell', message) });
    expect(statementsOf(keyed, /^MachineRole/)).toEqual([
      allow('sns:Publish', { Ref: idOf(keyed, 'AWS::SNS::Topic') }),
      allow(['kms:Decrypt', 'kms:GenerateDataKey'], { 'Fn::GetAtt': [idOf(keyed, 'AWS::KMS::Key'), 'Arn'] }),
    ]);
    expect(nagFindings(keyed)).toEqual([]);
  });

  test('nothing that cdk-nag finds is left; no topic without a message; a supplied one is used', () => {
    expect(nagFindings(stack)).toEqual([]);
    const other = new Stack(new App(), 'Test');
    new WorkflowNotification(other, 'Silent').putEvent('Announce', { detailType: 'D', detail: {} });
    const topic = new sns.Topic(other, 'Mine', { enforceSSL: true });
    const supplied = new WorkflowNotification(other, 'Loud', { topic });
    supplied.publish('One', message);
    supplied.publish('Two', message);
    expect(supplied.topic).toBe(topic);
    Template.fromStack(other).resourceCountIs('AWS::SNS::Topic', 1);
  });
});

describe('what it refuses', () => {
  const fresh = (props: WorkflowNotificationProps = {}) => new WorkflowNotification(new Stack(new App(), 'Test'), 'Notification', props);

  test.each<[string, string, Record<string, string>, RegExp]>([
    ['a token', 's', { Link: '{% "https://x/?t=" & $states.context.Task.Token %}' }, /'Link' would tell a task token/],
    ['a token in the subject', '{% $states.context.Task.Token %}', {}, /'subject' would tell a task token/],
    ['everything', 's', { All: '{% $states.input %}' }, /'All' would tell everything: name the field that is meant/],
    ['no subject', '', {}, /its subject is empty/],
    ['no label', 's', { ' ': 'x' }, /a label is empty/],
    ['too many fields', 's', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, 'x'])), /has 51 fields, at most 50/],
  ])('a message with %s', (_, subject, fields, problem) => {
    expect(() => fresh().publish('Tell', { subject, fields })).toThrow(problem);
  });

  test('an event with a token, everything, or without a type', () => {
    expect(() => fresh().putEvent('E', { detailType: 'D', detail: { t: '{% $states.context.Task.Token %}' } })).toThrow(/a task token/);
    expect(() => fresh().putEvent('E', { detailType: 'D', detail: { all: '{% $states.context %}' } })).toThrow(/would tell everything/);
    for (const detailType of ['', 'x'.repeat(129), '{% $states.input.type %}']) {
      expect(() => fresh().putEvent('E', { detailType, detail: {} })).toThrow(/detailType .* has to be a text of 1 to 128 characters/);
    }
  });

  test('props that mean nothing', () => {
    const other = new Stack(new App(), 'Other');
    expect(() => fresh({ redact: ['a*'] })).toThrow(/the pattern 'a\*', which also means an empty text/);
    expect(() => fresh({ eventSource: 'aws.mine' })).toThrow(/begins with "aws\."/);
    expect(() => fresh({ topic: new sns.Topic(other, 'Fifo', { fifo: true }) })).toThrow(/the topic is FIFO/);
    expect(() => fresh({ topic: new sns.Topic(other, 'T'), encryptionKey: new kms.Key(other, 'K') })).toThrow(/would change nothing/);
  });
});
