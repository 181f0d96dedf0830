/** Why a call was denied: the nearest statement, and in what it differs. */
import type { AccessRequest, Principal } from '../../../local/cloud-types';
import {
  ACCOUNT,
  allow,
  ask,
  deny,
  INDEX,
  KEY,
  OTHER,
  policy,
  QUEUE,
  REGION,
  ROLE,
  service,
  TABLE,
  TOPIC,
  type World,
  worker,
  world,
} from './world';

const mine = 'App/Worker/DefaultPolicy, statement';
const OTHER_TABLE = `${TABLE}-2`;

interface Case {
  readonly what: string;
  readonly given: World;
  readonly call?: readonly [action: string, resource: string];
  readonly context?: AccessRequest['context'];
  readonly by?: Principal;
  readonly reason: object;
}

test.each<Case>([
  {
    what: 'the action, on another resource',
    given: { identity: [allow('dynamodb:GetItem', INDEX), allow('dynamodb:PutItem', OTHER_TABLE)] },
    reason: {
      kind: 'not allowed',
      policyType: 'identity-based policy',
      statement: { label: `${mine} 2`, effect: 'Allow', actions: ['dynamodb:PutItem'], resources: [OTHER_TABLE] },
      mismatches: [{ element: 'Resource', expected: [OTHER_TABLE], actual: TABLE }],
      text: `${mine} 2, allows dynamodb:PutItem on ${OTHER_TABLE}, but the call is on ${TABLE}`,
    },
  },
  {
    what: 'of several such, the one whose resource is most like it',
    given: { identity: [allow('dynamodb:*', 'arn:aws:dynamodb:us-east-1:*:*'), allow('dynamodb:PutItem', INDEX), allow('*', QUEUE)] },
    reason: {
      statement: { label: `${mine} 2` },
      text: `${mine} 2, allows dynamodb:PutItem on ${INDEX}, but the call is on ${TABLE}`,
    },
  },
  {
    what: 'another action, on the resource',
    given: { identity: [allow(['dynamodb:GetItem', 'dynamodb:Query'], TABLE, { Sid: 'Read' }), allow('s3:*')] },
    reason: {
      kind: 'not allowed',
      statement: { label: `${mine} Read` },
      mismatches: [{ element: 'Action', expected: ['dynamodb:GetItem', 'dynamodb:Query'], actual: 'dynamodb:PutItem' }],
      text: `${mine} Read, allows dynamodb:GetItem, dynamodb:Query on ${TABLE}, but the call is dynamodb:PutItem`,
    },
  },
  {
    what: 'a condition with another value',
    given: {
      identity: [
        allow('dynamodb:PutItem', OTHER_TABLE),
        allow('dynamodb:*', TABLE, {
          Condition: {
            StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'us-east-2'], 'aws:PrincipalAccount': ACCOUNT },
            'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'a' },
          },
        }),
      ],
    },
    context: { 'dynamodb:leadingkeys': ['a', 'b'] },
    reason: {
      kind: 'not allowed',
      statement: { label: `${mine} 2` },
      mismatches: [
        {
          element: 'Condition',
          operator: 'StringEquals',
          key: 'aws:RequestedRegion',
          expected: ['us-east-1', 'us-east-2'],
          actual: [REGION],
        },
        { element: 'Condition', operator: 'ForAllValues:StringEquals', key: 'dynamodb:LeadingKeys', expected: ['a'], actual: ['a', 'b'] },
      ],
      text:
        `${mine} 2, allows dynamodb:* on ${TABLE}, but its condition StringEquals aws:RequestedRegion is us-east-1, us-east-2 and the call has ` +
        `${REGION}, and its condition ForAllValues:StringEquals dynamodb:LeadingKeys is a and the call has a, b`,
    },
  },
  {
    what: 'a condition whose key is missing',
    given: { identity: [allow('dynamodb:PutItem', TABLE, { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })] },
    reason: {
      mismatches: [{ element: 'Condition', operator: 'StringEquals', key: 'aws:PrincipalOrgID', expected: ['o-1'] }],
      text: `${mine} 1, allows dynamodb:PutItem on ${TABLE}, but its condition StringEquals aws:PrincipalOrgID is o-1 and the call doesn't have that key`,
    },
  },
  {
    what: 'NotAction and NotResource',
    given: { identity: [{ NotAction: ['iam:*', 'sts:*'], NotResource: TABLE }] },
    reason: { text: `${mine} 1, allows all but iam:*, sts:* on all but ${TABLE}, but the call is on ${TABLE}` },
  },
  {
    what: 'long lists are cut in the sentence only',
    given: {
      identity: [
        allow(
          ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `dynamodb:${name}`),
          TABLE,
        ),
      ],
    },
    reason: {
      statement: { actions: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `dynamodb:${name}`) },
      text: `${mine} 1, allows dynamodb:a, dynamodb:b, dynamodb:c, dynamodb:d and 2 more on ${TABLE}, but the call is dynamodb:PutItem`,
    },
  },
  {
    what: 'nothing that has to do with it',
    given: { identity: [allow('s3:*'), allow('dynamodb:GetItem', OTHER_TABLE)] },
    reason: { kind: 'not allowed', mismatches: [], text: 'no identity-based policy has a statement that allows dynamodb:PutItem' },
  },
  { what: 'no policy', given: {}, reason: { kind: 'not allowed', mismatches: [], text: 'the role has no policy' } },
  {
    what: 'an explicit deny, by its Sid and where it holds',
    given: {
      identity: [allow('*'), deny('dynamodb:*', TABLE, { Sid: 'Frozen', Condition: { StringEquals: { 'aws:RequestedRegion': REGION } } })],
    },
    reason: {
      kind: 'denied',
      policyType: 'identity-based policy',
      statement: { label: `${mine} Frozen`, effect: 'Deny', actions: ['dynamodb:*'], resources: [TABLE] },
      mismatches: [],
      text: `${mine} Frozen, denies dynamodb:* on ${TABLE} where StringEquals aws:RequestedRegion ${REGION}`,
    },
  },
  {
    what: 'an explicit deny of the resource’s policy',
    given: { identity: [allow('*')], resources: { [TABLE]: [deny('*', '*', { Principal: { AWS: [ROLE, OTHER] } })] } },
    reason: {
      kind: 'denied',
      policyType: 'resource-based policy',
      statement: { principals: [ROLE, OTHER] },
      text: `policy of ${TABLE}, statement 1, denies * on * to ${ROLE}, ${OTHER}`,
    },
  },
  {
    what: 'a permissions boundary',
    given: { identity: [allow('*')], role: { permissionsBoundary: policy(allow('s3:*'), allow('dynamodb:Get*', TABLE)) } },
    reason: {
      policyType: 'permissions boundary',
      mismatches: [{ element: 'Action', expected: ['dynamodb:Get*'], actual: 'dynamodb:PutItem' }],
      text: `permissions boundary of App/Worker, statement 2, allows dynamodb:Get* on ${TABLE}, but the call is dynamodb:PutItem`,
    },
  },
  {
    what: 'an empty permissions boundary',
    given: { identity: [allow('*')], role: { permissionsBoundary: { Statement: [] } } },
    reason: { policyType: 'permissions boundary', text: 'the permissions boundary is empty' },
  },
  {
    what: 'a session policy',
    given: { identity: [allow('*')] },
    by: { kind: 'role', arn: ROLE, sessionPolicies: [policy(allow('dynamodb:*', INDEX))] },
    reason: {
      policyType: 'session policy',
      text: `session policy, statement 1, allows dynamodb:* on ${INDEX}, but the call is on ${TABLE}`,
    },
  },
  {
    what: 'a resource without a policy, called by a service',
    given: {},
    call: ['sqs:SendMessage', QUEUE],
    by: service('sns.amazonaws.com', TOPIC),
    reason: {
      kind: 'not allowed',
      policyType: 'resource-based policy',
      mismatches: [],
      text: `${QUEUE} has no policy, and this call needs one that allows it`,
    },
  },
  {
    what: 'a resource’s policy for another service',
    given: { resources: { [QUEUE]: [allow('sqs:SendMessage', QUEUE, { Principal: { Service: 'events.amazonaws.com' } })] } },
    call: ['sqs:SendMessage', QUEUE],
    by: service('sns.amazonaws.com', TOPIC),
    reason: {
      mismatches: [{ element: 'Principal', expected: ['events.amazonaws.com'], actual: 'sns.amazonaws.com' }],
      text: `policy of ${QUEUE}, statement 1, allows sqs:SendMessage on ${QUEUE} to events.amazonaws.com, but sns.amazonaws.com calls`,
    },
  },
  {
    what: 'a resource’s policy for another source',
    given: {
      resources: {
        [QUEUE]: [
          allow('sqs:SendMessage', QUEUE, { Principal: { Service: 'events.amazonaws.com' } }),
          allow('sqs:SendMessage', QUEUE, {
            Principal: { Service: 'sns.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': `${TOPIC}2` } },
          }),
        ],
      },
    },
    call: ['sqs:SendMessage', QUEUE],
    by: service('sns.amazonaws.com', TOPIC),
    reason: {
      statement: { label: `policy of ${QUEUE}, statement 2` },
      mismatches: [{ element: 'Condition', operator: 'ArnEquals', key: 'aws:SourceArn', expected: [`${TOPIC}2`], actual: [TOPIC] }],
    },
  },
  {
    what: 'a trust policy',
    given: { trust: policy({ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }) },
    call: ['sts:AssumeRole', OTHER],
    by: service('states.amazonaws.com'),
    reason: {
      text: `trust policy of ${OTHER}, statement 1, allows sts:AssumeRole on * to lambda.amazonaws.com, but states.amazonaws.com calls`,
    },
  },
  {
    what: 'a key policy that leaves the key to another role',
    given: { identity: [allow('kms:*')], resources: { [KEY]: [allow('kms:*', '*', { Principal: { AWS: OTHER } })] } },
    call: ['kms:Decrypt', KEY],
    reason: { text: `policy of ${KEY}, statement 1, allows kms:* on * to ${OTHER}, but ${ROLE} calls` },
  },
])('$what', ({ given, call: [action, resource] = ['dynamodb:PutItem', TABLE], context, by = worker, reason }) => {
  const access = world(given);
  expect(ask(access, action, resource, context, by).allowed).toBe(false);
  expect(access.denied).toMatchObject([{ action, resource, reason }]);
  if (!('statement' in reason) && 'mismatches' in reason && (reason.mismatches as readonly unknown[]).length === 0) {
    expect(access.denied[0]?.reason.statement).toBeUndefined();
  }
});

test('what was taken away is told so', () => {
  const access = world({ identity: [allow('*')] });
  access.takeAway({ role: 'App/Worker', action: 'dynamodb:PutItem', resource: TABLE });
  ask(access, 'dynamodb:PutItem', TABLE);
  expect(access.denied).toEqual([
    {
      role: 'App/Worker',
      action: 'dynamodb:PutItem',
      resource: TABLE,
      reason: { kind: 'taken away', mismatches: [], text: 'the test took it away' },
    },
  ]);
});
