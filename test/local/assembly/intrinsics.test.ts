// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is the syntax of Fn::Sub
import { CLOUD, deploy, deployTemplate, resolve, Types } from './harness';

const CONDITIONS = {
  Parameters: { Stage: { Type: 'String', Default: 'prod' }, Size: { Type: 'Number', Default: '5' } },
  Conditions: {
    Yes: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Number: { 'Fn::Equals': [{ Ref: 'Size' }, '5'] },
    And: { 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': ['a', 'a'] }] },
    AndNot: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Or: { 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] },
    OrNot: { 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': ['a', 'b'] }] },
  },
};

const MAPPINGS = { Mappings: { Regions: { 'eu-west-1': { Ami: 'ami-1', Zones: ['a', 'b'] } } } };

const OTHER = { Ref: 'Other' };

describe('intrinsic functions', () => {
  test.each<[string, unknown, unknown, Record<string, unknown>?]>([
    ['Ref of a resource', OTHER, 'other'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn:test:other'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Other.Arn' }, 'arn:test:other'],
    ['an attribute with a dot', { 'Fn::GetAtt': ['Other', 'Endpoint.Address'] }, 'dotted'],
    ['an attribute inside of an object', { 'Fn::GetAtt': 'Other.Nested.Port' }, 5],
    [
      'an attribute that is a parameter’s',
      { 'Fn::GetAtt': ['Other', { Ref: 'Which' }] },
      'arn:test:other',
      { Parameters: { Which: { Type: 'String', Default: 'Arn' } } },
    ],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', OTHER, 5, true]] }, 'a-other-5-true'],
    [
      'Fn::Join of a list value',
      { 'Fn::Join': [',', { Ref: 'List' }] },
      'x,y',
      { Parameters: { List: { Type: 'CommaDelimitedList', Default: 'x, y' } } },
    ],
    ['Fn::Sub', { 'Fn::Sub': '${AWS::Region}/${Other}/${Other.Arn}/${!Literal}/$x' }, 'eu-west-1/other/arn:test:other/${Literal}/$x'],
    ['Fn::Sub with variables', { 'Fn::Sub': ['${Own}/${Other}', { Own: { 'Fn::GetAtt': ['Other', 'Arn'] } }] }, 'arn:test:other/other'],
    ['Fn::Sub whose variable hides a resource', { 'Fn::Sub': ['${Other}', { Other: 'mine' }] }, 'mine'],
    ['Fn::Select', { 'Fn::Select': [1, ['a', OTHER]] }, 'other'],
    ['Fn::Select with a text index', { 'Fn::Select': ['0', ['a', 'b']] }, 'a'],
    ['Fn::Split', { 'Fn::Split': [':', { 'Fn::GetAtt': ['Other', 'Arn'] }] }, ['arn', 'test', 'other']],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [2, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Other', 'Arn'] }] }] }, 'other'],
    ['Fn::If, true', { 'Fn::If': ['Yes', OTHER, 'no'] }, 'other', CONDITIONS],
    ['Fn::If, false', { 'Fn::If': ['No', 'yes', { 'Fn::If': ['Yes', 'inner', 'x'] }] }, 'inner', CONDITIONS],
    ['numbers compare as text', { 'Fn::If': ['Number', 1, 2] }, 1, CONDITIONS],
    ['Fn::And', [{ 'Fn::If': ['And', 1, 2] }, { 'Fn::If': ['AndNot', 1, 2] }], [1, 2], CONDITIONS],
    ['Fn::Or', [{ 'Fn::If': ['Or', 1, 2] }, { 'Fn::If': ['OrNot', 1, 2] }], [1, 2], CONDITIONS],
    [
      'AWS::NoValue in an object',
      { A: 1, B: { Ref: 'AWS::NoValue' }, C: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } },
      { A: 1 },
      CONDITIONS,
    ],
    ['AWS::NoValue in a list', [1, { 'Fn::If': ['Yes', { Ref: 'AWS::NoValue' }, 2] }, 3], [1, 3], CONDITIONS],
    ['Fn::FindInMap', { 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'Ami'] }, 'ami-1', MAPPINGS],
    ['Fn::FindInMap of a list', { 'Fn::FindInMap': ['Regions', 'eu-west-1', 'Zones'] }, ['a', 'b'], MAPPINGS],
    ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['Regions', 'xx', 'Ami', { DefaultValue: OTHER }] }, 'other', MAPPINGS],
    ['Fn::FindInMap without the map, with a default', { 'Fn::FindInMap': ['None', 'xx', 'Ami', { DefaultValue: 'd' }] }, 'd'],
    ['Fn::Base64', { 'Fn::Base64': { 'Fn::Sub': 'hi ${Other}' } }, Buffer.from('hi other').toString('base64')],
    ['Fn::Cidr', { 'Fn::Cidr': ['192.168.0.0/24', 6, 5] }, [0, 32, 64, 96, 128, 160].map((n) => `192.168.0.${n}/27`)],
    ['Fn::Cidr with text, across a byte', { 'Fn::Cidr': ['10.0.0.0/16', '3', '9'] }, ['10.0.0.0/23', '10.0.2.0/23', '10.0.4.0/23']],
    [
      'Fn::Cidr of IPv6',
      { 'Fn::Cidr': ['2001:db8:1234:1a00::/56', 3, 64] },
      ['2001:db8:1234:1a00::/64', '2001:db8:1234:1a01::/64', '2001:db8:1234:1a02::/64'],
    ],
    ['Fn::GetAZs', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    ['Fn::GetAZs of a region', { 'Fn::Select': [1, { 'Fn::GetAZs': 'us-west-2' }] }, 'us-west-2b'],
    ['Fn::Length', { 'Fn::Length': { 'Fn::Split': ['|', 'a|b|c'] } }, 3],
    ['Fn::ToJsonString', { 'Fn::ToJsonString': { a: OTHER, b: [1, { Ref: 'AWS::NoValue' }] } }, '{"a":"other","b":[1]}'],
    [
      'what only looks like one',
      { Condition: { StringEquals: { 'aws:SourceArn': OTHER } }, Effect: 'Allow' },
      { Condition: { StringEquals: { 'aws:SourceArn': 'other' } }, Effect: 'Allow' },
    ],
  ])('%s', async (...row) => {
    const [, value, expected, sections] = row;
    expect(await resolve(value, sections)).toEqual(expected);
  });

  test('pseudo parameters', async () => {
    const names = ['AccountId', 'Region', 'Partition', 'URLSuffix', 'StackName', 'NotificationARNs'];
    expect(await resolve(names.map((name) => ({ Ref: `AWS::${name}` })))).toEqual([
      '111122223333',
      'eu-west-1',
      'aws',
      'amazonaws.com',
      'Hand',
      [],
    ]);
    expect(await resolve({ Ref: 'AWS::StackId' })).toMatch(/^arn:aws:cloudformation:eu-west-1:111122223333:stack\/Hand\/[0-9a-f-]{36}$/);
  });

  test.each<[string, unknown, string]>([
    ['Ref of nothing', { Ref: 'Nobody' }, 'the template has no resource or parameter "Nobody"'],
    ['Fn::GetAtt of nothing', { 'Fn::GetAtt': ['Nobody', 'Arn'] }, 'Fn::GetAtt: the template has no resource or parameter "Nobody"'],
    [
      'an attribute that the runner has not',
      { 'Fn::GetAtt': ['Other', 'Colour'] },
      '"Other" (Test::Thing) has no attribute "Colour" in the local runner',
    ],
    ['Fn::Sub of nothing', { 'Fn::Sub': '${Nobody}' }, 'Fn::Sub: the template has no resource or parameter "Nobody"'],
    ['Fn::Select beyond the end', { 'Fn::Select': [2, ['a']] }, 'Fn::Select: there is no element 2 in a list of 1'],
    ['Fn::Join of an object', { 'Fn::Join': [',', [{ a: 1 }]] }, 'Fn::Join: each value must be text, and is {"a":1}'],
    ['Fn::FindInMap of nothing', { 'Fn::FindInMap': ['None', 'a', 'b'] }, 'Fn::FindInMap: the template has no mapping "None"'],
    ['Fn::If of no condition', { 'Fn::If': ['None', 1, 2] }, 'the template has no condition "None"'],
    ['Fn::ImportValue of nothing', { 'Fn::ImportValue': 'nothing' }, 'Fn::ImportValue: no stack that is deployed exports "nothing"'],
    ['Fn::Cidr without room', { 'Fn::Cidr': ['10.0.0.0/24', 3, 7] }, 'Fn::Cidr: "10.0.0.0/24" has no room for 3 blocks of 7 host bits'],
    ['a function that nobody knows', { 'Fn::Transform': { Name: 'AWS::Include' } }, "the local runner doesn't know Fn::Transform"],
  ])('%s', async (_, value, message) => {
    await expect(resolve({ Deep: [{ Here: value }] })).rejects.toThrow(message);
  });

  test('an error says where', async () => {
    await expect(resolve({ Deep: ['x', { Here: { 'Fn::Select': [3, []] } }] })).rejects.toThrow(
      'Stack Hand, resource Main (Test::Thing), Properties.Value.Deep[1].Here: Fn::Select: there is no element 3 in a list of 0',
    );
  });

  test('Fn::ForEach and macros are refused by name', async () => {
    await expect(resolve({ 'Fn::ForEach::Loop': [] })).rejects.toThrow("the local runner doesn't know Fn::ForEach::Loop");
    await expect(resolve(1, { Transform: 'AWS::Serverless-2016-10-31' })).rejects.toThrow(
      "Stack Hand, Transform: the local runner doesn't run the macro AWS::Serverless-2016-10-31",
    );
    expect(await resolve(1, { Transform: ['AWS::LanguageExtensions'] })).toBe(1);
  });
});

describe('parameters', () => {
  const withParameter = (parameter: object, value?: unknown) =>
    resolve({ Ref: 'P' }, { Parameters: { P: parameter } }, value === undefined ? {} : { parameters: { P: value } });

  test.each<[object, unknown, unknown]>([
    [{ Type: 'String', Default: 'd' }, undefined, 'd'],
    [{ Type: 'String', Default: 'd' }, 'given', 'given'],
    [{ Type: 'Number', Default: '4' }, undefined, 4],
    [{ Type: 'CommaDelimitedList', Default: 'a, b' }, undefined, ['a', 'b']],
    [{ Type: 'List<Number>' }, '1,2', ['1', '2']],
    [{ Type: 'List<AWS::EC2::Subnet::Id>' }, ['x', 'y'], ['x', 'y']],
    [{ Type: 'String', AllowedValues: ['a', 'b'], AllowedPattern: '[a-z]', MinLength: 1, MaxLength: '1' }, 'b', 'b'],
  ])('%j given %j', async (parameter, value, expected) => {
    expect(await withParameter(parameter, value)).toEqual(expected);
  });

  test.each<[object, unknown, string]>([
    [{ Type: 'String' }, undefined, 'it has no default, and no value was given'],
    [{ Type: 'Number' }, 'x', '"x" is no number'],
    [{ Type: 'String', AllowedValues: ['a'] }, 'b', '"b" breaks AllowedValues ["a"]'],
    [{ Type: 'String', AllowedPattern: '[a-z]+', ConstraintDescription: 'letters' }, 'a1', '"a1" breaks AllowedPattern [a-z]+: letters'],
    [{ Type: 'String', MinLength: '2' }, 'a', '"a" breaks MinLength 2'],
    [{ Type: 'Number', MaxValue: 3 }, 4, '"4" breaks MaxValue 3'],
  ])('%j refuses %j', async (parameter, value, message) => {
    await expect(withParameter(parameter, value)).rejects.toThrow(`Stack Hand, parameter P: ${message}`);
  });

  test('a value for a parameter that is not there', async () => {
    await expect(resolve(1, {}, { parameters: { Nope: 1 } })).rejects.toThrow(
      'parameter Nope: a value was given, but the template has no such parameter',
    );
  });

  test('one that names an SSM parameter is looked up when it is used, and only then', async () => {
    const asked: unknown[] = [];
    const options = {
      resolveDynamic: async (reference: unknown) => {
        asked.push(reference);
        return 'ami-42';
      },
    };
    const sections = {
      Parameters: {
        Ami: { Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: '/aws/ami' },
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      },
      Rules: {
        CheckBootstrapVersion: { Assertions: [{ Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1'], { Ref: 'BootstrapVersion' }] }] } }] },
      },
    };
    expect(await resolve({ Ref: 'Ami' }, sections, options)).toBe('ami-42');
    expect(asked).toEqual([{ service: 'ssm', name: '/aws/ami' }]);
  });

  test('rules', async () => {
    const rule = (allowed: string[]) => ({
      Parameters: { Stage: { Type: 'String', Default: 'prod' } },
      Rules: {
        Stages: { Assertions: [{ Assert: { 'Fn::Contains': [allowed, { Ref: 'Stage' }] }, AssertDescription: 'a stage that exists' }] },
      },
    });
    // a parameter that only a rule uses counts as used
    expect(await resolve({ Ref: 'Stage' }, rule(['dev', 'prod']))).toBe('prod');
    await expect(resolve({ Ref: 'Stage' }, rule(['dev']))).rejects.toThrow('Stack Hand, rule Stages: a stage that exists');
    await expect(resolve('nothing', rule(['dev']))).rejects.toThrow('Stack Hand, rule Stages: a stage that exists');
  });
});

describe('dynamic references', () => {
  const options = { resolveDynamic: async (reference: object) => JSON.stringify(reference) };
  const ask = async (text: unknown) => JSON.parse(String(await resolve(text, {}, options)));

  test.each<[unknown, object]>([
    ['{{resolve:ssm:/app/key}}', { service: 'ssm', name: '/app/key' }],
    ['{{resolve:ssm:/app/key:3}}', { service: 'ssm', name: '/app/key', version: '3' }],
    ['{{resolve:ssm-secure:Pass:1}}', { service: 'ssm-secure', name: 'Pass', version: '1' }],
    ['{{resolve:secretsmanager:Db}}', { service: 'secretsmanager', name: 'Db' }],
    ['{{resolve:secretsmanager:Db:SecretString:password}}', { service: 'secretsmanager', name: 'Db', jsonKey: 'password' }],
    [
      '{{resolve:secretsmanager:Db:SecretString:p:AWSPREVIOUS}}',
      { service: 'secretsmanager', name: 'Db', jsonKey: 'p', versionStage: 'AWSPREVIOUS' },
    ],
    [
      {
        'Fn::Join': [
          '',
          ['{{resolve:secretsmanager:', 'arn:aws:secretsmanager:eu-west-1:1:secret:Db-AbCdEf', ':SecretString:password::}}'],
        ],
      },
      { service: 'secretsmanager', name: 'arn:aws:secretsmanager:eu-west-1:1:secret:Db-AbCdEf', jsonKey: 'password' },
    ],
  ])('%j', async (text, expected) => {
    expect(await ask(text)).toEqual(expected);
  });

  test('inside of text, and several', async () => {
    const value = { Url: 'https://{{resolve:ssm:a}}:{{resolve:ssm:b}}@host', List: ['{{resolve:ssm:c}}'] };
    expect(await resolve(value, {}, { resolveDynamic: async ({ name }) => name.toUpperCase() })).toEqual({
      Url: 'https://A:B@host',
      List: ['C'],
    });
  });

  test('by default the cloud’s own services answer', async () => {
    const types = new Types();
    const calls: unknown[] = [];
    const call = async (request: { operation: string }) => {
      calls.push(request);
      return request.operation === 'GetParameter' ? { Parameter: { Value: 'p' } } : { SecretString: '{"password":"s"}' };
    };
    const template = {
      Resources: {
        Main: { Type: 'Test::Thing', Properties: { A: '{{resolve:ssm:x:2}}', B: '{{resolve:secretsmanager:Db:SecretString:password}}' } },
      },
    };
    await deploy({ stackName: 'S', path: 'S', template, assetAt: () => undefined }, { ...CLOUD, call } as never, types);
    expect(types.properties('Main')).toEqual({ A: 'p', B: 's' });
    expect(calls).toEqual([
      { service: 'ssm', operation: 'GetParameter', input: { Name: 'x:2', WithDecryption: false }, principal: { kind: 'operator' } },
      { service: 'secrets-manager', operation: 'GetSecretValue', input: { SecretId: 'Db' }, principal: { kind: 'operator' } },
    ]);
  });

  test('an answer that fails names the place', async () => {
    const failing = {
      resolveDynamic: async () => {
        throw new Error('no such parameter');
      },
    };
    await expect(resolve('{{resolve:ssm:x}}', {}, failing)).rejects.toThrow('Stack Hand, resource Main (Test::Thing): no such parameter');
  });
});

describe('order', () => {
  const made = async (Resources: Record<string, object>, rest: object = {}) => {
    const types = new Types();
    const all = Object.fromEntries(Object.entries(Resources).map(([id, resource]) => [id, { Type: 'Test::Thing', ...resource }]));
    await deployTemplate({ Resources: all, ...rest }, types);
    return types.order;
  };

  test('each after what it refers to, otherwise as they stand', async () => {
    const order = await made({
      A: { Properties: { V: { 'Fn::Sub': ['${X}', { X: { Ref: 'D' } }] } } },
      B: {},
      C: { DependsOn: ['E'] },
      D: { Properties: { V: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['B', 'Arn'] }]] } } },
      E: { DependsOn: 'F' },
      F: { Properties: { V: { 'Fn::Sub': '${B.Arn}' } } },
    });
    expect(order).toEqual(['B', 'D', 'A', 'F', 'E', 'C']);
  });

  test('a cycle is named', async () => {
    const cycle = made({
      Start: { DependsOn: 'A' },
      A: { DependsOn: 'B' },
      B: { Properties: { V: { Ref: 'C' } } },
      C: { Properties: { V: { 'Fn::GetAtt': ['A', 'Arn'] } } },
    });
    await expect(cycle).rejects.toThrow('Stack Hand, Resources: circular dependency: A → B → C → A');
  });

  test('a branch that is not taken makes no cycle, and a resource whose condition is false is not made', async () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const order = await made(
      { A: { Properties: { V: { 'Fn::If': ['Never', { Ref: 'B' }, 1] } } }, B: { DependsOn: ['A', 'C'] }, C: { Condition: 'Never' } },
      { Conditions },
    );
    expect(order).toEqual(['A', 'B']);
    await expect(made({ A: { Properties: { V: { Ref: 'C' } } }, C: { Condition: 'Never' } }, { Conditions })).rejects.toThrow(
      'Ref: resource "C" isn\'t made, since its condition "Never" is false',
    );
  });
});
