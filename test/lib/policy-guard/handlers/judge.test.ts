import { covers, intersects } from '../../../../lib/policy-guard/handlers/judge/glob';
import { judge, type RestrictedRule } from '../../../../lib/policy-guard/handlers/judge/judge';

const RULES: readonly RestrictedRule[] = [
  { action: 'iam:PassRole', allowedIf: [{ key: 'iam:PassedToService', values: ['lambda.amazonaws.com', '*.states.amazonaws.com'] }] },
  { action: 'iam:CreateAccessKey', allowedIf: [{ key: 'aws:MultiFactorAuthPresent', values: ['true'] }] },
  { action: 'organizations:*' },
  { action: 's3:DeleteBucket', resources: ['arn:aws:s3:::audit', 'arn:aws:s3:::audit-*'] },
];

const allow = (Action: unknown, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more });
const allowNot = (NotAction: unknown, more: object = {}) => ({ Effect: 'Allow', NotAction, Resource: '*', ...more });
const deny = (Action: unknown, more: object = {}) => ({ ...allow(Action, more), Effect: 'Deny' });
const denyNot = (NotAction: unknown, more: object = {}) => ({ ...allowNot(NotAction, more), Effect: 'Deny' });
const on = (Resource: unknown) => ({ Resource });
const onNot = (NotResource: unknown) => ({ Resource: undefined, NotResource });
const when = (Condition: unknown) => ({ Condition });
const doc = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement });
const encoded = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

const PASS = 'iam:PassRole';
const KEY = 'iam:CreateAccessKey';
const ORG = 'organizations:*';
const BUCKET = 's3:DeleteBucket';
const passedTo = (operator: string, value: unknown, key = 'iam:PassedToService') => when({ [operator]: { [key]: value } });

/** What is found: the restricted actions in the order of the rules; `[]` for a document that is compliant. Objects are written as JSON. */
const TABLE: readonly (readonly [string, unknown, readonly string[] | RegExp])[] = [
  // Action
  ['the very action', doc(allow(PASS)), [PASS]],
  ['another action', doc(allow('iam:GetRole')), []],
  ['small letters', doc(allow('iam:passrole')), [PASS]],
  ['capitals', doc(allow('IAM:PASSROLE')), [PASS]],
  ['mixed letters', doc(allow('iAm:pAsSrOlE')), [PASS]],
  ['a list of one', doc(allow([PASS])), [PASS]],
  ['the last of a list', doc(allow(['s3:GetObject', 'sqs:*', PASS])), [PASS]],
  ['a list of harmless ones', doc(allow(['s3:GetObject', 'sqs:*'])), []],
  ['the same twice', doc(allow([PASS, PASS])), [PASS]],
  ['everything', doc(allow('*')), [PASS, KEY, ORG, BUCKET]],
  ['everything in a list', doc(allow(['*'])), [PASS, KEY, ORG, BUCKET]],
  ['everything of every service', doc(allow('*:*')), [PASS, KEY, ORG, BUCKET]],
  ['several stars', doc(allow('***')), /"service:action"/],
  ['a service', doc(allow('iam:*')), [PASS, KEY]],
  ['another service', doc(allow('sns:*')), []],
  ['a service that begins alike', doc(allow('iamx:*')), []],
  ['a beginning', doc(allow('iam:Pass*')), [PASS]],
  ['an end', doc(allow('iam:*Role')), [PASS]],
  ['a middle', doc(allow('iam:*ssR*')), [PASS]],
  ['a star that stands for nothing', doc(allow('iam:PassRole*')), [PASS]],
  ['one character', doc(allow('iam:Pass?ole')), [PASS]],
  ['one character for nothing', doc(allow('iam:PassRole?')), []],
  ['as many question marks', doc(allow('iam:????????')), [PASS]],
  ['fewer question marks', doc(allow('iam:???????')), []],
  ['stars and question marks', doc(allow('i?m:*a?s*e')), [PASS]],
  ['a wildcard in the service', doc(allow('i*:PassRole')), [PASS]],
  ['a wildcard service of another name', doc(allow('s*:PassRole')), []],
  ['a verb of every service', doc(allow('*:CreateAccessKey')), [KEY, ORG]],
  ['readers only', doc(allow(['iam:Get*', 'iam:List*'])), []],
  ['a beginning that ends too early', doc(allow('iam:CreateA*')), [KEY]],
  ['a beginning that goes elsewhere', doc(allow('iam:CreateG*')), []],
  ['one action of a service that is restricted as a whole', doc(allow('organizations:LeaveOrganization')), [ORG]],
  ['a part of a service that is restricted as a whole', doc(allow('Organizations:List*')), [ORG]],
  ['a regular expression is plain text', doc(allow('iam:Pass.ole')), []],
  ['brackets are plain text', doc(allow('iam:[P]assRole')), []],
  ['two rules by one statement', doc(allow([PASS, KEY])), [PASS, KEY]],
  // Statements
  ['one statement, no list', { Version: '2012-10-17', Statement: allow(PASS) }, [PASS]],
  ['the second statement', doc(allow('s3:GetObject'), allow(PASS)), [PASS]],
  ['the last of twenty', doc(...Array(19).fill(allow('s3:GetObject')), allow(KEY)), [KEY]],
  ['two statements that grant it', doc(allow(PASS), allow('iam:P*')), [PASS, PASS]],
  ['no Version', { Statement: [allow(PASS)] }, [PASS]],
  ['the old Version', { Version: '2008-10-17', Statement: [allow(PASS)] }, [PASS]],
  ['an Id', { Id: 'x', Statement: [allow(PASS)] }, [PASS]],
  ['a Sid', doc(allow(PASS, { Sid: 'Harmless' })), [PASS]],
  ['an empty Sid', doc(allow(PASS, { Sid: '' })), [PASS]],
  ['the same Sid twice', doc(allow('s3:GetObject', { Sid: 'A' }), allow(PASS, { Sid: 'A' })), [PASS]],
  ['a Sid that looks like a Deny', doc(allow(PASS, { Sid: '"Effect":"Deny"' })), [PASS]],
  ['Effect at the end', '{"Statement":[{"Resource":"*","Action":"iam:PassRole","Effect":"Allow"}]}', [PASS]],
  // NotAction
  ['all but another service', doc(allowNot('s3:*')), [PASS, KEY, ORG]],
  ['all but iam', doc(allowNot('iam:*')), [ORG, BUCKET]],
  ['all but iam and organizations', doc(allowNot(['iam:*', 'organizations:*'])), [BUCKET]],
  ['all but all that is restricted', doc(allowNot(['iam:*', 'organizations:*', 's3:*'])), []],
  ['all but everything', doc(allowNot('*')), []],
  ['all but the very actions', doc(allowNot([PASS, KEY, ORG, BUCKET])), []],
  ['all but one of a restricted service', doc(allowNot(['iam:*', 's3:*', 'organizations:LeaveOrganization'])), [ORG]],
  ['all but one character', doc(allowNot(['iam:Pass?ole', KEY, ORG, BUCKET])), []],
  ['all but capitals', doc(allowNot(['IAM:*', 'ORGANIZATIONS:*', 'S3:*'])), []],
  ['all but, in Deny only', doc(denyNot('s3:*')), []],
  // Resource
  ['on one resource', doc(allow(PASS, on('arn:aws:iam::111122223333:role/app'))), [PASS]],
  ['on a list of resources', doc(allow(PASS, on(['arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/b']))), [PASS]],
  ['a restricted resource', doc(allow(BUCKET, on('arn:aws:s3:::audit'))), [BUCKET]],
  ['another resource', doc(allow(BUCKET, on('arn:aws:s3:::scratch'))), []],
  ['a pattern that reaches it', doc(allow(BUCKET, on('arn:aws:s3:::a*'))), [BUCKET]],
  ['a pattern within what is restricted', doc(allow(BUCKET, on('arn:aws:s3:::audit-2026*'))), [BUCKET]],
  ['one character that reaches it', doc(allow(BUCKET, on('arn:aws:s3:::audi?'))), [BUCKET]],
  ['a pattern that goes elsewhere', doc(allow(BUCKET, on('arn:aws:s3:::b*'))), []],
  ['resources are case-sensitive', doc(allow(BUCKET, on('arn:aws:s3:::AUDIT'))), []],
  ['the second of two resources', doc(allow(BUCKET, on(['arn:aws:s3:::scratch', 'arn:aws:s3:::audit']))), [BUCKET]],
  ['a variable may stand for it', doc(allow(BUCKET, on(`arn:aws:s3:::$\{aws:username}`))), [BUCKET]],
  ['a variable within other text', doc(allow(BUCKET, on(`arn:aws:s3:::b-$\{aws:username}`))), []],
  ['all but other resources', doc(allow(BUCKET, onNot('arn:aws:s3:::scratch'))), [BUCKET]],
  ['all but what is restricted', doc(allow(BUCKET, onNot(['arn:aws:s3:::audit', 'arn:aws:s3:::audit-*']))), []],
  ['all but more than is restricted', doc(allow(BUCKET, onNot('arn:aws:s3:::au*'))), []],
  ['all but half of what is restricted', doc(allow(BUCKET, onNot('arn:aws:s3:::audit'))), [BUCKET]],
  ['all but every resource', doc(allow(PASS, onNot('*'))), []],
  ['all but one role', doc(allow(PASS, onNot('arn:aws:iam::111122223333:role/admin'))), [PASS]],
  ['a variable excepts nothing', doc(allow(BUCKET, onNot(`arn:aws:s3:::$\{aws:username}*`))), [BUCKET]],
  ['NotAction and NotResource', doc({ Effect: 'Allow', NotAction: 's3:*', NotResource: 'arn:aws:s3:::x' }), [PASS, KEY, ORG]],
  // Deny
  ['a Deny alone', doc(deny('*')), []],
  ['denied as well', doc(allow(PASS), deny(PASS)), []],
  ['denied before', doc(deny(PASS), allow(PASS)), []],
  ['denied in other letters', doc(allow('iam:passrole'), deny('IAM:PassRole')), []],
  ['denied with its service', doc(allow(PASS), deny('iam:*')), []],
  ['everything, but what is restricted denied', doc(allow('*'), deny(['iam:*', 'organizations:*', 's3:DeleteBucket'])), []],
  ['everything, and only one denied', doc(allow('*'), deny('iam:*')), [ORG, BUCKET]],
  ['part of a restricted service denied', doc(allow('organizations:*'), deny('organizations:Leave*')), [ORG]],
  ['denied under a condition', doc(allow(PASS), deny(PASS, when({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }))), [PASS]],
  ['denied on one resource', doc(allow(PASS), deny(PASS, on('arn:aws:iam::111122223333:role/admin'))), [PASS]],
  ['granted and denied on the same', doc(allow(PASS, on('arn:aws:iam::1:role/a')), deny(PASS, on('arn:aws:iam::1:role/*'))), []],
  ['denied on less than granted', doc(allow(PASS, on('arn:aws:iam::1:role/*')), deny(PASS, on('arn:aws:iam::1:role/a'))), [PASS]],
  ['denied where it is restricted', doc(allow(BUCKET), deny(BUCKET, on('arn:aws:s3:::audit*'))), []],
  ['all but this denied', doc(allow('*'), denyNot(['s3:GetObject', 'sqs:*'])), []],
  ['all but this denied, this being restricted', doc(allow('*'), denyNot(['s3:GetObject', 'iam:Pass*'])), [PASS]],
  ['denied for all but one resource', doc(allow(PASS), deny(PASS, onNot('arn:aws:iam::1:role/app'))), [PASS]],
  ['denied for all but what is not granted', doc(allow(PASS, on('arn:aws:iam::1:role/a')), deny(PASS, onNot('arn:aws:iam::1:role/b'))), []],
  [
    'denied for all but a variable',
    doc(allow(PASS, on('arn:aws:iam::1:role/a')), deny(PASS, onNot(`arn:aws:iam::1:role/$\{aws:username}`))),
    [PASS],
  ],
  ['denied on a variable', doc(allow(PASS, on('arn:aws:iam::1:role/a')), deny(PASS, on(`arn:aws:iam::1:role/$\{aws:username}`))), [PASS]],
  ['denied by a wider wildcard', doc(allow('iam:Pass?ole'), deny('iam:*')), []],
  ['denied by as wide a wildcard', doc(allow('iam:Pass?ole'), deny('iam:Pass?ole')), []],
  // Condition
  ['a condition that nobody accepts', doc(allow(PASS, when({ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }))), [PASS]],
  ['passed to a service that may have it', doc(allow(PASS, passedTo('StringEquals', 'lambda.amazonaws.com'))), []],
  ['passed to another', doc(allow(PASS, passedTo('StringEquals', 'ec2.amazonaws.com'))), [PASS]],
  [
    'passed to one that may and one that may not',
    doc(allow(PASS, passedTo('StringEquals', ['lambda.amazonaws.com', 'ec2.amazonaws.com']))),
    [PASS],
  ],
  ['passed to several that may', doc(allow(PASS, passedTo('StringEquals', ['lambda.amazonaws.com', 'eu.states.amazonaws.com']))), []],
  ['passed to a pattern within what may', doc(allow(PASS, passedTo('StringLike', '*.states.amazonaws.com'))), []],
  ['passed to anything', doc(allow(PASS, passedTo('StringLike', '*'))), [PASS]],
  ['passed to a wider pattern', doc(allow(PASS, passedTo('StringLike', '*.amazonaws.com'))), [PASS]],
  ['the key in other letters', doc(allow(PASS, passedTo('StringEquals', 'lambda.amazonaws.com', 'IAM:passedtoservice'))), []],
  ['the operator in other letters', doc(allow(PASS, passedTo('stringequals', 'lambda.amazonaws.com'))), []],
  ['IfExists limits nothing', doc(allow(PASS, passedTo('StringEqualsIfExists', 'lambda.amazonaws.com'))), [PASS]],
  ['ForAllValues limits nothing', doc(allow(PASS, passedTo('ForAllValues:StringEquals', 'lambda.amazonaws.com'))), [PASS]],
  ['a negated operator', doc(allow(PASS, passedTo('StringNotEquals', 'lambda.amazonaws.com'))), [PASS]],
  ['Null limits nothing', doc(allow(PASS, passedTo('Null', 'false'))), [PASS]],
  ['no value', doc(allow(PASS, passedTo('StringEquals', []))), [PASS]],
  ['a variable as value', doc(allow(PASS, passedTo('StringEquals', `$\{aws:PrincipalTag/x}`))), [PASS]],
  ['with MFA', doc(allow(KEY, when({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))), []],
  ['with MFA, a boolean', doc(allow(KEY, when({ Bool: { 'aws:MultiFactorAuthPresent': true } }))), []],
  ['without MFA', doc(allow(KEY, when({ Bool: { 'aws:MultiFactorAuthPresent': 'false' } }))), [KEY]],
  ['MFA if it is there', doc(allow(KEY, when({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'true' } }))), [KEY]],
  ['a condition that excuses another rule only', doc(allow(PASS, when({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))), [PASS]],
  [
    'several operators, one of them excusing',
    doc(
      allow(
        PASS,
        when({ ...(passedTo('StringEquals', 'lambda.amazonaws.com').Condition as object), Bool: { 'aws:SecureTransport': 'true' } }),
      ),
    ),
    [],
  ],
  [
    'several keys, one of them excusing',
    doc(allow(PASS, when({ StringEquals: { 'aws:RequestedRegion': 'x', 'iam:PassedToService': 'lambda.amazonaws.com' } }))),
    [],
  ],
  ['an empty Condition', doc(allow(PASS, when({}))), [PASS]],
  ['excused in one statement, not in the next', doc(allow(PASS, passedTo('StringEquals', 'lambda.amazonaws.com')), allow(PASS)), [PASS]],
  // As text
  ['URL-encoded', encoded(JSON.stringify(doc(allow(PASS)))), [PASS]],
  ['URL-encoded, with blanks before', encoded(` \n${JSON.stringify(doc(allow('s3:GetObject')))}`), []],
  ['blanks and line ends', JSON.stringify(doc(allow(PASS)), undefined, 4), [PASS]],
  ['letters by their codes', '{"Statement":{"Effect":"Allow","Action":"iam:\\u0050assRole","Resource":"*"}}', [PASS]],
  ['a percent sign in plain JSON', doc(allow('s3:GetObject', { Sid: '%7B', Resource: 'arn:aws:s3:::a/%2A' })), []],
  ['AWS: AdministratorAccess', doc({ Effect: 'Allow', Action: '*', Resource: '*' }), [PASS, KEY, ORG, BUCKET]],
  [
    'AWS: PowerUserAccess',
    doc(allowNot(['iam:*', 'organizations:*', 'account:*']), allow(['iam:CreateServiceLinkedRole', 'organizations:DescribeOrganization'])),
    [BUCKET, ORG],
  ],
  // Malformed
  ['nothing at all', undefined, /there is no document/],
  ['an empty text', '', /is empty/],
  ['blanks', '  \n', /is empty/],
  ['no JSON', 'Allow *', /is no JSON/],
  ['cut off', '{"Statement":[{"Effect":"Allow"', /is no JSON/],
  ['a comma too many', '{"Statement":[],}', /is no JSON/],
  ['badly encoded', '%7B%2', /not URL-encoded/],
  ['encoded twice', encoded(encoded('{}')), /is no JSON/],
  ['null', 'null', /is null, not an object/],
  ['a number', '7', /is a number, not an object/],
  ['a list', '[]', /is a list, not an object/],
  ['a text', '"Allow"', /is a string, not an object/],
  ['an empty object', {}, /no Statement/],
  ['no Statement', { Version: '2012-10-17' }, /no Statement/],
  ['an empty Statement', doc(), /Statement is empty/],
  ['Statement null', { Statement: null }, /statement 1 is null/],
  ['a text as Statement', { Statement: 'Allow' }, /statement 1 is a string/],
  ['a list in the list', { Statement: [[allow(PASS)]] }, /statement 1 is a list/],
  ['null in the list', { Statement: [allow('s3:GetObject'), null] }, /statement 2 is null/],
  ['an unknown Version', { Version: '2012-10-18', Statement: [allow('s3:GetObject')] }, /Version is "2012-10-18"/],
  ['statement in small letters', { statement: [allow('s3:GetObject')] }, /has "statement"/],
  ['an unknown element', doc(allow('s3:GetObject', { Actions: PASS })), /has "Actions"/],
  ['a Principal', doc(allow('s3:GetObject', { Principal: '*' })), /has "Principal"/],
  ['no Effect', doc({ Action: 's3:GetObject', Resource: '*' }), /Effect of statement 1 is missing/],
  ['Effect in small letters', doc({ Effect: 'allow', Action: 's3:GetObject', Resource: '*' }), /Effect of statement 1 is "allow"/],
  ['no Action', doc({ Effect: 'Allow', Resource: '*' }), /neither Action and NotAction/],
  ['Action and NotAction', doc(allow('s3:GetObject', { NotAction: 's3:*' })), /both Action and NotAction/],
  ['no Action in the list', doc(allow([])), /Action of statement 1 is empty/],
  ['an empty Action', doc(allow('')), /has an empty text in it/],
  ['a number as Action', doc(allow(7)), /has a number in it/],
  ['null in the actions', doc(allow(['s3:GetObject', null])), /has null in it/],
  ['a list in the actions', doc(allow([['iam:PassRole']])), /has a list in it/],
  ['an action without a service', doc(allow('PassRole')), /"PassRole" of statement 1/],
  ['an action with a blank', doc(allow('iam: PassRole')), /"iam: PassRole"/],
  ['an action with two colons', doc(allow('iam:Pass:Role')), /"iam:Pass:Role"/],
  ['a malformed Deny', doc(allow('s3:GetObject'), deny('x')), /"x" of statement 2/],
  ['no Resource', doc({ Effect: 'Allow', Action: 's3:GetObject' }), /neither Resource and NotResource/],
  ['Resource and NotResource', doc(allow('s3:GetObject', { NotResource: '*' })), /both Resource and NotResource/],
  ['an object as Resource', doc(allow('s3:GetObject', on({ Ref: 'x' }))), /has a object in it/],
  ['a text as Condition', doc(allow('s3:GetObject', when('x'))), /Condition of statement 1 is a string/],
  ['null as Condition', doc(allow('s3:GetObject', when(null))), /Condition of statement 1 is null/],
  ['a text as operator', doc(allow('s3:GetObject', when({ Bool: 'true' }))), /Bool of statement 1 is a string/],
  ['an object as value', doc(allow('s3:GetObject', when({ Bool: { x: {} } }))), /no text, number or boolean/],
  ['a number as Sid', doc(allow('s3:GetObject', { Sid: 1 })), /Sid of statement 1 is a number/],
  [
    'Statement twice',
    '{"Statement":{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"},"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}',
    /"Statement" stands twice/,
  ],
  [
    'Action twice, one with codes',
    '{"Statement":{"Effect":"Allow","Action":"iam:PassRole","\\u0041ction":"s3:GetObject","Resource":"*"}}',
    /"Action" stands twice/,
  ],
  [
    'the same name in two objects',
    '{"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"{}"}]}',
    [],
  ],
  ['__proto__', '{"Statement":{"__proto__":{"Effect":"Allow"},"Action":"s3:GetObject","Resource":"*"}}', /has "__proto__"/],
];

test('the table has 120 documents at least, each its own', () => {
  const texts = TABLE.map(([, document]) => (typeof document === 'string' ? document : String(JSON.stringify(document))));
  expect(new Set(texts).size).toBe(texts.length - 1); // AdministratorAccess is everything
  expect(texts.length).toBeGreaterThanOrEqual(120);
});

test.each(TABLE)('%s', (_, document, expected) => {
  const verdict = judge(typeof document === 'string' || document === undefined ? document : JSON.stringify(document), RULES);
  if (expected instanceof RegExp) expect(verdict).toEqual({ kind: 'MALFORMED', problem: expect.stringMatching(expected) });
  else if (expected.length === 0) expect(verdict).toEqual({ kind: 'COMPLIANT' });
  else expect(verdict.kind === 'VIOLATION' ? verdict.findings.map(({ restricted }) => restricted) : verdict).toEqual(expected);
});

test('a finding says what people need', () => {
  const document = doc(
    allow('s3:GetObject'),
    allowNot('s3:*', { Sid: 'Most', Resource: 'arn:aws:iam::1:role/*', Condition: { Bool: { x: true } } }),
  );
  expect(judge(JSON.stringify(document), [{ action: 'iam:PassRole' }])).toEqual({
    kind: 'VIOLATION',
    findings: [
      {
        statement: 'statement 2 (Most)',
        grants: 'all but s3:*',
        restricted: 'iam:PassRole',
        resources: ['arn:aws:iam::1:role/*'],
        conditional: true,
      },
    ],
  });
});

test('patterns against every text of three letters', () => {
  const letters = ['a', 'b', '*', '?'];
  const patterns = ['', ...letters, ...letters.flatMap((x) => letters.map((y) => x + y)), 'a*b', '*a*', '?*?', 'ab?', '**a'];
  const texts = [
    '',
    'a',
    'b',
    'c',
    ...['a', 'b', 'c'].flatMap((x) => ['a', 'b', 'c'].map((y) => x + y)),
    'aab',
    'acb',
    'bbb',
    'aba',
    'cac',
    'abc',
  ];
  const fits = (pattern: string, text: string) => new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
  for (const one of patterns) {
    for (const other of patterns) {
      const both = texts.some((text) => fits(one, text) && fits(other, text));
      if (both) expect([one, other, intersects(one, other)]).toEqual([one, other, true]);
      expect(intersects(one, other)).toBe(intersects(other, one));
      if (covers(one, other)) expect(texts.filter((text) => fits(other, text) && !fits(one, text))).toEqual([]);
    }
  }
  expect(intersects('a*b', 'a*c')).toBe(false);
  expect(intersects('a?', '?')).toBe(false);
  expect([covers('*', 'a*?'), covers('a*', 'a?b*'), covers('a?', 'a*'), covers('?', 'a')]).toEqual([true, true, false, true]);
});
