import { App, Duration, aws_events as events, RemovalPolicy, Stack, aws_s3 as s3, aws_sns as sns } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Approver, IamEventForwarding, OnViolation, PolicyGuard, type PolicyGuardProps, RestrictedAction } from '../../../lib';
import { nagFindings } from '../../support/nag';
import { ADMIN, CONTAIN, guardStack } from './support/world';

const containing = guardStack({ onViolation: CONTAIN });
const observing = guardStack();
const template = Template.fromStack(containing.stack);

const short = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, part) => {
    if (part?.Ref) return part.Ref.replace(/[0-9A-F]{8}$/, '');
    if (part?.['Fn::GetAtt']) return part['Fn::GetAtt'].join('.').replace(/[0-9A-F]{8}\./, '.');
    if (part?.['Fn::Join']) return part['Fn::Join'][1].join('');
    return part;
  });

/** Every statement of a function's role but those of its logs and traces. */
function statementsOf(from: Template, name: string): unknown[] {
  const policies = Object.entries(from.findResources('AWS::IAM::Policy')).filter(([, { Properties }]) =>
    JSON.stringify(Properties.Roles).includes(`Functions${name}Role`),
  );
  const statements = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
  return short(statements.filter(({ Action }) => !/logs:|xray:/.test(String(Action)))) as unknown[];
}

const entities = (type: string) => `arn:AWS::Partition:iam::AWS::AccountId:${type.toLowerCase()}/*`;
const POLICIES = entities('policy');
const AWS_POLICIES = 'arn:AWS::Partition:iam::aws:policy/*';
const allow = (Action: string | string[], Resource: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const TYPES = ['User', 'Role', 'Group'];
/** Nothing but the quarantine, which denies only. */
const quarantine = (...verbs: string[]) =>
  TYPES.flatMap((type) => {
    const actions = verbs.map((verb) => `iam:${verb}${type}Policy`);
    return [
      allow(`iam:ListAttached${type}Policies`, entities(type)),
      allow(actions.length === 1 ? actions[0] : actions, entities(type), { ArnEquals: { 'iam:PolicyARN': 'GuardQuarantine' } }),
    ];
  });
const readers = TYPES.map((type) => allow(`iam:Get${type}Policy`, entities(type)));
const aws = allow(['iam:GetPolicy', 'iam:GetPolicyVersion'], AWS_POLICIES);

describe('permissions are no way to more of them', () => {
  test('the function that judges changes nothing of IAM', () => {
    const expected = [
      allow(['iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:ListPolicyVersions', 'iam:ListEntitiesForPolicy'], POLICIES),
      aws,
      ...readers,
      allow('s3:PutObject', 'GuardEvidence.Arn/cases/*'),
    ];
    expect(statementsOf(template, 'Examine')).toEqual(expected);
    expect(statementsOf(Template.fromStack(observing.stack), 'Examine')).toEqual(expected);
  });

  test('the one that contains puts versions that exist into force, and attaches the quarantine', () => {
    expect(statementsOf(template, 'Contain')).toEqual([
      allow(['iam:GetPolicy', 'iam:SetDefaultPolicyVersion'], POLICIES),
      ...quarantine('Attach'),
      allow('s3:PutObject', 'GuardEvidence.Arn/holds/*'),
    ]);
  });

  test('the one that restores does the same, and detaches the quarantine', () => {
    expect(statementsOf(template, 'Restore')).toEqual([
      allow(['iam:GetPolicy', 'iam:GetPolicyVersion', 'iam:SetDefaultPolicyVersion'], POLICIES),
      aws,
      ...readers,
      ...quarantine('Attach', 'Detach'),
      allow('s3:ListBucket', 'GuardEvidence.Arn', { StringLike: { 's3:prefix': 'holds/*' } }),
      allow('s3:DeleteObject', 'GuardEvidence.Arn/holds/*'),
    ]);
  });

  test('the quarantine denies, and grants nothing', () => {
    const { guard } = containing;
    const { PolicyDocument } =
      Object.values(template.findResources('AWS::IAM::ManagedPolicy', Match.anyValue())).find(({ Properties }) =>
        /approval/.test(Properties.Description),
      )?.Properties ?? {};
    expect(PolicyDocument.Statement).toEqual([
      { Effect: 'Deny', Action: expect.arrayContaining(['iam:PassRole', 'iam:CreateAccessKey', 'organizations:*']), Resource: '*' },
    ]);
    expect(guard.quarantinePolicy.document.statementCount).toBe(1);
  });

  test('nobody else of the stack may write IAM', () => {
    const writes = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action),
    );
    const ofIam = new Set(writes.filter((action: string) => /^(iam|sts|organizations):(?!Get|List)|\*/.test(action)));
    expect([...ofIam].sort()).toEqual(
      ['iam:SetDefaultPolicyVersion', ...TYPES.flatMap((type) => [`iam:Attach${type}Policy`, `iam:Detach${type}Policy`])].sort(),
    );
  });
});

test('only observing, nothing is made that could change anything, and nobody is asked', () => {
  const plain = Template.fromStack(observing.stack);
  expect(Object.keys(plain.findResources('AWS::Lambda::Function')).filter((id) => /Contain|Restore|Gate|Lease/.test(id))).toEqual([]);
  expect(JSON.stringify(plain.findResources('AWS::IAM::Policy'))).not.toMatch(/SetDefault|iam:Attach/);
  expect([observing.guard.gate, observing.guard.lease]).toEqual([undefined, undefined]);
});

test('the rule has every call that writes a policy, and those that could lift the quarantine', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: {
      source: ['aws.iam'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['iam.amazonaws.com'],
        eventName: [
          ...['CreatePolicy', 'CreatePolicyVersion', 'SetDefaultPolicyVersion'],
          ...['Put', 'Attach', 'Detach'].flatMap((verb) => TYPES.map((type) => `${verb}${type}Policy`)),
        ],
      },
    },
  });
});

test('an alarm for each kind of exception that there is, which says who may be counted', () => {
  const exempt = guardStack({ exemptPrincipals: ['arn:aws:iam::*:role/deploy'], breakGlassPrincipals: [] });
  const plain = Template.fromStack(exempt.stack);
  plain.resourceCountIs('AWS::CloudWatch::Alarm', 1);
  plain.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'Stepworks/PolicyGuard',
    MetricName: 'Exempt',
    Dimensions: [{ Name: 'Guard', Value: Match.stringLikeRegexp('GuardExempt') }],
    Statistic: 'Sum',
    Period: 300,
    Threshold: 1,
    TreatMissingData: 'notBreaching',
    AlarmActions: [{ Ref: Match.stringLikeRegexp('Reports') }],
  });
  plain.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'cloudwatch:PutMetricData',
          Resource: '*',
          Condition: { StringEquals: { 'cloudwatch:namespace': 'Stepworks/PolicyGuard' } },
        },
      ],
    },
  });
  plain.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: Match.objectLike({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: Match.stringLikeRegexp('Reports') },
          Condition: { ArnEquals: { 'aws:SourceArn': [{ 'Fn::GetAtt': [Match.stringLikeRegexp('ExemptAlarm'), 'Arn'] }] } },
        },
      ],
    }),
  });
  expect([exempt.guard.exemptAlarm, exempt.guard.breakGlassAlarm]).toEqual([expect.anything(), undefined]);
  expect(nagFindings(exempt.stack).filter((finding) => /Guard/.test(finding))).toEqual([]);
});

test('evidence outlives the stack, in versions', () => {
  template.hasResource('AWS::S3::Bucket', {
    Properties: { VersioningConfiguration: { Status: 'Enabled' } },
    DeletionPolicy: 'Retain',
  });
});

test('nothing that cdk-nag finds is left unacknowledged', () => {
  for (const { stack } of [containing, observing]) expect(nagFindings(stack).filter((finding) => /Guard/.test(finding))).toEqual([]);
});

test('no ARN is fixed to one partition', () => {
  expect(JSON.stringify(template.toJSON()).replace(/user\/glass/g, '')).not.toMatch(/"arn:aws:(?!iam::\*:)/);
});

test('two in one stack', () => {
  const { stack } = guardStack({ onViolation: CONTAIN });
  new PolicyGuard(stack, 'Second', {
    restrictedActions: [RestrictedAction.of('kms:*', { resources: ['arn:aws:kms:*:*:key/1'] })],
    reportTopic: new sns.Topic(stack, 'Other'),
    onViolation: CONTAIN,
    evidenceBucket: new s3.Bucket(stack, 'Own', { versioned: true }),
    breakGlassTopic: new sns.Topic(stack, 'Glass2'),
  });
  const both = Template.fromStack(stack);
  both.resourceCountIs('AWS::StepFunctions::StateMachine', 2);
  both.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: Match.objectLike({
      Statement: [
        {
          Effect: 'Deny',
          Action: [
            ...['iam:CreatePolicyVersion', 'iam:DetachGroupPolicy', 'iam:DetachRolePolicy', 'iam:DetachUserPolicy'],
            'iam:SetDefaultPolicyVersion',
          ],
          Resource: '*',
        },
        { Effect: 'Deny', Action: 'kms:*', Resource: 'arn:aws:kms:*:*:key/1' },
      ],
    }),
  });
});

describe('where the events are', () => {
  test('another region is refused', () => {
    expect(() => guardStack({}, 'eu-central-1')).toThrow(
      /the stack is of eu-central-1, and IAM puts its events on the bus of us-east-1.*IamEventForwarding there/,
    );
  });

  test.each(['us-east-1', 'cn-north-1', 'us-gov-west-1'])('%s is right', (region) => {
    expect(() => guardStack({}, region)).not.toThrow();
  });

  test('a region that nobody knows is warned of', () => {
    const stack = new Stack(new App(), 'Test');
    new PolicyGuard(stack, 'Guard', { restrictedActions: [RestrictedAction.of('iam:*')], reportTopic: new sns.Topic(stack, 'Topic') });
    Annotations.fromStack(stack).hasWarning('/Test/Guard', Match.stringLikeRegexp("stack's region is not known"));
  });

  test('a bus that gets them from there', () => {
    const app = new App();
    const stack = new Stack(app, 'Test', { env: { region: 'eu-central-1', account: '111122223333' } });
    const eventBus = new events.EventBus(stack, 'Bus', { eventBusName: 'iam' });
    new PolicyGuard(stack, 'Guard', {
      restrictedActions: [RestrictedAction.of('iam:*')],
      reportTopic: new sns.Topic(stack, 'Topic'),
      eventBus,
    });
    const from = new Stack(app, 'From', { env: { region: 'us-east-1', account: '111122223333' } });
    new IamEventForwarding(from, 'Forwarding', {
      eventBus: events.EventBus.fromEventBusArn(from, 'Bus', 'arn:aws:events:eu-central-1:111122223333:event-bus/iam'),
    });
    const forwarding = Template.fromStack(from);
    forwarding.hasResourceProperties('AWS::Events::Rule', {
      Targets: [Match.objectLike({ Arn: 'arn:aws:events:eu-central-1:111122223333:event-bus/iam' })],
    });
    expect(nagFindings(from)).toEqual([]);
    Template.fromStack(stack).hasResourceProperties('AWS::Events::Rule', {
      EventBusName: { Ref: Match.stringLikeRegexp('Bus') },
      EventPattern: Match.objectLike({ source: ['aws.iam'] }),
    });
    expect(() => new IamEventForwarding(stack, 'Wrong', { eventBus })).toThrow(
      /can't be forwarded from here: the stack is of eu-central-1/,
    );
  });
});

describe('what is refused', () => {
  test.each<[string, Partial<PolicyGuardProps>, RegExp]>([
    ['nothing restricted', { restrictedActions: [] }, /restrictedActions is empty/],
    ['everybody exempt', { exemptPrincipals: ['*'] }, /'\*' among the principals is everybody/],
    ['a name in place of an ARN', { breakGlassPrincipals: ['glass'] }, /'glass' is no principal: give an ARN/],
    [
      "a removal policy for another's bucket",
      { evidenceBucket: {} as s3.IBucket, removalPolicy: RemovalPolicy.RETAIN },
      /removalPolicy would change nothing/,
    ],
    [
      'an approver with more time than the run',
      { onViolation: CONTAIN, timeout: Duration.hours(1) },
      /expiresIn is 1 day, and timeout only 1 hour/,
    ],
    [
      'too many for a quarantine policy',
      { restrictedActions: Array.from({ length: 200 }, (_, i) => RestrictedAction.of(`service:SomeRatherLongActionName${i}`)) },
      /quarantine policy of \d+ characters, and IAM takes 6144/,
    ],
    [
      'too many for the environment',
      { exemptPrincipals: Array.from({ length: 60 }, (_, i) => `arn:aws:iam::111122223333:role/deployment/SomeRole${i}`) },
      /are \d+ characters as JSON, more than 3000/,
    ],
  ])('%s', (_, props, message) => {
    expect(() => guardStack(props)).toThrow(message);
  });

  test.each([
    ['PassRole', {}, /'PassRole' is no restricted action/],
    ['*', {}, /'\*' is no restricted action/],
    ['iam:PassRole', { resources: [] }, /resources of 'iam:PassRole' is empty/],
    ['iam:PassRole', { allowedIf: { 'iam:PassedToService': [] } }, /which limits nothing/],
    ['iam:PassRole', { allowedIf: { 'iam:PassedToService': ['*'] } }, /which limits nothing/],
  ])('RestrictedAction.of(%j, %j)', (action, options, message) => {
    expect(() => RestrictedAction.of(action, options)).toThrow(message);
  });
});

test('the lists of restricted actions are actions', () => {
  expect(RestrictedAction.coverTracks().length).toBeGreaterThan(5);
  expect(() =>
    guardStack({ restrictedActions: [...RestrictedAction.privilegeEscalation(), ...RestrictedAction.coverTracks()] }),
  ).not.toThrow();
  expect(OnViolation.contain({ approver: Approver.email(ADMIN), expiresIn: Duration.hours(1) })).toBeDefined();
});
