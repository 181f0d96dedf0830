import { writeFileSync } from 'node:fs';
import { TaskTimedOut } from '@aws-sdk/client-sfn';
import { EVENT, Gate, wrongCode } from './support/gate';

test('render', async () => {
  const gate = new Gate();
  const summary = {
    Applicant: 'Zoë Müller',
    'Date of birth': '1987-04-12',
    Address: 'Karl-Marx-Allee 99\n10243 Berlin\nGermany',
    'Requested limit': 2500,
    'Name check': 'Similar to an entry of the watch list: “Zoe Mueller”, 0.94',
    'Address check': 'passed',
    'Known customer': false,
  };
  const event = { ...EVENT, summary };
  const mail = await gate.ask(event);
  const w = (name: string, r: { body: string; statusCode: number }) => writeFileSync(`/tmp/r/${name}.html`, r.body);
  writeFileSync('/tmp/r/mail.txt', `${mail.subject}\n\n${mail.text}`);
  w('form', await gate.get(mail.link));
  w('wrong', await gate.submit(mail.link, { decision: 'APPROVED', code: wrongCode(mail.code), reason: 'Papers seen in person.' }));
  w('unknown', await gate.get('x'));
  w('badform', await gate.post(mail.link, {}));
  w(
    'approved',
    await gate.submit(mail.link, { decision: 'APPROVED', code: mail.code, reason: 'Papers seen in person.\nSpoke to branch.' }),
  );
  w('again', await gate.post(mail.link, { nonce: 'x', decision: 'REJECTED', code: mail.code }));
  const g2 = new Gate();
  const m2 = await g2.ask(event);
  g2.refuse = [() => new Error('throttled')];
  w('rejected-later', await g2.submit(m2.link, { decision: 'REJECTED', code: m2.code }));
  const g3 = new Gate();
  const m3 = await g3.ask(event);
  for (let i = 0; i < 10; i++) w('locked', await g3.submit(m3.link, { decision: 'REJECTED', code: wrongCode(m3.code) }));
  g3.now += 1e9;
  w('expired', await g3.get(m3.link));
  const g4 = new Gate();
  const m4 = await g4.ask(event);
  g4.refuse = [() => new TaskTimedOut({ message: '', $metadata: {} })];
  w('withdrawn', await g4.submit(m4.link, { decision: 'REJECTED', code: m4.code }));
  g4.kms.send = (() => {
    throw new Error('x');
  }) as never;
  w('error', await g4.get(m4.link));
  console.warn(g4.lines.join('\n'));
  writeFileSync('/tmp/r/log.txt', [...gate.lines, ...g4.lines].join('\n'));
});
