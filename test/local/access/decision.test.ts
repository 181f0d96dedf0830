// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
import type { AccessRequest, Principal } from '../../../local/cloud-types';
import {
  ACCOUNT,
  allow,
  ask,
  deny,
  type Given,
  INDEX,
  KEY,
  policy,
  QUEUE,
  REGION,
  ROLE,
  SESSION,
  service,
  TABLE,
  TOPIC,
  type World,
  worker,
  world,
} from './world';

const because = (type: string, action: string) => `because no ${type} allows the ${action} action`;
const sentence = (action: string, resource: string, why: string, user = SESSION) =>
  `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;

interface Case {
  readonly what: string;
  readonly given: World;
  readonly action?: string;
  readonly resource?: string;
  readonly context?: AccessRequest['context'];
  readonly by?: Principal;
  /** The end of AWS's sentence; without it the call is allowed. */
  readonly denied?: string;
}

function check(cases: readonly Case[]): void {
  test.each(cases)('$what', ({ given, action = 'dynamodb:PutItem', resource = TABLE, context, by = worker, denied }) => {
    const access = world(given);
    const user = by.kind === 'service' ? by.service : SESSION;
    const expected = denied === undefined ? { allowed: true } : { allowed: false, message: sentence(action, resource, denied, user) };
    expect(ask(access, action, resource, context, by)).toEqual(expected);
    const caller = by.kind === 'service' ? by.service : 'App/Worker';
    expect(access.denied).toEqual(denied === undefined ? [] : [{ role: caller, action, resource }]);
    expect(access.used().map(({ allowedBy: _, ...used }) => used)).toEqual(
      denied === undefined ? [{ role: caller, action, resource }] : [],
    );
  });
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
describe('identity policies', () => {
  const implicit = because('identity-based policy', 'dynamodb:PutItem');
  const explicit = 'with an explicit deny in an identity-based policy';
  check([
    { what: 'nothing is allowed by itself', given: {}, denied: implicit },
    { what: 'what is allowed', given: { identity: [allow('dynamodb:PutItem', TABLE)] } },
    { what: 'another action', given: { identity: [allow('dynamodb:GetItem', TABLE)] }, denied: implicit },
    { what: 'another resource', given: { identity: [allow('dynamodb:PutItem', INDEX)] }, denied: implicit },
    { what: 'the index is not the table', given: { identity: [allow('dynamodb:PutItem', TABLE)] }, resource: INDEX, denied: implicit },
    { what: 'one of several', given: { identity: [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [INDEX, TABLE])] } },
    { what: 'actions in any case', given: { identity: [allow('DynamoDB:putitem', TABLE)] } },
    { what: 'a wildcard in the action', given: { identity: [allow('dynamodb:Put*', TABLE)] } },
    { what: 'a ? in the action', given: { identity: [allow('dynamodb:P?tItem', TABLE)] } },
    { what: 'a wildcard does not leave its service', given: { identity: [allow('s3:*', '*')] }, denied: implicit },
    { what: 'everything', given: { identity: [allow('*')] } },
    { what: 'an explicit deny wins', given: { identity: [allow('*'), deny('dynamodb:*', TABLE)] }, denied: explicit },
    { what: 'an explicit deny wins, in any order', given: { identity: [deny('dynamodb:*', TABLE), allow('*')] }, denied: explicit },
    { what: 'a deny of something else', given: { identity: [allow('*'), deny('dynamodb:*', INDEX)] } },
    {
      what: 'a deny whose condition does not hold',
      given: { identity: [allow('*'), deny('*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] },
    },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    { what: 'NotAction of others', given: { identity: [{ NotAction: 'iam:*', Resource: '*' }] } },
    { what: 'NotAction of this', given: { identity: [{ NotAction: ['iam:*', 'dynamodb:*'], Resource: '*' }] }, denied: implicit },
    { what: 'Deny NotAction', given: { identity: [allow('*'), { Effect: 'Deny', NotAction: 's3:*', Resource: '*' }] }, denied: explicit },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
    { what: 'NotResource of another', given: { identity: [{ Action: '*', NotResource: INDEX }] } },
    { what: 'NotResource of this', given: { identity: [{ Action: '*', NotResource: [INDEX, TABLE] }] }, denied: implicit },
    {
      what: 'an action without a resource needs *',
      given: { identity: [allow('states:ListStateMachines', 'arn:aws:states:*:*:*')] },
      action: 'states:ListStateMachines',
      resource: '*',
      denied: because('identity-based policy', 'states:ListStateMachines'),
    },
    { what: 'an action without a resource, on *', given: { identity: [allow('sqs:ListQueues')] }, action: 'sqs:ListQueues', resource: '*' },
  ]);
});

describe('conditions and variables in a policy', () => {
  const implicit = because('identity-based policy', 'dynamodb:PutItem');
  const when = (Condition: object): World => ({ identity: [allow('dynamodb:PutItem', TABLE, { Condition: Condition as never })] });
  const table = (text: string): World => ({ identity: [allow('dynamodb:PutItem', `arn:aws:dynamodb:*:*:table/${text}`)] });
  check([
    {
      what: 'a key of the service',
      given: when({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } }),
      context: { 'dynamodb:leadingkeys': ['a'] },
    },
    {
      what: 'a key of the service that does not fit',
      given: when({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['a', 'b'] } }),
      context: { 'dynamodb:leadingkeys': ['a', 'c'] },
      denied: implicit,
    },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    { what: 'aws:PrincipalArn is the role', given: when({ ArnEquals: { 'aws:PrincipalArn': ROLE } }) },
    { what: 'aws:PrincipalArn is not the session', given: when({ ArnEquals: { 'aws:PrincipalArn': SESSION } }), denied: implicit },
    { what: 'aws:PrincipalAccount', given: when({ StringEquals: { 'aws:principalaccount': ACCOUNT } }) },
    { what: 'aws:PrincipalType', given: when({ StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }) },
    { what: 'aws:PrincipalIsAWSService', given: when({ Bool: { 'aws:PrincipalIsAWSService': 'false' } }) },
    { what: 'aws:ResourceAccount', given: when({ StringEquals: { 'aws:ResourceAccount': ACCOUNT } }) },
    {
      what: 'aws:ResourceAccount of a bucket, whose ARN has none',
      given: { identity: [allow('s3:GetObject', '*', { Condition: { StringEquals: { 'aws:ResourceAccount': ACCOUNT } } })] },
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::photos/a.jpg',
    },
    { what: 'aws:RequestedRegion', given: when({ StringEquals: { 'aws:RequestedRegion': REGION } }) },
    { what: 'aws:RequestedRegion elsewhere', given: when({ StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }), denied: implicit },
    { what: 'aws:SecureTransport', given: when({ Bool: { 'aws:SecureTransport': 'true' } }) },
    { what: 'aws:SourceArn is of services only', given: when({ ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } }), denied: implicit },
    { what: 'aws:CalledVia', given: when({ 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'athena.amazonaws.com' } }), denied: implicit },
    {
      what: 'aws:CalledVia, called so',
      given: when({
        'ForAnyValue:StringEquals': { 'aws:CalledVia': 'athena.amazonaws.com' },
        StringEquals: { 'aws:CalledViaFirst': 'cloudformation.amazonaws.com', 'aws:CalledViaLast': 'athena.amazonaws.com' },
        Bool: { 'aws:ViaAWSService': 'true' },
      }),
      context: { 'aws:calledvia': ['cloudformation.amazonaws.com', 'athena.amazonaws.com'] },
    },
    { what: 'no organisation', given: when({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }), denied: implicit },
    {
      what: 'before a date',
      given: { ...when({ DateLessThan: { 'aws:CurrentTime': '2026-06-01T00:00:00Z' } }), now: () => Date.UTC(2026, 4, 31) },
    },
    {
      what: 'after a date',
      given: { ...when({ DateLessThan: { 'aws:CurrentTime': '2026-06-01T00:00:00Z' } }), now: () => Date.UTC(2026, 5, 1) },
      denied: implicit,
    },
    { what: 'the same in seconds', given: { ...when({ NumericEquals: { 'aws:EpochTime': '86400' } }), now: () => 86_400_999 } },
    { what: 'a variable', given: table('${app:table}'), context: { 'app:table': 'Orders' } },
    { what: 'a variable of another value', given: table('${app:table}'), context: { 'app:table': 'Other' }, denied: implicit },
    { what: 'a variable without a value', given: table('${app:table}'), denied: implicit },
    { what: 'a variable of several values', given: table('${app:table}'), context: { 'app:table': ['Orders', 'x'] }, denied: implicit },
    { what: 'a default', given: table("${app:table, 'Orders'}") },
    // "… as part of the Resource or NotResource element …, the resource … will not match any resource"
    {
      what: 'NotResource with a variable without a value excepts nothing',
      given: { identity: [allow('*'), { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:dynamodb:*:*:table/${app:table}' }] },
      denied: 'with an explicit deny in an identity-based policy',
    },
    {
      what: 'NotResource with a variable',
      given: { identity: [allow('*'), { Effect: 'Deny', Action: '*', NotResource: 'arn:aws:dynamodb:*:*:table/${app:table}' }] },
      context: { 'app:table': 'Orders' },
    },
  ]);

  test('an older version of the language has no variables', () => {
    const access = world();
    const Resource = 'arn:aws:dynamodb:*:*:table/${app:table}';
    access.putRolePolicy(ROLE, 'Old', { Version: '2008-10-17', Statement: { Effect: 'Allow', Action: '*', Resource } }, 'App/Old');
    expect(ask(access, 'dynamodb:PutItem', TABLE, { 'app:table': 'Orders' }).allowed).toBe(false);
    expect(ask(access, 'dynamodb:PutItem', Resource.replace(/\*/g, 'x')).allowed).toBe(true);
  });

  test.each(['aws:SourceIp', 'aws:UserAgent', 'aws:userid', 'aws:PrincipalTag/team'])('%s is known to nobody here: an error', (key) => {
    const access = world(when({ StringNotLike: { [key]: 'x' } }));
    expect(() => ask(access, 'dynamodb:PutItem', TABLE)).toThrow(`doesn't know the condition key ${key.toLowerCase()}`);
    expect(ask(access, 'dynamodb:PutItem', TABLE, { [key.toLowerCase()]: 'y' }).allowed).toBe(true);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic
describe('a permissions boundary', () => {
  const bounded = (boundary: readonly Given[], more: World = {}): World => ({
    identity: [allow('*')],
    ...more,
    role: { permissionsBoundary: policy(...boundary) },
  });
  const implicit = because('permissions boundary', 'dynamodb:PutItem');
  const queue = (Principal: object | '*'): World['resources'] => ({
    [TABLE]: [{ Action: 'dynamodb:*', Resource: TABLE, Principal: Principal as never }],
  });
  check([
    { what: 'that allows the call', given: bounded([allow('dynamodb:*')]) },
    { what: 'that does not', given: bounded([allow('s3:*')]), denied: implicit },
    {
      what: 'that denies it',
      given: bounded([allow('*'), deny('dynamodb:*')]),
      denied: 'with an explicit deny in a permissions boundary',
    },
    {
      what: 'grants nothing itself',
      given: bounded([allow('*')], { identity: [] }),
      denied: because('identity-based policy', 'dynamodb:PutItem'),
    },
    // "Resource-based policies that grant permissions to an IAM role ARN are limited by an implicit deny in a permissions boundary"
    {
      what: "limits what a resource's policy gives the role",
      given: bounded([allow('s3:*')], { identity: [], resources: queue({ AWS: ROLE }) }),
      denied: implicit,
    },
    // "Permissions granted directly to a session are not limited by an implicit deny in … a permissions boundary"
    {
      what: "doesn't limit what a resource's policy gives the session",
      given: bounded([allow('s3:*')], { identity: [], resources: queue({ AWS: SESSION }) }),
    },
    { what: "doesn't limit what it gives everybody", given: bounded([allow('s3:*')], { identity: [], resources: queue('*') }) },
    {
      what: 'an explicit deny in it limits all',
      given: bounded([deny('dynamodb:*')], { identity: [], resources: queue('*') }),
      denied: 'with an explicit deny in a permissions boundary',
    },
  ]);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
describe("a resource's policy", () => {
  const action = 'sqs:SendMessage';
  const resource = QUEUE;
  const of = (...statements: readonly Given[]): World => ({
    resources: { [QUEUE]: statements.map((statement) => ({ Action: 'sqs:*', Resource: QUEUE, ...statement })) },
  });
  const implicit = because('identity-based policy', action);
  const explicit = 'with an explicit deny in a resource-based policy';
  const other = 'arn:aws:iam::123456789012:role/Other';
  const base = { action, resource };
  check([
    { ...base, what: 'the role', given: of({ Principal: { AWS: ROLE } }) },
    { ...base, what: 'the role, in a list', given: of({ Principal: { AWS: [other, ROLE] } }) },
    { ...base, what: 'the session', given: of({ Principal: { AWS: SESSION } }) },
    { ...base, what: 'another role', given: of({ Principal: { AWS: other } }), denied: implicit },
    { ...base, what: 'everybody', given: of({ Principal: '*' }) },
    { ...base, what: 'everybody, written longer', given: of({ Principal: { AWS: '*' } }) },
    { ...base, what: 'a service is not the role', given: of({ Principal: { Service: 'lambda.amazonaws.com' } }), denied: implicit },
    { ...base, what: 'the account leaves it to IAM', given: of({ Principal: { AWS: ACCOUNT } }), denied: implicit },
    { ...base, what: 'the account and IAM', given: { ...of({ Principal: { AWS: ACCOUNT } }), identity: [allow(action, QUEUE)] } },
    {
      ...base,
      what: 'the account, and the role in another statement',
      given: of({ Principal: { AWS: ACCOUNT } }, { Principal: { AWS: ROLE } }),
    },
    { ...base, what: 'IAM alone', given: { ...of({ Principal: { AWS: other } }), identity: [allow(action, QUEUE)] } },
    {
      ...base,
      what: 'a deny for the account',
      given: { ...of({ Effect: 'Deny', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }), identity: [allow('*')] },
      denied: explicit,
    },
    { ...base, what: 'a deny for another role', given: { ...of({ Effect: 'Deny', Principal: { AWS: other } }), identity: [allow('*')] } },
    {
      ...base,
      what: 'a deny without TLS',
      given: {
        ...of({ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        identity: [allow('*')],
      },
    },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    {
      ...base,
      what: 'a deny for all but another role',
      given: { ...of({ Effect: 'Deny', NotPrincipal: { AWS: other } }), identity: [allow('*')] },
      denied: explicit,
    },
    {
      ...base,
      what: 'a deny for all but the role, whose account is not listed',
      given: { ...of({ Effect: 'Deny', NotPrincipal: { AWS: [ROLE, SESSION] } }), identity: [allow('*')] },
      denied: explicit,
    },
    {
      ...base,
      what: 'a deny for all but account, role and session',
      given: { ...of({ Effect: 'Deny', NotPrincipal: { AWS: [ACCOUNT, ROLE, SESSION] } }), identity: [allow('*')] },
    },
    // "will always deny any IAM principal that has a permissions boundary policy attached"
    {
      ...base,
      what: 'the same with a boundary',
      given: {
        ...of({ Effect: 'Deny', NotPrincipal: { AWS: [ACCOUNT, ROLE, SESSION] } }),
        identity: [allow('*')],
        role: { permissionsBoundary: policy(allow('*')) },
      },
      denied: explicit,
    },
    {
      what: 'of a bucket holds for its objects',
      given: {
        resources: { 'arn:aws:s3:::photos': [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::photos/*', Principal: { AWS: ROLE } }] },
      },
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::photos/a/b.jpg',
    },
    {
      what: 'of a table holds for its indexes',
      given: { resources: { [TABLE]: [{ Action: 'dynamodb:Query', Resource: `${TABLE}/index/*`, Principal: { AWS: ROLE } }] } },
      action: 'dynamodb:Query',
      resource: INDEX,
    },
  ]);
});

// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
describe('a KMS key', () => {
  const action = 'kms:Decrypt';
  const root = { Action: 'kms:*', Resource: '*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
  const key = (...statements: readonly Given[]): World['resources'] => ({ [KEY]: statements });
  const identity = [allow(action, KEY)];
  const noKeyPolicy = because('resource-based policy', action);
  const base = { action, resource: KEY };
  check([
    { ...base, what: 'its policy leaves it to IAM, and IAM allows', given: { resources: key(root), identity } },
    {
      ...base,
      what: 'its policy leaves it to IAM, and IAM does not allow',
      given: { resources: key(root) },
      denied: because('identity-based policy', action),
    },
    { ...base, what: 'its policy names the role: IAM is not needed', given: { resources: key({ ...root, Principal: { AWS: ROLE } }) } },
    {
      ...base,
      what: 'IAM alone is not enough',
      given: { resources: key({ ...root, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/Admin` } }), identity },
      denied: noKeyPolicy,
    },
    {
      ...base,
      what: 'its policy leaves only other actions to IAM',
      given: { resources: key({ ...root, Action: 'kms:Describe*' }), identity },
      denied: noKeyPolicy,
    },
    // https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html#conditions-kms-via-service
    {
      ...base,
      what: 'kms:ViaService',
      given: {
        resources: key(root),
        identity: [allow(action, KEY, { Condition: { StringEquals: { 'kms:ViaService': `sqs.${REGION}.amazonaws.com` } } })],
      },
      context: { 'kms:viaservice': `sqs.${REGION}.amazonaws.com` },
    },
    // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    { ...base, what: 'without a policy it has the default one', given: { identity } },
    { ...base, what: 'without a policy and without IAM', given: {}, denied: because('identity-based policy', action) },
    {
      ...base,
      what: 'a service that its policy names',
      given: { resources: key({ ...root, Principal: { Service: 'sns.amazonaws.com' } }) },
      by: service('sns.amazonaws.com'),
    },
    {
      ...base,
      what: 'a service that it does not name',
      given: { resources: key(root) },
      by: service('sns.amazonaws.com'),
      denied: noKeyPolicy,
    },
    { what: 'kms:ListKeys has no key', given: { identity: [allow('kms:ListKeys')] }, action: 'kms:ListKeys', resource: '*' },
  ]);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
describe('an AWS service', () => {
  const sns = service('sns.amazonaws.com', TOPIC);
  const from = (Condition?: object, Service = 'sns.amazonaws.com'): World => ({
    resources: { [QUEUE]: [{ Action: 'sqs:SendMessage', Resource: QUEUE, Principal: { Service }, Condition: Condition as never }] },
  });
  const base = { action: 'sqs:SendMessage', resource: QUEUE, by: sns };
  const implicit = because('resource-based policy', 'sqs:SendMessage');
  check([
    { ...base, what: 'needs a policy of the resource', given: {}, denied: implicit },
    { ...base, what: 'that names it', given: from() },
    { ...base, what: 'that names another', given: from(undefined, 'events.amazonaws.com'), denied: implicit },
    { ...base, what: 'a regional name is the same here', given: from(undefined, `sns.${REGION}.amazonaws.com`) },
    { ...base, what: 'a regional name of elsewhere', given: from(undefined, 'sns.us-east-1.amazonaws.com'), denied: implicit },
    {
      ...base,
      what: 'the account does not cover services',
      given: { resources: { [QUEUE]: [{ Action: 'sqs:*', Resource: QUEUE, Principal: { AWS: ACCOUNT } }] } },
      denied: implicit,
    },
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    { ...base, what: 'from this topic', given: from({ ArnEquals: { 'aws:SourceArn': TOPIC } }) },
    { ...base, what: 'from another topic', given: from({ ArnEquals: { 'aws:SourceArn': `${TOPIC}2` } }), denied: implicit },
    {
      ...base,
      what: 'from a source that it does not tell',
      given: from({ ArnEquals: { 'aws:SourceArn': TOPIC } }),
      by: service('sns.amazonaws.com'),
      denied: implicit,
    },
    { ...base, what: 'from this account', given: from({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }) },
    {
      ...base,
      what: 'from another account',
      given: from({ StringEquals: { 'aws:SourceAccount': ACCOUNT } }),
      by: service('sns.amazonaws.com', 'arn:aws:sns:eu-west-1:999999999999:News'),
      denied: implicit,
    },
    {
      ...base,
      what: 'a bucket is of this account',
      given: from(
        { StringEquals: { 'aws:SourceAccount': ACCOUNT }, ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::photos' } },
        's3.amazonaws.com',
      ),
      by: service('s3.amazonaws.com', 'arn:aws:s3:::photos'),
    },
    {
      ...base,
      what: 'everybody includes services',
      given: {
        resources: {
          [QUEUE]: [{ Action: 'sqs:*', Resource: QUEUE, Principal: { AWS: '*' }, Condition: { ArnLike: { 'aws:SourceArn': TOPIC } } }],
        },
      },
    },
    {
      ...base,
      what: 'a deny for all but it',
      given: {
        resources: {
          [QUEUE]: [
            { Action: '*', Resource: '*', Principal: '*' },
            { Effect: 'Deny', Action: '*', Resource: '*', NotPrincipal: { Service: 'sns.amazonaws.com' } },
          ],
        },
      },
    },
    {
      ...base,
      what: 'a deny for all but another',
      given: {
        resources: {
          [QUEUE]: [
            { Action: '*', Resource: '*', Principal: '*' },
            { Effect: 'Deny', Action: '*', Resource: '*', NotPrincipal: { Service: 's3.amazonaws.com' } },
          ],
        },
      },
      denied: 'with an explicit deny in a resource-based policy',
    },
  ]);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html
describe('assuming a role', () => {
  const other = `arn:aws:iam::${ACCOUNT}:role/Other`;
  const trust = (Principal: object, more: object = {}) => policy({ Action: 'sts:AssumeRole', Principal: Principal as never, ...more });
  const assume = (document: ReturnType<typeof policy>, identity: World['identity'], by: Principal = worker) => {
    const access = world({ identity });
    access.putRole({ arn: other, path: 'App/Other', trust: document, managedPolicyArns: [] });
    return ask(access, 'sts:AssumeRole', other, undefined, by).allowed;
  };
  const identity = [allow('sts:AssumeRole', other)];
  test.each([
    ['a service that it trusts', assume(trust({ Service: 'lambda.amazonaws.com' }), [], service('lambda.amazonaws.com')), true],
    ['a service that it does not trust', assume(trust({ Service: 'lambda.amazonaws.com' }), [], service('states.amazonaws.com')), false],
    ['a role that it names', assume(trust({ AWS: ROLE }), []), true],
    ['the account, and IAM allows', assume(trust({ AWS: ACCOUNT }), identity), true],
    ['the account, and IAM does not', assume(trust({ AWS: ACCOUNT }), []), false],
    ['nobody, though IAM allows', assume(trust({ Service: 'lambda.amazonaws.com' }), identity), false],
    [
      'a service, not from this source',
      assume(
        trust({ Service: 'states.amazonaws.com' }, { Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } }),
        [],
        service('states.amazonaws.com', `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:A`),
      ),
      false,
    ],
  ])('%s', (_what, actual, expected) => {
    expect(actual).toBe(expected);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
describe("another account's resource needs both sides", () => {
  const resource = 'arn:aws:sqs:eu-west-1:999999999999:Theirs';
  const theirs: World['resources'] = { [resource]: [{ Action: 'sqs:*', Resource: resource, Principal: { AWS: ROLE } }] };
  const base = { action: 'sqs:SendMessage', resource };
  check([
    { ...base, what: 'both', given: { identity: [allow('sqs:*')], resources: theirs } },
    { ...base, what: 'ours alone', given: { identity: [allow('sqs:*')] }, denied: because('resource-based policy', base.action) },
    { ...base, what: 'theirs alone', given: { resources: theirs }, denied: because('identity-based policy', base.action) },
    {
      ...base,
      what: 'theirs for our account',
      given: {
        identity: [allow('sqs:*')],
        resources: { [resource]: [{ Action: 'sqs:*', Resource: resource, Principal: { AWS: ACCOUNT } }] },
      },
    },
  ]);
});

describe('callers', () => {
  test('the operator may do all, and nothing is counted', () => {
    const access = world();
    expect(ask(access, 'dynamodb:PutItem', TABLE, undefined, { kind: 'operator' })).toEqual({ allowed: true });
    expect([access.denied, access.used(), access.unused()]).toEqual([[], [], []]);
  });

  test('a role that nobody made is an error that names it', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/Nobody`;
    expect(() => ask(world(), 'sqs:SendMessage', QUEUE, undefined, { kind: 'role', arn })).toThrow(arn);
  });

  test("a role's path is not in the session's ARN", () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/service-role/deep/Worker2`;
    const access = world({ role: { arn, path: '' } });
    const { message } = ask(access, 'sqs:SendMessage', QUEUE, undefined, { kind: 'role', arn });
    expect(message).toContain(`User: arn:aws:sts::${ACCOUNT}:assumed-role/Worker2/session is not`);
    expect(access.denied).toEqual([{ role: 'Worker2', action: 'sqs:SendMessage', resource: QUEUE }]);
  });

  test('the example of AWS, word for word', () => {
    expect(ask(world(), 'dynamodb:PutItem', TABLE).message).toBe(
      'User: arn:aws:sts::123456789012:assumed-role/Worker/run-1 is not authorized to perform: dynamodb:PutItem on resource: ' +
        'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders because no identity-based policy allows the dynamodb:PutItem action',
    );
  });
});
