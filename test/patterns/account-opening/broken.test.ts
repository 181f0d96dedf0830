import { type BrokenDefinition, type BrokenHandler, testBroken } from '../../support/broken-sample';

const GATE = 'lib/blocks/approval-gate';
const SAMPLE = 'patterns/account-opening';

const handler = (path: string, file: string, line: string, becomes: string): BrokenHandler => ({ handler: path, file, line, becomes });

const BROKEN: [string, string, BrokenHandler | BrokenDefinition][] = [
  ['a review for nobody', 'flagged-approved', { rule: ') >= 1) or ', becomes: ') >= 9) or ' }],
  ['a rejection that counts as an approval', 'flagged-refused', { rule: 'decision = \\"APPROVED\\"', becomes: 'decision != \\"NOBODY\\"' }],
  ['an input that is let through', 'fields-missing', { rule: ') != \\"\\" %}', becomes: ') = \\"never\\" %}' }],
  [
    'a second write that replaces the first',
    'same-id-other-data',
    { rule: 'attribute_not_exists(applicationId) OR', becomes: 'attribute_exists(#status) OR attribute_not_exists(applicationId) OR' },
  ],
  [
    'a name check that finds nobody',
    'flagged-approved',
    handler(`${SAMPLE}:check-name`, 'watch-list.ts', 'THRESHOLD = 0.88', 'THRESHOLD = 9'),
  ],
  [
    'a name check that finds everybody',
    'clean',
    handler(`${SAMPLE}:check-name`, 'check-name/index.ts', 'flagged: reasons.length > 0,', 'flagged: true, reason: "x",'),
  ],
  [
    'an address check that never flags',
    'flagged-refused',
    handler(`${SAMPLE}:check-address`, 'check-address/index.ts', 'flagged: problems.length > 0', 'flagged: false'),
  ],
  ['a page that takes any code', 'mail-scanner', handler(`${GATE}:respond`, 'respond.ts', '!sameText(code, secrets.code)', 'false')],
  [
    'a page that asks when it is too late',
    'late-click',
    handler(`${GATE}:show`, 'standing.ts', 'Date.now() >= Date.parse(waiting.expiresAt)', 'false'),
  ],
  [
    'a message to the wrong person',
    'flagged-approved',
    handler(`${GATE}:notify`, 'channel.ts', 'StringValue: request.approver', 'StringValue: "nobody@example.com"'),
  ],
  ['an outcome that names nobody', 'flagged-approved', handler(`${GATE}:respond`, 'answer.ts', 'by: decidedBy', 'by: "somebody"')],
  ['a sweeper that sweeps nothing', 'answer-lost', handler(`${GATE}:sweep`, 'sweep.ts', 'GRACE_MS = 60_000', 'GRACE_MS = 1e15')],
];

testBroken('account-opening', BROKEN);
