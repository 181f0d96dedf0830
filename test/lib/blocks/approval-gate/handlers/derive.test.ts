import { RequestSecrets, requestIdOf, sameText } from '../../../../../lib/blocks/approval-gate/handlers/derive';
import { Gate, START } from './support/gate';

const derive = (requestId = 'one', expiresAt = START) => RequestSecrets.derive(new Gate().kms, 'key', requestId, expiresAt);

test('a request id is opaque, stable, and differs by key and by approver', () => {
  const ids = [requestIdOf('key', 'ann'), requestIdOf('key2', 'ann'), requestIdOf('key', 'ann2'), requestIdOf('key","ann', 'ann')];
  expect(new Set(ids).size).toBe(4);
  expect(requestIdOf('key', 'ann')).toBe(ids[0]);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
});

test('the same request has the same secrets', async () => {
  const [one, two] = [await derive(), await derive()];
  expect([one.signature, one.code, one.nonce(3)]).toEqual([two.signature, two.code, two.nonce(3)]);
});

test.each([
  ['another id', 'two', START],
  ['another expiry', 'one', START + 1],
])('%s changes signature, code and nonce', async (_, requestId, expiresAt) => {
  const [one, two] = [await derive(), await derive(requestId, expiresAt)];
  expect(one.signature).not.toBe(two.signature);
  expect(one.code).not.toBe(two.code);
  expect(one.nonce(1)).not.toBe(two.nonce(1));
});

test('every purpose and revision has a value of its own', async () => {
  const secrets = await derive();
  const values = [secrets.signature, secrets.nonce(0), secrets.nonce(1), secrets.nonce(10)];
  expect(new Set(values).size).toBe(4);
  expect(secrets.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/);
});

test('KMS is called once, with a message for this purpose only', async () => {
  const gate = new Gate();
  await RequestSecrets.derive(gate.kms, 'key', 'one', START);
  expect(gate.macs).toEqual([`stepworks/approval-gate/secret/v1|one|${START}`]);
});

test.each([
  ['abc', 'abc', true],
  ['abc', 'abd', false],
  ['abc', 'ab', false],
  ['', '', true],
  ['é', 'e', false],
])('whether %j and %j are the same: %s', (left, right, same) => {
  expect(sameText(left, right)).toBe(same);
});
