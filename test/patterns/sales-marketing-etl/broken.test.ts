import { testBroken } from '../../support/broken-sample';

const GATE = 'lib/blocks/object-gate';

testBroken('sales-marketing-etl', [
  [
    'a gate that answers with nothing',
    'sales-first',
    { handler: `${GATE}:arrived`, file: 'resolve.ts', line: 'JSON.stringify(found)', becomes: "'{}'" },
  ],
  [
    'a gate that only looks',
    'sales-first',
    { handler: `${GATE}:wait`, file: 'handlers/wait.ts', line: 'await register(services.table, waiter);', becomes: '' },
  ],
  [
    'a gate that takes what is too old',
    'stale-file',
    { handler: `${GATE}:wait`, file: 'search.ts', line: 'modified > after', becomes: 'true' },
  ],
  [
    'a gate that takes an empty file',
    'empty-file',
    { handler: `${GATE}:arrived`, file: 'search.ts', line: 'object.size >= minSize', becomes: 'true' },
  ],
  ['a gate that needs no marker', 'marketing-missing', { handler: `${GATE}:arrived`, file: 'search.ts', line: '!signed ||', becomes: '' }],
  [
    'a sweeper that looks for nobody',
    'event-lost',
    { handler: `${GATE}:sweep`, file: 'sweep.ts', line: '!(await resolve(services, waiter))', becomes: 'true' },
  ],
  [
    'rows that stay',
    'before-the-start',
    { handler: `${GATE}:wait`, file: 'resolve.ts', line: 'await forget(table, waiter);', becomes: '' },
  ],
  [
    'a join with a side that is missing',
    'marketing-missing',
    { rule: '$count($states.input.missing) = 0 ? \\"none\\"', becomes: 'true ? \\"none\\"' },
  ],
  [
    'a missing side that counts as done',
    'marketing-missing',
    {
      rule: 'sources.marketing.output; { \\"status\\": $o.object.status = \\"FOUND\\"',
      becomes: 'sources.marketing.output; { \\"status\\": \\"x\\" != \\"FOUND\\"',
    },
  ],
  [
    'a period that is done twice',
    'same-period-twice',
    { rule: 'attribute_not_exists(#status) OR', becomes: 'attribute_exists(#status) OR attribute_not_exists(#status) OR' },
  ],
  ['an input that is let through', 'bad-input', { rule: ') != \\"\\" %}', becomes: ') = \\"never\\" %}' }],
]);
