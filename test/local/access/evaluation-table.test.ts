// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are IAM's policy variables
/**
 * The documented evaluation logic of IAM as one table. Each group names the page of AWS that it comes from; each case is a call on a small
 * account (world.ts), and the decision with the end of AWS's sentence. What was asked is also what the ledger tells.
 */
import type { AccessRequest, Principal } from '../../../local/cloud-types';
import {
  ACCOUNT,
  allow,
  ask,
  deny,
  FOREIGN,
  type Given,
  INDEX,
  KEY,
  OTHER,
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

const sessionOf = (roleArn: string) => `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/run-1`;

let cases = 0;

function group(what: string, page: string, rows: () => void): void {
  describe(`${what} (${page})`, rows);
}

function check(rows: readonly Case[]): void {
  cases += rows.length;
  test.each(rows)('$what', ({ given, action = 'dynamodb:PutItem', resource = TABLE, context, by = worker, denied }) => {
    const access = world(given);
    const user = by.kind === 'role' ? sessionOf(by.arn) : (by as { service: string }).service;
    const expected = denied === undefined ? { allowed: true } : { allowed: false, message: sentence(action, resource, denied, user) };
    expect(ask(access, action, resource, context, by)).toEqual(expected);
    const caller = by.kind === 'service' ? by.service : 'App/Worker';
    const call = { role: caller, action, resource };
    expect(access.denied).toEqual(denied === undefined ? [] : [{ ...call, reason: expect.objectContaining({ text: expect.any(String) }) }]);
    expect(access.used().map(({ allowedBy: _, ...used }) => used)).toEqual(denied === undefined ? [call] : []);
  });
}

/** `Condition` elements on one key of the call; a row says whether the condition holds. */
type Row = readonly [operator: string, expected: unknown, actual: string | readonly string[] | undefined, holds: boolean];

function checkConditions(rows: readonly Row[], keys: AccessRequest['context'] = {}): void {
  check(
    rows.map(([operator, expected, actual, holds]) => ({
      what: `${operator} ${JSON.stringify(expected)} with ${JSON.stringify(actual) ?? 'no such key'}: ${holds}`,
      given: { identity: [allow('dynamodb:PutItem', TABLE, { Condition: { [operator]: { 'App:Key': expected } } as never })] },
      context: { ...keys, ...(actual !== undefined && { 'app:key': actual }) },
      ...(!holds && { denied: because('identity-based policy', 'dynamodb:PutItem') }),
    })),
  );
}

group('identity policies', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html', () => {
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

group(
  'condition keys and variables in a policy',
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html',
  () => {
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
  },
);

group(
  'a permissions boundary',
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html#access_policies_boundaries-eval-logic',
  () => {
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
  },
);

group("a resource's policy", 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html', () => {
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

group('a KMS key', 'https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html', () => {
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
    // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    {
      ...base,
      what: 'kms:CallerAccount, of a call that a service makes in the role’s name',
      given: {
        resources: key({
          ...root,
          Principal: '*',
          Condition: { StringEquals: { 'kms:CallerAccount': ACCOUNT, 'kms:ViaService': `s3.${REGION}.amazonaws.com` } },
        }),
      },
      context: { 'kms:viaservice': `s3.${REGION}.amazonaws.com` },
    },
    {
      ...base,
      what: 'kms:CallerAccount of another account',
      given: { resources: key({ ...root, Principal: '*', Condition: { StringEquals: { 'kms:CallerAccount': '999999999999' } } }) },
      denied: because('identity-based policy', action),
    },
    {
      ...base,
      what: 'its explicit deny wins',
      given: { resources: key(root, { ...deny('kms:Decrypt'), Principal: { AWS: ROLE } }), identity },
      denied: 'with an explicit deny in a resource-based policy',
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

group(
  'an AWS service',
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services',
  () => {
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
  },
);

group(
  "another account's resource needs both sides",
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html',
  () => {
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
      {
        ...base,
        what: 'theirs for our session is not enough either',
        given: { resources: { [resource]: [{ Action: 'sqs:*', Resource: resource, Principal: { AWS: SESSION } }] } },
        denied: because('identity-based policy', base.action),
      },
      {
        ...base,
        what: 'theirs for another action',
        given: {
          identity: [allow('sqs:*')],
          resources: { [resource]: [{ Action: 'sqs:ReceiveMessage', Resource: resource, Principal: '*' }] },
        },
        denied: because('resource-based policy', base.action),
      },
      {
        ...base,
        what: 'both, and theirs denies',
        given: {
          identity: [allow('sqs:*')],
          resources: { [resource]: [...(theirs?.[resource] ?? []), { ...deny('sqs:*', resource), Principal: '*' }] },
        },
        denied: 'with an explicit deny in a resource-based policy',
      },
      {
        ...base,
        what: 'both, and our boundary does not allow it',
        given: { identity: [allow('sqs:*')], resources: theirs, role: { permissionsBoundary: policy(allow('s3:*')) } },
        denied: because('permissions boundary', base.action),
      },
      {
        ...base,
        what: 'both, and the session policy does not allow it',
        given: { identity: [allow('sqs:*')], resources: theirs },
        by: { kind: 'role', arn: ROLE, session: 'run-1', sessionPolicies: [policy(allow('s3:*'))] },
        denied: because('session policy', base.action),
      },
    ]);
  },
);

group(
  "another account's role needs both sides",
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html',
  () => {
    const by: Principal = { kind: 'role', arn: FOREIGN, session: 'run-1' };
    const role = { arn: FOREIGN };
    const object = 'arn:aws:s3:::bucket/key';
    const bucket = (AWS: string) => ({ 'arn:aws:s3:::bucket': [{ Action: 's3:GetObject', Resource: object, Principal: { AWS } }] });
    const base = { by, action: 's3:GetObject', resource: object };
    const decrypt = { by, action: 'kms:Decrypt', resource: KEY };
    check([
      { ...base, what: 'both, for a bucket', given: { role, identity: [allow('s3:*')], resources: bucket(FOREIGN) } },
      { ...base, what: 'both, for its account', given: { role, identity: [allow('s3:*')], resources: bucket('999999999999') } },
      {
        ...base,
        what: 'the bucket without a policy',
        given: { role, identity: [allow('s3:*')] },
        denied: because('resource-based policy', base.action),
      },
      {
        ...base,
        what: "the bucket's policy for the bucket's own account",
        given: { role, identity: [allow('s3:*')], resources: bucket(ACCOUNT) },
        denied: because('resource-based policy', base.action),
      },
      {
        ...base,
        what: 'the role without a policy',
        given: { role, resources: bucket(FOREIGN) },
        denied: because('identity-based policy', base.action),
      },
      {
        by,
        action: 'sqs:ListQueues',
        resource: '*',
        what: 'what takes no resource is its own',
        given: { role, identity: [allow('sqs:*')] },
      },
      {
        ...decrypt,
        what: "a key's default policy leaves it to the key's account only",
        given: { role, identity: [allow('kms:*')] },
        denied: because('resource-based policy', decrypt.action),
      },
    ]);
  },
);

group('grants on a KMS key', 'https://docs.aws.amazon.com/kms/latest/developerguide/grants.html', () => {
  const base = { action: 'kms:Decrypt', resource: KEY };
  const to = (AWS: string, more: Given = {}): Given => ({ Action: 'kms:Decrypt', Resource: KEY, Principal: { AWS }, ...more });
  const foreign: Partial<Case> = { by: { kind: 'role', arn: FOREIGN, session: 'run-1' } };
  const closed = { [KEY]: [{ Action: 'kms:*', Resource: '*', Principal: { Service: 'sns.amazonaws.com' } }] };
  check([
    { ...base, what: 'allow their grantee without a policy', given: { grants: [to(ROLE)] } },
    { ...base, what: 'allow what the key policy is silent on', given: { grants: [to(ROLE)], resources: closed } },
    { ...base, what: 'allow a session', given: { grants: [to(SESSION)], resources: closed } },
    {
      ...base,
      what: 'to the account leave it to its policies',
      given: { grants: [to(`arn:aws:iam::${ACCOUNT}:root`)], resources: closed },
      denied: because('identity-based policy', base.action),
    },
    {
      ...base,
      what: 'to the account, whose policies allow it',
      given: { grants: [to(`arn:aws:iam::${ACCOUNT}:root`)], resources: closed, identity: [allow('kms:Decrypt')] },
    },
    { ...base, what: 'to another role', given: { grants: [to(OTHER)] }, denied: because('identity-based policy', base.action) },
    {
      ...base,
      what: 'whose constraint does not hold',
      given: { grants: [to(ROLE, { Condition: { StringEquals: { 'kms:EncryptionContext:a': 'b' } } })] },
      denied: because('identity-based policy', base.action),
    },
    {
      ...base,
      what: "the key policy's explicit deny wins",
      given: { grants: [to(ROLE)], resources: { [KEY]: [{ ...deny('kms:Decrypt'), Principal: { AWS: ROLE } }] } },
      denied: 'with an explicit deny in a resource-based policy',
    },
    {
      ...base,
      what: "the role's explicit deny wins",
      given: { grants: [to(ROLE)], identity: [deny('kms:*')] },
      denied: 'with an explicit deny in an identity-based policy',
    },
    // https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
    { ...base, ...foreign, what: "are enough for another account's role", given: { role: { arn: FOREIGN }, grants: [to(FOREIGN)] } },
    {
      ...base,
      ...foreign,
      what: 'to another account leave it to its policies',
      given: { role: { arn: FOREIGN }, grants: [to('arn:aws:iam::999999999999:root')] },
      denied: because('identity-based policy', base.action),
    },
  ]);
});

const OPERATORS = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html';

group('condition operators', OPERATORS, () => {
  checkConditions([
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', ['b', 'a'], 'a', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', 'a', 'a', false],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringEqualsIgnoreCase', 'a.B', 'A.b', true],
    ['StringEqualsIgnoreCase', 'a.B', 'Axb', false],
    ['StringNotEqualsIgnoreCase', 'a', 'A', false],
    ['StringNotEqualsIgnoreCase', 'a', 'b', true],
    ['StringLike', 'a*c?', 'abbcd', true],
    ['StringLike', 'a*', 'Ab', false],
    ['StringLike', '', '', true],
    ['StringNotLike', 'a*', 'ab', false],
    ['StringNotLike', 'a*', 'ba', true],
    ['NumericEquals', '10', '10.0', true],
    ['NumericEquals', '10', 'ten', false],
    ['NumericNotEquals', '10', '11', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThan', '10', '', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericLessThanEquals', '10', '11', false],
    ['NumericGreaterThan', '10', '11', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['NumericGreaterThanEquals', '10', '9', false],
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateEquals', '1767225600', '2026-01-01T00:00:00Z', true],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateNotEquals', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateLessThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z', true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', false],
    ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', true],
    ['DateGreaterThanEquals', '2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z', false],
    ['Bool', 'TRUE', 'true', true],
    ['Bool', 'false', 'true', false],
    ['BinaryEquals', 'QQ==', 'QQ==', true],
    ['BinaryEquals', 'QQ==', 'QQ', true],
    ['BinaryEquals', 'QQ==', 'Qg==', false],
    ['IpAddress', '203.0.113.0/24', '203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.9', false],
    ['IpAddress', '203.0.113.9', '203.0.113.9', true],
    ['IpAddress', '203.0.113.9', '203.0.113.8', false],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', ['10.0.0.0/8', '2001:db8::/32'], '2001:db8::1', true],
    ['IpAddress', '0.0.0.0/0', 'nowhere', false],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '10.0.0.1', true],
    ['ArnEquals', 'arn:aws:sns:*:123456789012:News', 'arn:aws:sns:eu-west-1:123456789012:News', true],
    ['ArnLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:News', true],
    ['ArnLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:999999999999:News', false],
    ['ArnNotEquals', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:News', false],
    ['ArnNotLike', 'arn:aws:sns:*:123456789012:N*', 'arn:aws:sns:eu-west-1:123456789012:Old', true],
    // Booleans and numbers without quotes mean the same.
    ['Bool', true, 'true', true],
    ['Bool', false, 'true', false],
    ['NumericLessThanEquals', 10, '10', true],
    ['NumericLessThanEquals', [1, 10], '11', false],
  ]);
});

// "If the key that you specify in a policy condition is not present in the request context …"
group('a condition key that the call does not have', `${OPERATORS}#Conditions_IfExists`, () => {
  checkConditions([
    ['StringEquals', 'a', undefined, false],
    ['StringLike', '*', undefined, false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringNotLike', 'a', undefined, true],
    ['NumericLessThan', '1', undefined, false],
    ['NumericNotEquals', '1', undefined, true],
    ['DateNotEquals', '2026-01-01', undefined, true],
    ['Bool', 'false', undefined, false],
    ['NotIpAddress', '10.0.0.0/8', undefined, true],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', undefined, true],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringNotEqualsIfExists', 'a', undefined, true],
    ['BoolIfExists', 'true', undefined, true],
    ['ForAllValues:StringEquals', 'a', undefined, true],
    ['ForAllValues:StringNotEquals', 'a', undefined, true],
    ['ForAnyValue:StringEquals', 'a', undefined, false],
    ['ForAnyValue:StringNotEquals', 'a', undefined, false],
    ['ForAnyValue:StringEqualsIfExists', 'a', undefined, true],
    ['Null', 'true', undefined, true],
    ['Null', 'false', undefined, false],
    ['NumericGreaterThanIfExists', '1', undefined, true],
    ['DateLessThanIfExists', '2026-01-01', undefined, true],
    ['IpAddressIfExists', '10.0.0.0/8', undefined, true],
    ['ArnLikeIfExists', 'arn:aws:sns:*:*:*', undefined, true],
    ['BinaryEqualsIfExists', 'QQ==', undefined, true],
    ['ForAllValues:StringLikeIfExists', 'a*', undefined, true],
    // …IfExists looks at a key that is there.
    ['StringEqualsIfExists', 'a', 'b', false],
    ['BoolIfExists', 'true', 'false', false],
    ['ForAllValues:StringLikeIfExists', 'a*', ['b'], false],
    ['Null', 'true', 'x', false],
    ['Null', 'false', 'x', true],
    ['Null', true, undefined, true],
    ['Null', false, undefined, false],
  ]);
});

const SEVERAL_VALUES =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html';

group('condition keys with several values', SEVERAL_VALUES, () => {
  checkConditions([
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'd'], true],
    ['ForAllValues:StringNotEquals', ['a', 'b'], ['c', 'a'], false],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'a'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a', 'b'], ['a', 'b'], false],
    ['ForAllValues:StringLike', ['user-*'], ['user-1', 'user-2'], true],
    ['ForAnyValue:ArnLike', ['arn:aws:sns:*:*:N*'], ['x', 'arn:aws:sns:a:b:News'], true],
  ]);
});

group(
  'policy variables in conditions',
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value',
  () => {
    checkConditions(
      [
        ['StringEquals', '${app:who}', 'ann', true],
        ['StringEquals', '${APP:Who}', 'ann', true],
        ['StringEquals', '${app:who}', 'bob', false],
        ['StringLike', 'team/${app:who}/*', 'team/ann/x', true],
        ['StringLike', 'team/${app:who}/*', 'team/bob/x', false],
        ['StringEquals', '${app:else}', 'ann', false],
        ['StringEquals', ['${app:else}', 'ann'], 'ann', true],
        ['StringEquals', "${app:else, 'ann'}", 'ann', true],
        // "Inverted condition operators … do match against a null value"
        ['StringNotEquals', '${app:else}', 'ann', true],
        ['StringNotEquals', ['${app:else}', 'bob'], 'bob', false],
        ['ArnLike', 'arn:aws:sns:*:*:${app:who}', 'arn:aws:sns:a:b:ann', true],
        ['Bool', '${app:who}', 'ann', true],
        ['ForAnyValue:StringEquals', '${app:who}', ['bob', 'ann'], true],
        // Numbers and dates have no variables.
        ['NumericEquals', '${app:who}', '1', false],
      ],
      { 'app:who': 'ann' },
    );
  },
);

group('wildcards in resources', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html', () => {
  const check1 = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:Check:1`;
  const rows: readonly (readonly [text: string, resource: string, covers: boolean])[] = [
    ['arn:aws:s3:::photos/*', 'arn:aws:s3:::photos/1/2/test.jpg', true],
    ['arn:aws:s3:::photos/*', 'arn:aws:s3:::photos/', true],
    ['arn:aws:s3:::photos/*', 'arn:aws:s3:::photos', false],
    ['arn:aws:s3:::photos*', 'arn:aws:s3:::photos/a', true],
    ['arn:aws:s3:::Photos/*', 'arn:aws:s3:::photos/a', false],
    ['arn:aws:s3:::photos/*/test/*', 'arn:aws:s3:::photos/1/2/test/3/object.jpg', true],
    ['arn:aws:s3:::photos/*/test/*', 'arn:aws:s3:::photos/1-test/object.jpg', false],
    ['arn:aws:s3:::photos/?.jpg', 'arn:aws:s3:::photos/a.jpg', true],
    ['arn:aws:s3:::photos/?.jpg', 'arn:aws:s3:::photos/ab.jpg', false],
    ['arn:aws:s3:::photos/${*}.jpg', 'arn:aws:s3:::photos/a.jpg', false],
    ['arn:aws:s3:::photos/${*}.jpg', 'arn:aws:s3:::photos/*.jpg', true],
    ['arn:aws:dynamodb:*:*:table/Orders', TABLE, true],
    ['arn:aws:dynamodb:us-*:*:table/Orders', TABLE, false],
    ['arn:aws:dynamodb:*:999999999999:table/Orders', TABLE, false],
    ['arn:aws:dynamodb:*', TABLE, true],
    ['arn:aws-cn:dynamodb:*:*:table/Orders', TABLE, false],
    ['arn:aws:sns:*:*:*', TABLE, false],
    [`${TABLE}/index/*`, INDEX, true],
    [`${TABLE}/index/*`, TABLE, false],
    [`arn:aws:lambda:${REGION}:${ACCOUNT}:function:Check:*`, check1, true],
    [`arn:aws:lambda:${REGION}:${ACCOUNT}:function:Check`, check1, false],
  ];
  check(
    rows.map(([text, resource, covers]) => ({
      what: `${text} ${covers ? 'covers' : "doesn't cover"} ${resource}`,
      given: { identity: [allow('app:Use', text)] },
      action: 'app:Use',
      resource,
      ...(!covers && { denied: because('identity-based policy', 'app:Use') }),
    })),
  );
});

group('a session policy', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session', () => {
  const by = (...policies: readonly (readonly Given[])[]): Principal => ({
    kind: 'role',
    arn: ROLE,
    session: 'run-1',
    sessionPolicies: policies.map((statements) => policy(...statements)),
  });
  const identity = [allow('dynamodb:*')];
  const naming = (Principal: string) => ({ [TABLE]: [{ Action: 'dynamodb:*', Resource: TABLE, Principal: { AWS: Principal } }] });
  const implicit = because('session policy', 'dynamodb:PutItem');
  check([
    { what: 'that allows the call', given: { identity }, by: by([allow('dynamodb:PutItem')]) },
    { what: 'that does not', given: { identity }, by: by([allow('s3:*')]), denied: implicit },
    { what: 'that allows it on another resource', given: { identity }, by: by([allow('dynamodb:*', INDEX)]), denied: implicit },
    {
      what: 'that denies it',
      given: { identity },
      by: by([allow('*'), deny('dynamodb:*')]),
      denied: 'with an explicit deny in a session policy',
    },
    { what: 'grants nothing itself', given: {}, by: by([allow('*')]), denied: because('identity-based policy', 'dynamodb:PutItem') },
    { what: 'one of several suffices', given: { identity }, by: by([allow('s3:*')], [allow('dynamodb:*')]) },
    {
      what: 'and the boundary must allow it both',
      given: { identity, role: { permissionsBoundary: policy(allow('s3:*')) } },
      by: by([allow('*')]),
      denied: because('permissions boundary', 'dynamodb:PutItem'),
    },
    {
      what: "limits what a resource's policy gives the role",
      given: { resources: naming(ROLE) },
      by: by([allow('s3:*')]),
      denied: implicit,
    },
    { what: "doesn't limit what it gives the session", given: { resources: naming(SESSION) }, by: by([allow('s3:*')]) },
  ]);
});

group('passing a role', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html', () => {
  const action = 'iam:PassRole';
  const when = (Condition: object): World => ({ identity: [allow(action, OTHER, { Condition: Condition as never })] });
  const base = { action, resource: OTHER, context: { 'iam:passedtoservice': 'glue.amazonaws.com' } };
  const denied = because('identity-based policy', action);
  check([
    { ...base, what: 'of this role', given: { identity: [allow(action, OTHER)] } },
    { ...base, what: 'of another role', given: { identity: [allow(action, ROLE)] }, denied },
    { ...base, what: 'is not part of running the job', given: { identity: [allow('glue:*')] }, denied },
    { ...base, what: 'to this service', given: when({ StringEquals: { 'iam:PassedToService': 'glue.amazonaws.com' } }) },
    { ...base, what: 'to another service', given: when({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }), denied },
    { ...base, what: 'to one of several', given: when({ StringLike: { 'iam:PassedToService': ['batch.*', 'glue.*'] } }) },
    {
      ...base,
      what: 'that the role trusts the caller does not matter',
      given: { trust: policy({ Action: 'sts:AssumeRole', Principal: { AWS: ROLE } }) },
      denied,
    },
    {
      ...base,
      what: 'a deny to pass it to anything else',
      given: {
        identity: [
          allow(action, OTHER),
          deny(action, '*', { Condition: { StringNotEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } } }),
        ],
      },
      denied: 'with an explicit deny in an identity-based policy',
    },
  ]);
});

group('assuming a role', 'https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_compare-resource-policies.html', () => {
  const action = 'sts:AssumeRole';
  const trust = (Principal: object, more: Given = {}) => ({ trust: policy({ Action: action, Principal: Principal as never, ...more }) });
  const identity = [allow(action, OTHER)];
  const base = { action, resource: OTHER };
  const lambda = service('lambda.amazonaws.com');
  const machine = service('states.amazonaws.com', `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:A`);
  const untrusted = because('resource-based policy', action);
  const states = (account: string) =>
    trust({ Service: 'states.amazonaws.com' }, { Condition: { StringEquals: { 'aws:SourceAccount': account } } });
  check([
    { ...base, what: 'a service that it trusts', given: trust({ Service: 'lambda.amazonaws.com' }), by: lambda },
    {
      ...base,
      what: 'a service that it does not trust',
      given: trust({ Service: 'lambda.amazonaws.com' }),
      by: machine,
      denied: untrusted,
    },
    { ...base, what: 'a service, from this account', given: states(ACCOUNT), by: machine },
    { ...base, what: 'a service, not from this account', given: states('999999999999'), by: machine, denied: untrusted },
    { ...base, what: 'a role that it names', given: trust({ AWS: ROLE }) },
    { ...base, what: 'the account, and IAM allows', given: { ...trust({ AWS: ACCOUNT }), identity } },
    {
      ...base,
      what: 'the account, and IAM does not',
      given: trust({ AWS: ACCOUNT }),
      denied: because('identity-based policy', action),
    },
    {
      ...base,
      what: 'nobody, though IAM allows',
      given: { ...trust({ Service: 'lambda.amazonaws.com' }), identity },
      denied: untrusted,
    },
    {
      ...base,
      what: 'another action of STS',
      given: { ...trust({ AWS: ROLE }, { Action: 'sts:TagSession' }), identity },
      denied: untrusted,
    },
    {
      ...base,
      what: 'the role that it names, and IAM denies',
      given: { ...trust({ AWS: ROLE }), identity: [deny(action)] },
      denied: 'with an explicit deny in an identity-based policy',
    },
  ]);
});

group("a bucket's policy", 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html', () => {
  const bucket = 'arn:aws:s3:::photos';
  const objects = `${bucket}/*`;
  const identity = [allow('s3:*', [bucket, objects])];
  const denying = (Action: string, Condition: object): World => ({
    identity,
    resources: { [bucket]: [deny(Action, [bucket, objects], { Principal: '*', Condition: Condition as never })] },
  });
  const listing = (Condition: object): World => ({ identity: [allow('s3:ListBucket', bucket, { Condition: Condition as never })] });
  const unencrypted = denying('s3:PutObject', { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } });
  const put = { action: 's3:PutObject', resource: `${bucket}/a.jpg` };
  const list = { action: 's3:ListBucket', resource: bucket };
  const explicit = 'with an explicit deny in a resource-based policy';
  const implicit = because('identity-based policy', list.action);
  check([
    { ...put, what: 'denies without TLS: every call here has it', given: denying('s3:*', { Bool: { 'aws:SecureTransport': 'false' } }) },
    { ...put, what: 'the same with a boolean', given: denying('s3:*', { Bool: { 'aws:SecureTransport': false } }) },
    { ...put, what: 'denies what is not encrypted', given: unencrypted, denied: explicit },
    { ...put, what: 'what is encrypted', given: unencrypted, context: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
    {
      ...put,
      what: 'denies all but another role',
      given: denying('s3:*', { ArnNotEquals: { 'aws:PrincipalArn': OTHER } }),
      denied: explicit,
    },
    { ...put, what: 'denies all but this role', given: denying('s3:*', { ArnNotEquals: { 'aws:PrincipalArn': ROLE } }) },
    {
      ...list,
      what: 'keys beneath a prefix',
      given: listing({ StringLike: { 's3:prefix': 'in/*' } }),
      context: { 's3:prefix': 'in/today/' },
    },
    {
      ...list,
      what: 'keys beneath another prefix',
      given: listing({ StringLike: { 's3:prefix': 'in/*' } }),
      context: { 's3:prefix': 'out/' },
      denied: implicit,
    },
    { ...list, what: 'all keys', given: listing({ StringLike: { 's3:prefix': 'in/*' } }), denied: implicit },
    { ...list, what: 'a few keys', given: listing({ NumericLessThanEquals: { 's3:max-keys': 10 } }), context: { 's3:max-keys': '9' } },
  ]);
});

test('it has at least 150 cases', () => expect(cases).toBeGreaterThanOrEqual(150));

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
    expect(access.denied).toMatchObject([{ role: 'Worker2', action: 'sqs:SendMessage', resource: QUEUE }]);
  });

  test('the example of AWS, word for word', () => {
    expect(ask(world(), 'dynamodb:PutItem', TABLE).message).toBe(
      'User: arn:aws:sts::123456789012:assumed-role/Worker/run-1 is not authorized to perform: dynamodb:PutItem on resource: ' +
        'arn:aws:dynamodb:eu-west-1:123456789012:table/Orders because no identity-based policy allows the dynamodb:PutItem action',
    );
  });
});
