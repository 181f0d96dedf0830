import { serviceSidePermissions } from '../../../local/access';
import type { Machine } from '../../../local/engine/types';
import {
  allow,
  ask,
  deny,
  INDEX,
  OTHER,
  policy,
  QUEUE,
  REGION,
  ROLE,
  SESSION,
  service,
  TABLE,
  TOPIC,
  trusting,
  type World,
  worker,
  world,
} from './world';

const role = 'App/Worker';
const INDEXES = `${TABLE}/index/*`;

interface Case {
  readonly what: string;
  readonly identity: World['identity'];
  readonly calls: readonly (readonly [action: string, resource: string])[];
  readonly unused: readonly { actions: readonly string[]; resources: readonly string[] }[];
}

describe('unused', () => {
  test.each<Case>([
    {
      what: 'a whole statement',
      identity: [allow('sqs:SendMessage', QUEUE)],
      calls: [],
      unused: [{ actions: ['sqs:SendMessage'], resources: [QUEUE] }],
    },
    { what: 'nothing', identity: [allow('sqs:SendMessage', QUEUE)], calls: [['sqs:SendMessage', QUEUE]], unused: [] },
    {
      what: 'an action, with its resources',
      identity: [allow(['dynamodb:GetItem', 'dynamodb:PutItem'], TABLE)],
      calls: [['dynamodb:GetItem', TABLE]],
      unused: [{ actions: ['dynamodb:PutItem'], resources: [TABLE] }],
    },
    {
      what: 'several actions of one statement, together',
      identity: [allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [TABLE, INDEXES])],
      calls: [
        ['dynamodb:Query', TABLE],
        ['dynamodb:Query', INDEX],
      ],
      unused: [{ actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], resources: [TABLE, INDEXES] }],
    },
    {
      what: 'a resource of an action that was used on another',
      identity: [allow('dynamodb:PutItem', [TABLE, INDEXES])],
      calls: [['dynamodb:PutItem', TABLE]],
      unused: [{ actions: ['dynamodb:PutItem'], resources: [INDEXES] }],
    },
    {
      what: 'both kinds',
      identity: [allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [TABLE, INDEXES])],
      calls: [
        ['dynamodb:GetItem', TABLE],
        ['dynamodb:Query', TABLE],
      ],
      unused: [
        { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [INDEXES] },
        { actions: ['dynamodb:PutItem'], resources: [TABLE, INDEXES] },
      ],
    },
    {
      what: 'statements by themselves, in order',
      identity: [allow('sqs:SendMessage', QUEUE), allow('sns:Publish', TOPIC)],
      calls: [],
      unused: [
        { actions: ['sqs:SendMessage'], resources: [QUEUE] },
        { actions: ['sns:Publish'], resources: [TOPIC] },
      ],
    },
    {
      what: 'a pattern is used by any call that it matches',
      identity: [allow('dynamodb:*', '*')],
      calls: [['dynamodb:PutItem', TABLE]],
      unused: [],
    },
    {
      what: 'NotAction and NotResource have one part: the rest',
      identity: [{ NotAction: ['iam:*', 'sts:*'], NotResource: TABLE }],
      calls: [],
      unused: [{ actions: ['all but iam:*, sts:*'], resources: [`all but ${TABLE}`] }],
    },
    { what: 'the rest, used', identity: [{ NotAction: 'iam:*', NotResource: TABLE }], calls: [['sqs:SendMessage', QUEUE]], unused: [] },
    { what: 'a deny is no permission', identity: [deny('sqs:*')], calls: [], unused: [] },
    {
      what: 'a call that was denied used nothing',
      identity: [allow('sqs:SendMessage', QUEUE), deny('sqs:*')],
      calls: [['sqs:SendMessage', QUEUE]],
      unused: [{ actions: ['sqs:SendMessage'], resources: [QUEUE] }],
    },
    {
      what: 'the action as the policy writes it',
      identity: [allow('SQS:sendmessage', QUEUE)],
      calls: [],
      unused: [{ actions: ['SQS:sendmessage'], resources: [QUEUE] }],
    },
  ])('$what', ({ identity, calls, unused }) => {
    const access = world({ identity });
    for (const [action, resource] of calls) ask(access, action, resource);
    expect(access.unused()).toEqual(unused.map((entry) => ({ role, ...entry })));
  });

  test('a statement whose condition does not hold was not used', () => {
    const other = allow('sqs:SendMessage', QUEUE, { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } });
    const access = world({ identity: [other, allow('sqs:SendMessage', QUEUE)] });
    ask(access, 'sqs:SendMessage', QUEUE);
    expect(access.unused()).toEqual([{ role, actions: ['sqs:SendMessage'], resources: [QUEUE] }]);
  });

  test('a call that a boundary refused used nothing', () => {
    const access = world({ identity: [allow('sqs:SendMessage', QUEUE)], role: { permissionsBoundary: policy(allow('s3:*')) } });
    ask(access, 'sqs:SendMessage', QUEUE);
    expect(access.unused()).toHaveLength(1);
  });
});

describe('used', () => {
  test('each permission once, with the statement that allowed it', () => {
    const access = world({ identity: [allow('sns:Publish', TOPIC), allow('dynamodb:*', TABLE, { Sid: 'Orders' })] });
    for (let i = 0; i < 3; i++) ask(access, 'dynamodb:PutItem', TABLE);
    ask(access, 'sns:Publish', TOPIC);
    expect(access.used()).toEqual([
      { role, action: 'dynamodb:PutItem', resource: TABLE, allowedBy: 'App/Worker/DefaultPolicy, statement Orders' },
      { role, action: 'sns:Publish', resource: TOPIC, allowedBy: 'App/Worker/DefaultPolicy, statement 1' },
    ]);
  });

  test('what the policy of a resource allowed, to roles and to services', () => {
    const open = { Action: 'sqs:SendMessage', Resource: QUEUE, Principal: { AWS: ROLE, Service: 'sns.amazonaws.com' } };
    const access = world({ resources: { [QUEUE]: [open] } });
    ask(access, 'sqs:SendMessage', QUEUE);
    ask(access, 'sqs:SendMessage', QUEUE, undefined, service('sns.amazonaws.com'));
    const allowedBy = `policy of ${QUEUE}, statement 1`;
    expect(access.used()).toEqual([
      { role, action: 'sqs:SendMessage', resource: QUEUE, allowedBy },
      { role: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: QUEUE, allowedBy },
    ]);
  });
});

describe('takeAway', () => {
  const identity = [allow(['dynamodb:PutItem', 'dynamodb:GetItem'], [TABLE, INDEXES])];
  const permission = { role, action: 'dynamodb:PutItem', resource: TABLE };

  test('takes exactly that', () => {
    const access = world({ identity });
    access.takeAway(permission);
    expect(ask(access, 'dynamodb:PutItem', TABLE)).toEqual({
      allowed: false,
      message: `User: ${SESSION} is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
    });
    expect(access.denied).toMatchObject([permission]);
    expect(ask(access, 'dynamodb:GetItem', TABLE).allowed).toBe(true);
    expect(ask(access, 'dynamodb:PutItem', INDEX).allowed).toBe(true);
  });

  test('only from that role', () => {
    const access = world({ identity });
    access.putRole({ arn: `${ROLE}2`, path: 'App/Second', trust: trusting('lambda.amazonaws.com'), managedPolicyArns: [] });
    access.putRolePolicy(`${ROLE}2`, 'Default', policy(...identity), 'App/Second/DefaultPolicy');
    access.takeAway(permission);
    expect(ask(access, 'dynamodb:PutItem', TABLE, undefined, { ...worker, arn: `${ROLE}2` } as never).allowed).toBe(true);
  });

  test('whichever statements allow it, and in any case', () => {
    const access = world({ identity: [...identity, allow('*')] });
    access.takeAway({ ...permission, action: 'DYNAMODB:putitem' });
    expect(ask(access, 'dynamodb:PutItem', TABLE).allowed).toBe(false);
  });

  test('may be said before the role is there', () => {
    const access = world();
    access.takeAway({ role: 'App/Second', action: 'sqs:SendMessage', resource: QUEUE });
    const arn = `${ROLE}2`;
    access.putRole({ arn, path: 'App/Second', trust: trusting('lambda.amazonaws.com'), managedPolicyArns: [] });
    access.putRolePolicy(arn, 'Default', policy(allow('*')), 'App/Second/DefaultPolicy');
    expect(ask(access, 'sqs:SendMessage', QUEUE, undefined, { kind: 'role', arn }).allowed).toBe(false);
  });

  test('from a service', () => {
    const access = world({ resources: { [QUEUE]: [{ Action: 'sqs:*', Resource: QUEUE, Principal: { Service: 'sns.amazonaws.com' } }] } });
    access.takeAway({ role: 'sns.amazonaws.com', action: 'sqs:SendMessage', resource: QUEUE });
    expect(ask(access, 'sqs:SendMessage', QUEUE, undefined, service('sns.amazonaws.com'))).toEqual({
      allowed: false,
      message: `User: sns.amazonaws.com is not authorized to perform: sqs:SendMessage on resource: ${QUEUE} because no resource-based policy allows the sqs:SendMessage action`,
    });
  });

  test('an explicit deny is still told as one', () => {
    const access = world({ identity: [...identity, deny('dynamodb:*')] });
    access.takeAway(permission);
    expect(ask(access, 'dynamodb:PutItem', TABLE).message).toContain('with an explicit deny in an identity-based policy');
  });
});

describe('the service-side list', () => {
  const group = `arn:aws:logs:${REGION}:123456789012:log-group:/aws/lambda/check`;
  const unused = (given: World) => world(given).unused();
  const trust = (...services: readonly string[]) => ({ trust: trusting(...services) });

  const alike = serviceSidePermissions.filter(({ resource }) => resource === '*' || resource === 'log-group');
  test.each(alike.map((permission) => [permission.purpose, permission] as const))('%s', (_purpose, permission) => {
    expect(permission.page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/(step-functions|lambda)\//);
    const on = permission.resource === '*' ? '*' : `${group}:*`;
    const identity = [allow(permission.actions, on)];
    expect(unused({ identity, role: trust(permission.service) })).toEqual([]);
    expect(unused({ identity, role: trust(`${permission.service.split('.')[0]}.${REGION}.amazonaws.com`) })).toEqual([]);
    // For a role of another service it's surplus, and so it is on other resources.
    expect(unused({ identity, role: trust('ec2.amazonaws.com') })).toEqual([{ role, actions: permission.actions, resources: [on] }]);
    const elsewhere = permission.resource === '*' ? `${group}:*` : '*';
    expect(unused({ identity: [allow(permission.actions, elsewhere)], role: trust(permission.service) })).toHaveLength(1);
  });

  test.each([
    [`${group}:*`, true],
    [group, true],
    [`${group}:log-stream:*`, true],
    [`arn:aws:logs:${REGION}:123456789012:log-group:*`, false],
    [`arn:aws:logs:${REGION}:123456789012:log-group:/aws/lambda/*`, false],
    ['arn:aws:logs:*:*:*', false],
    [QUEUE, false],
  ])("the function's log on %s: %s", (resource, leftOut) => {
    const given = { identity: [allow('logs:PutLogEvents', resource)], role: trust('lambda.amazonaws.com') };
    expect(unused(given).length === 0).toBe(leftOut);
  });

  test('only these exact actions: a wildcard or a neighbour is surplus', () => {
    const identity = [allow(['logs:CreateLogDelivery', 'logs:Put*', 'logs:CreateExportTask', 'xray:*', 'LOGS:listlogdeliveries'])];
    expect(unused({ identity, role: trust('states.amazonaws.com') })).toEqual([
      { role, actions: ['logs:Put*', 'logs:CreateExportTask', 'xray:*'], resources: ['*'] },
    ]);
  });

  test('in an AWS managed policy the log actions are on *; the rest of the policy is surplus', () => {
    const managedPolicyArns = [
      'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess',
    ];
    expect(unused({ role: { ...trust('lambda.amazonaws.com'), managedPolicyArns } })).toEqual([
      { role, actions: ['xray:GetSamplingStatisticSummaries'], resources: ['*'] },
    ]);
  });

  test('nothing is unused of a role whose code is not run', () => {
    const identity = [allow('s3:PutBucketNotification')];
    expect(unused({ identity, notRun: () => new Set([ROLE]) })).toEqual([]);
    expect(unused({ identity, notRun: () => new Set([OTHER]) })).toHaveLength(1);
  });

  test('a denied trust is no trust', () => {
    const denied = policy({ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } });
    expect(unused({ identity: [allow('logs:ListLogDeliveries')], role: { trust: denied } })).toHaveLength(1);
  });
});

describe('the service-side list, of Distributed Maps', () => {
  const machineArn = `arn:aws:states:${REGION}:123456789012:stateMachine:Bulk`;
  const children = `arn:aws:states:${REGION}:123456789012:execution:Bulk`;
  const map = (ResultWriter?: object) => ({
    Type: 'Map',
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, States: {} },
    ResultWriter,
  });
  const definition = {
    States: { Both: { Type: 'Parallel', Branches: [{ States: { Items: map({ Arguments: { Bucket: 'out', Prefix: 'runs' } }) } }] } },
  };
  const machine: Machine = { arn: machineArn, name: 'Bulk', type: 'STANDARD', roleArn: ROLE, definition };
  const watch = ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'];
  const results = ['s3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'];
  const isLeftOut = (actions: readonly string[], resource: string, ran: Machine = machine, trusted = 'states.amazonaws.com') =>
    world({ identity: [allow(actions, resource)], role: { trust: trusting(trusted) }, machines: () => [ran] }).unused().length === 0;

  test.each([`${children}:*`, `${children}/Items:*`, `${children}/*:*`, `${children}/*`])('its child executions: %s', (resource) => {
    expect(isLeftOut(watch, resource)).toBe(true);
  });

  test.each([
    '*',
    `${children}2:*`,
    `arn:aws:states:${REGION}:123456789012:execution:*`,
    `arn:aws:states:${REGION}:123456789012:execution:Other:*`,
    `${children}/Items/more:*`,
    machineArn,
  ])('what is more than them is surplus: %s', (resource) => {
    expect(isLeftOut(watch, resource)).toBe(false);
  });

  test.each(['arn:aws:s3:::out/*', 'arn:aws:s3:::out/runs/*', 'arn:aws:s3:::out/runs/today/*', 'arn:aws:s3:::out/ru*'])(
    'its results: %s',
    (resource) => {
      expect(isLeftOut(results, resource)).toBe(true);
    },
  );

  test.each([
    '*',
    'arn:aws:s3:::out',
    'arn:aws:s3:::*',
    'arn:aws:s3:::out*',
    'arn:aws:s3:::other/*',
    'arn:aws:s3:::out/in/*',
    'arn:aws:s3:::o?t/*',
  ])('other objects are surplus: %s', (resource) => {
    expect(isLeftOut(results, resource)).toBe(false);
  });

  test('in JSONPath as well, and wherever the prefix is an expression', () => {
    const writing = (ResultWriter: object) => ({ ...machine, definition: { States: { Items: map(ResultWriter) } } });
    expect(isLeftOut(results, 'arn:aws:s3:::out/runs/*', writing({ Parameters: { Bucket: 'out', 'Prefix.$': '$.to' } }))).toBe(true);
    expect(isLeftOut(results, 'arn:aws:s3:::out/in/*', writing({ Parameters: { Bucket: 'out', Prefix: 'runs' } }))).toBe(false);
    expect(isLeftOut(results, 'arn:aws:s3:::out/in/*', writing({ Arguments: { Bucket: 'out', Prefix: '{% $to %}' } }))).toBe(true);
    // Where the bucket is one, nothing says which it is.
    expect(isLeftOut(results, 'arn:aws:s3:::out/*', writing({ Arguments: { Bucket: '{% $to %}' } }))).toBe(false);
  });

  test('only these actions', () => {
    expect(isLeftOut(['states:StartExecution'], `${children}:*`)).toBe(false);
    expect(isLeftOut(['s3:PutObject'], 'arn:aws:s3:::out/runs/*')).toBe(false);
    expect(isLeftOut(['states:*'], `${children}:*`)).toBe(false);
  });

  test('only for the role of a state machine that ran, with a Distributed Map', () => {
    const inline = { States: { Items: { Type: 'Map', ItemProcessor: { States: {} } } } };
    expect(isLeftOut(watch, `${children}:*`, { ...machine, definition: inline })).toBe(false);
    expect(isLeftOut(watch, `${children}:*`, { ...machine, roleArn: `${ROLE}2` })).toBe(false);
    expect(isLeftOut(watch, `${children}:*`, machine, 'lambda.amazonaws.com')).toBe(false);
    expect(world({ identity: [allow(watch, `${children}:*`)], role: { trust: trusting('states.amazonaws.com') } }).unused()).toHaveLength(
      1,
    );
  });

  test('in a Map or a Distributed Map too', () => {
    const nested = { States: { Outer: { Type: 'Map', ItemProcessor: { States: { Items: map() } } } } };
    expect(isLeftOut(watch, `${children}:*`, { ...machine, definition: nested })).toBe(true);
  });
});

describe('what was used stays used', () => {
  const definition = { arn: ROLE, path: role, trust: trusting('lambda.amazonaws.com') };
  const managed = 'arn:aws:iam::123456789012:policy/Shared';

  test('when the role, its policy and its managed policies are put again as they were', () => {
    const access = world({ identity: [allow('sqs:SendMessage', QUEUE)], role: { managedPolicyArns: [managed] } });
    access.putManagedPolicy(managed, policy(allow('sns:Publish', TOPIC)), 'App/Shared');
    ask(access, 'sqs:SendMessage', QUEUE);
    ask(access, 'sns:Publish', TOPIC);
    access.putRole({ ...definition, managedPolicyArns: [managed] });
    access.putRolePolicy(ROLE, 'Default', policy(allow('sqs:SendMessage', QUEUE)), 'App/Worker/DefaultPolicy');
    access.putManagedPolicy(managed, policy(allow('sns:Publish', TOPIC)), 'App/Shared');
    access.putManagedPolicy(`${managed}2`, policy(allow('sns:Publish', TOPIC)), 'App/Other');
    expect(access.unused()).toEqual([]);
    expect(access.wildcards()).toEqual([]);
  });

  test('when another managed policy is attached', () => {
    const access = world({ identity: [allow('sqs:*', QUEUE)] });
    ask(access, 'sqs:SendMessage', QUEUE);
    access.putRole({ ...definition, managedPolicyArns: [managed] });
    access.putManagedPolicy(managed, policy(allow('sns:Publish', TOPIC)), 'App/Shared');
    expect(access.unused()).toEqual([{ role, actions: ['sns:Publish'], resources: [TOPIC] }]);
    expect(access.wider()).toHaveLength(1);
  });

  test('but a statement that became another is a new one', () => {
    const access = world({ identity: [allow('sqs:SendMessage', QUEUE)] });
    ask(access, 'sqs:SendMessage', QUEUE);
    access.putRolePolicy(ROLE, 'Default', policy(allow(['sqs:SendMessage', 'sqs:ReceiveMessage'], QUEUE)), 'App/Worker/DefaultPolicy');
    expect(access.unused()).toEqual([{ role, actions: ['sqs:SendMessage', 'sqs:ReceiveMessage'], resources: [QUEUE] }]);
    ask(access, 'sqs:SendMessage', QUEUE);
    expect(access.unused()).toEqual([{ role, actions: ['sqs:ReceiveMessage'], resources: [QUEUE] }]);
  });

  test('of each role by itself', () => {
    const access = world({ role: { managedPolicyArns: [managed] } });
    access.putRole({ ...definition, arn: `${ROLE}2`, path: 'App/Second', managedPolicyArns: [managed] });
    access.putManagedPolicy(managed, policy(allow('sns:Publish', TOPIC)), 'App/Shared');
    ask(access, 'sns:Publish', TOPIC);
    access.putManagedPolicy(managed, policy(allow('sns:Publish', TOPIC)), 'App/Shared');
    expect(access.unused()).toEqual([{ role: 'App/Second', actions: ['sns:Publish'], resources: [TOPIC] }]);
  });
});
