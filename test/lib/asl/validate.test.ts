import { invalidDefinitionMessage, isAccepted, validateDefinition } from '../../../lib/asl/validate';

const LAMBDA = 'arn:aws:states:::lambda:invoke';

/** A definition that uses most of the language and has nothing wrong. */
function whole() {
  // biome-ignore lint/suspicious/noExplicitAny: each test breaks it somewhere else
  const definition: any = {
    Comment: 'whole',
    StartAt: 'Prepare',
    TimeoutSeconds: 3600,
    States: {
      Prepare: {
        Type: 'Pass',
        Assign: { 'n.$': '$.n', limit: 3 },
        Parameters: { 'id.$': "States.Format('{}-{}', $$.Execution.Name, $n)" },
        ResultPath: '$.prepared',
        Next: 'Decide',
      },
      Decide: {
        Type: 'Choice',
        Choices: [
          { And: [{ Variable: '$.n', IsPresent: true }, { Not: { Variable: '$.n', NumericGreaterThanPath: '$limit' } }], Next: 'Work' },
          { Variable: '$.when', TimestampLessThan: '2026-01-01T00:00:00Z', Next: 'Later' },
        ],
        Default: 'Each',
      },
      Later: { Type: 'Wait', TimestampPath: '$.when', Next: 'Work' },
      Work: {
        Type: 'Task',
        Resource: `${LAMBDA}.waitForTaskToken`,
        Parameters: { FunctionName: 'f', Payload: { 'token.$': '$$.Task.Token' } },
        TimeoutSeconds: 60,
        HeartbeatSeconds: 10,
        Retry: [
          {
            ErrorEquals: ['Lambda.TooManyRequestsException'],
            IntervalSeconds: 1,
            MaxAttempts: 5,
            BackoffRate: 2,
            MaxDelaySeconds: 30,
            JitterStrategy: 'FULL',
          },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Failed' }],
        ResultSelector: { 'x.$': '$.x' },
        Next: 'Side',
      },
      Side: { Type: 'Parallel', Branches: [{ StartAt: 'B1', States: { B1: { Type: 'Succeed' } } }], ResultPath: null, End: true },
      Each: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
          Parameters: { Bucket: 'b', 'Key.$': '$.key' },
        },
        ItemSelector: { 'row.$': '$$.Map.Item.Value' },
        ItemBatcher: { MaxItemsPerBatch: 10 },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Row',
          States: {
            Row: {
              Type: 'Task',
              QueryLanguage: 'JSONata',
              Resource: LAMBDA,
              Arguments: { FunctionName: 'f', Payload: '{% $map($states.input.Items, function($i) { $i.row }) %}' },
              End: true,
            },
          },
        },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'out' } },
        ToleratedFailurePercentage: 5,
        Label: 'Each',
        MaxConcurrency: 10,
        End: true,
      },
      Failed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: "States.Format('{}', $.error.Cause)" },
    },
  };
  return definition;
}

const inline = () => ({ StartAt: 'In', States: { In: { Type: 'Pass', End: true } } });

test('nothing is wrong with it', () => {
  expect(validateDefinition(whole())).toEqual([]);
  expect(validateDefinition(JSON.stringify(whole()))).toEqual([]);
});

// biome-ignore lint/suspicious/noExplicitAny: see whole
type Break = (d: any) => void;

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html and the pages of the states
test.each<[string, Break, string]>([
  ['a StartAt that is no state', (d) => (d.StartAt = 'Nowhere'), '/StartAt'],
  ['a Next that is no state', (d) => (d.States.Later.Next = 'Nowhere'), '/States/Later/Next'],
  ['a catcher that leads nowhere', (d) => (d.States.Work.Catch[0].Next = 'Nowhere'), '/States/Work/Catch[0]/Next'],
  ['a state that nothing leads to', (d) => (d.States.Island = { Type: 'Succeed' }), '/States/Island'],
  ['neither Next nor End', (d) => delete d.States.Later.Next, '/States/Later'],
  ['both Next and End', (d) => (d.States.Later.End = true), '/States/Later'],
  ['an unknown field', (d) => (d.States.Later.Secondz = 1), '/States/Later'],
  ['an unknown field at the top', (d) => (d.Timeout = 1), '/'],
  ['an unknown type', (d) => (d.States.Later.Type = 'Sleep'), '/States/Later/Type'],
  ['two ways to wait', (d) => (d.States.Later.Seconds = 1), '/States/Later'],
  [
    'a name of 81 characters',
    (d) => Object.assign(d, { StartAt: 'x'.repeat(81), States: { ...d.States, ['x'.repeat(81)]: { Type: 'Pass', Next: 'Prepare' } } }),
    `/States/${'x'.repeat(81)}`,
  ],
  [
    'a name used twice',
    (d) => Object.assign(d.States.Side.Branches[0], { StartAt: 'Work', States: { Work: { Type: 'Succeed' } } }),
    '/States/Side/Branches[0]/States/Work',
  ],
  ['a negative number of attempts', (d) => (d.States.Work.Retry[0].MaxAttempts = -1), '/States/Work/Retry[0]/MaxAttempts'],
  ['States.ALL with others', (d) => d.States.Work.Catch[0].ErrorEquals.push('Other'), '/States/Work/Catch[0]/ErrorEquals'],
  [
    'States.ALL before others',
    (d) => d.States.Work.Catch.push({ ErrorEquals: ['Other'], Next: 'Failed' }),
    '/States/Work/Catch[0]/ErrorEquals',
  ],
  ['a resource that is none', (d) => (d.States.Work.Resource = 'arn:aws:states:::dynamodb:frobnicate'), '/States/Work/Resource'],
  ['a pattern that the service lacks', (d) => (d.States.Work.Resource = 'arn:aws:states:::dynamodb:putItem.sync'), '/States/Work/Resource'],
  ['a heartbeat longer than the time-out', (d) => (d.States.Work.HeartbeatSeconds = 60), '/States/Work'],
  ['a broken path', (d) => (d.States.Later.TimestampPath = '$.['), '/States/Later/TimestampPath'],
  ['a ResultPath that names many places', (d) => (d.States.Prepare.ResultPath = '$.a[*]'), '/States/Prepare/ResultPath'],
  ['a broken template', (d) => (d.States.Prepare.Parameters['id.$'] = 'id'), '/States/Prepare/Parameters/id.$'],
  ['an unknown intrinsic function', (d) => (d.States.Prepare.Parameters['id.$'] = 'States.Frob($.a)'), '/States/Prepare/Parameters/id.$'],
  ['an illegal escape in one', (d) => (d.States.Prepare.Parameters['id.$'] = "States.Format('\\n')"), '/States/Prepare/Parameters/id.$'],
  [
    'a comparison with the wrong type',
    (d) => (d.States.Decide.Choices[1].TimestampLessThan = 'yesterday'),
    '/States/Decide/Choices[1]/TimestampLessThan',
  ],
  ['two comparisons', (d) => (d.States.Decide.Choices[1].IsNull = true), '/States/Decide/Choices[1]'],
  ['a rule without Next', (d) => delete d.States.Decide.Choices[0].Next, '/States/Decide/Choices[0]'],
  ['no branches', (d) => (d.States.Side.Branches = []), '/States/Side/Branches'],
  [
    'broken JSONata',
    (d) => (d.States.Each.ItemProcessor.States.Row.Arguments.Payload = '{% $map( %}'),
    '/States/Each/ItemProcessor/States/Row/Arguments/Payload',
  ],
  [
    'a JSONPath field in a JSONata state',
    (d) => (d.States.Each.ItemProcessor.States.Row.InputPath = '$'),
    '/States/Each/ItemProcessor/States/Row',
  ],
  ['Parameters in a JSONata reader', (d) => Object.assign(d.States.Each, jsonataMap(d)), '/States/Each/ItemReader'],
  [
    'an unknown InputType',
    (d) => (d.States.Each.ItemReader.ReaderConfig.InputType = 'XML'),
    '/States/Each/ItemReader/ReaderConfig/InputType',
  ],
  [
    'an unknown Transformation',
    (d) => (d.States.Each.ResultWriter.WriterConfig = { Transformation: 'SQUASH' }),
    '/States/Each/ResultWriter/WriterConfig/Transformation',
  ],
  ['an inline Map with a label', (d) => delete d.States.Each.ItemProcessor.ProcessorConfig, '/States/Each/Label'],
  [
    'a processor mode that is none',
    (d) => (d.States.Each.ItemProcessor.ProcessorConfig.Mode = 'FAST'),
    '/States/Each/ItemProcessor/ProcessorConfig/Mode',
  ],
  ['no processor', (d) => delete d.States.Each.ItemProcessor, '/States/Each'],
  [
    'a token in an Express child',
    (d) => (d.States.Each.ItemProcessor.States.Row.Resource = `${LAMBDA}.waitForTaskToken`),
    '/States/Each/ItemProcessor/States/Row/Resource',
  ],
  ['a label with a slash', (d) => (d.States.Each.Label = 'a/b'), '/States/Each/Label'],
  ['a label of 41 characters', (d) => (d.States.Each.Label = 'x'.repeat(41)), '/States/Each/Label'],
  [
    'JSONPath in a machine of JSONata',
    (d) => Object.assign(d, { QueryLanguage: 'JSONata', StartAt: 'Q', States: { Q: { Type: 'Succeed', QueryLanguage: 'JSONPath' } } }),
    '/States/Q',
  ],
])('%s is refused, with the place', (_, breakIt, location) => {
  const definition = whole();
  breakIt(definition);
  const diagnostics = validateDefinition(definition);
  expect(isAccepted(diagnostics)).toBe(false);
  expect(diagnostics.map((d) => d.location)).toContain(location);
});

function jsonataMap(d: ReturnType<typeof whole>) {
  const { ItemProcessor, ItemReader } = d.States.Each;
  for (const field of Object.keys(d.States.Each)) delete d.States.Each[field];
  return { Type: 'Map', QueryLanguage: 'JSONata', ItemProcessor, ItemReader, End: true };
}

test('an Express machine has no Distributed Map, no job and no token', () => {
  const { diagnostics, message } = (() => {
    const diagnostics = validateDefinition(whole(), { type: 'EXPRESS' });
    return { diagnostics, message: invalidDefinitionMessage(diagnostics) };
  })();
  expect(diagnostics.map((d) => d.location)).toEqual(['/States/Work/Resource', '/States/Each/ItemProcessor/ProcessorConfig/Mode']);
  expect(message).toBe(
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/Work/Resource, SCHEMA_VALIDATION_FAILED: The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/Each/ItemProcessor/ProcessorConfig/Mode'",
  );
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html, warning codes
test.each<[string, object, string, string[]]>([
  [
    'NO_DOLLAR',
    {
      Type: 'Pass',
      Parameters: { a: '$.x', 'b.$': '$.x', c: ['$$.Execution.Id', { d: 'States.UUID()' }], e: 'costs $5', f: '$name' },
      Assign: { v: '$' },
    },
    'is not evaluated',
    ['/Parameters/a', '/Parameters/c[0]', '/Parameters/c[1]/d', '/Assign/v'],
  ],
  [
    'NO_PATH',
    {
      Type: 'Choice',
      Comment: '$.x',
      InputPath: '$.x',
      Choices: [
        {
          And: [
            { Variable: '$.a', StringEquals: '$.b' },
            { Variable: '$.a', StringEqualsPath: '$.b' },
          ],
          Next: 'B',
        },
      ],
      Default: 'B',
    },
    'looks like a path',
    ['/Choices[0]/And[0]/StringEquals'],
  ],
  ['NO_PATH', { Type: 'Fail', Error: '$.error', CausePath: '$.cause' }, 'looks like a path', ['/Error']],
  [
    'PASS_RESULT_IS_STATIC',
    { Type: 'Pass', Result: { a: '$.x', 'b.$': '$.y', c: 1 } },
    "a Pass state's Result is static",
    ['/Result/a', '/Result/b.$'],
  ],
])('%s warns of %j', (code, state, message, places) => {
  const { Type } = state as { Type: string };
  const ends = Type === 'Pass' ? { End: true } : {};
  const others = Type === 'Choice' ? { B: { Type: 'Succeed' } } : {};
  const told = validateDefinition({ StartAt: 'A', States: { A: { ...state, ...ends }, ...others } });
  expect(told).toEqual(
    places.map((place) => ({ severity: 'WARNING', code, location: `/States/A${place}`, message: expect.stringContaining(message) })),
  );
});

test('nothing of the kind in a JSONata state', () => {
  expect(validateDefinition({ ...pass({ a: '$.x' }) })).toEqual([]);
});

/** A machine of one state. */
const only = (state: object, top: object = {}) => ({ StartAt: 'A', States: { A: { ...state, End: true } }, ...top });
const pass = (Output: unknown) => only({ Type: 'Pass', Output }, { QueryLanguage: 'JSONata' });
const call = (state: object) => only({ Type: 'Task', Resource: LAMBDA, Parameters: { FunctionName: 'f' }, ...state });
const each = (state: object, ProcessorConfig: object = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }) =>
  only({ Type: 'Map', ItemProcessor: { ProcessorConfig, ...inline() }, ...state });
const reader = (ReaderConfig: object) => each({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig, Parameters: {} } });
const rule = (fields: object, top: object = {}) => ({
  StartAt: 'A',
  States: { A: { Type: 'Choice', Choices: [{ ...fields, Next: 'B' }], ...top }, B: { Type: 'Succeed' } },
});
const COMPARISONS =
  '[StringEquals, IsBoolean, StringLessThan, IsNumeric, BooleanEquals, StringLessThanEqualsPath, NumericLessThan, NumericGreaterThan, NumericLessThanPath, StringMatches, TimestampLessThanEqualsPath, NumericEquals, TimestampGreaterThan, StringGreaterThanEqualsPath, TimestampGreaterThanEqualsPath, TimestampLessThanEquals, NumericLessThanEqualsPath, TimestampEquals, BooleanEqualsPath, IsTimestamp, StringLessThanEquals, NumericLessThanEquals, StringLessThanPath, TimestampGreaterThanPath, StringGreaterThan, StringGreaterThanPath, IsString, StringEqualsPath, TimestampEqualsPath, TimestampLessThan, StringGreaterThanEquals, NumericGreaterThanPath, NumericGreaterThanEquals, NumericEqualsPath, TimestampLessThanPath, IsNull, IsPresent, TimestampGreaterThanEquals, NumericGreaterThanEqualsPath]';

// What AWS answered others: https://github.com/gabrielmoreira/tiny-asl-machine/tree/main/tests/conformance/cases/.snapshots/aws,
// https://github.com/badmintoncryer/cdk-preflight, https://github.com/floci-io/floci/pull/2699 and https://github.com/floci-io/floci/pull/2786
describe('in AWS’s words', () => {
  test.each<[string, unknown, string[]]>([
    ['no Type', { StartAt: 'A', States: { A: { End: true } } }, ["The field 'Type' is required"]],
    [
      'Next of a Succeed',
      { StartAt: 'A', States: { A: { Type: 'Succeed', Next: 'B' }, B: { Type: 'Succeed' } } },
      ["Field 'Next' is not supported"],
    ],
    [
      'neither Next nor End',
      { StartAt: 'A', States: { A: { Type: 'Pass' } } },
      ['This object should have only one of the following fields: [Next, End]', 'Workflow has no terminal state'],
    ],
    [
      'both',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B', End: true }, B: { Type: 'Succeed' } } },
      ['There should only be one of the following fields: [Next, End]'],
    ],
    ['no states', { StartAt: 'A', States: {} }, ['Value cannot be empty', "Missing 'Next' target: A", 'Workflow has no terminal state']],
    [
      'a StartAt that is no state',
      { StartAt: 'B', States: { A: { Type: 'Pass', End: true } } },
      ["Missing 'Next' target: B", 'State "A" is not reachable.'],
    ],
    [
      'a loop',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } },
      ['Workflow has no terminal state'],
    ],
    [
      'a Next that is no state',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } },
      ["Missing 'Next' target: B", 'Workflow has no terminal state'],
    ],
    ['States.ALL not alone', call({ Retry: [{ ErrorEquals: ['States.ALL', 'B'] }] }), ['States.ALL must appear alone and at end of list']],
    [
      'States.ALL not last',
      call({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['B'] }] }),
      ['States.ALL must appear alone and at end of list'],
    ],
    ['no error names', call({ Retry: [{ ErrorEquals: [] }] }), ['Value cannot be empty']],
    [
      'another strategy',
      call({ Retry: [{ ErrorEquals: ['B'], JitterStrategy: 'HALF' }] }),
      ['Value should be one of the following: [NONE, FULL]'],
    ],
    ['attempts', call({ Retry: [{ ErrorEquals: ['B'], MaxAttempts: 1e8 }] }), ['Maximum value is 99999999']],
    ['no time', call({ TimeoutSeconds: 0 }), ['Minimum value is 1']],
    ['a text for a number', call({ TimeoutSeconds: '1' }), ['Expected value of type Integer']],
    [
      'a path and a number',
      call({ TimeoutSeconds: 1, TimeoutSecondsPath: '$.a' }),
      ['There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]'],
    ],
    ['no ARN', call({ Resource: 'f' }), ['Value is not a valid resource ARN']],
    ...[1, false].map((Payload): [string, unknown, string[]] => [
      `the payload ${Payload}`,
      call({ Parameters: { FunctionName: 'f', Payload } }),
      [`Expected a text, an object, an array or null, got ${Payload}`],
    ]),
    ['a payload that is null', call({ Parameters: { FunctionName: 'f', Payload: null } }), []],
    ['no Parameters', only({ Type: 'Task', Resource: LAMBDA }), [`Parameters field is required for resource ARN: ${LAMBDA}`]],
    [
      'no Arguments',
      only({ Type: 'Task', Resource: LAMBDA, QueryLanguage: 'JSONata' }),
      [`Arguments field is required for resource ARN: ${LAMBDA}`],
    ],
    ['no FunctionName', call({ Parameters: {} }), ["The field 'FunctionName' is required but was missing"]],
    ['no RoleArn', call({ Credentials: {} }), ["The field 'RoleArn' is required but was missing"]],
    ['InputPath', only({ Type: 'Pass', InputPath: 'a' }), ['Value must be a valid JSONPath.']],
    [
      'no rules',
      { StartAt: 'A', States: { A: { Type: 'Choice', Choices: [], Default: 'B' }, B: { Type: 'Succeed' } } },
      ['Value cannot be empty'],
    ],
    ['no comparison', rule({ Variable: '$.a' }), [`This object should have only one of the following fields: ${COMPARISONS}`]],
    [
      'two comparisons',
      rule({ Variable: '$.a', StringEquals: '1', NumericGreaterThan: 0 }),
      [`There should only be one of the following fields: ${COMPARISONS}`],
    ],
    ['no path', rule({ Variable: 'a', IsNull: true }), ["Value is not a Reference Path: Reference path didn't start with '$'"]],
    ['an empty Or', rule({ Not: { Or: [] } }), ['Value cannot be empty']],
    ['Next inside', rule({ Not: { Variable: '$.a', IsNull: true, Next: 'B' } }), ["Field 'Next' is not supported"]],
    ['no rule at all', rule({}), ['The object must have only one of the following fields, [And, Or, Not, Variable, Condition]']],
    [
      'a Condition of JSONPath',
      rule({ Condition: true }),
      ["The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' QueryLanguage"],
    ],
    [
      'a Variable of JSONata',
      rule({ Variable: '$.a', IsNull: true }, { QueryLanguage: 'JSONata' }),
      ["The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage"],
    ],
    [
      'Output of JSONPath',
      only({ Type: 'Pass', Output: 1 }),
      ["The QueryLanguage is set to 'JSONPath', but field 'Output' is only supported for the 'JSONata' QueryLanguage"],
    ],
    [
      'another language',
      only({ Type: 'Pass' }, { QueryLanguage: 'jsonata' }),
      ['Value should be one of the following: [JSONPath, JSONata]'],
    ],
    ['a language that is no text', only({ Type: 'Pass' }, { QueryLanguage: 5 }), ['Expected value of type [STRING]']],
    [
      'the language of a processor',
      only({ Type: 'Map', ItemProcessor: { ...inline(), QueryLanguage: 'JSONata' } }),
      ["Field 'QueryLanguage' is not supported"],
    ],
    ['a version', only({ Type: 'Pass' }, { Version: '2.0' }), ['Value should be one of the following: [1.0]']],
    [
      'no time to wait',
      only({ Type: 'Wait' }),
      ['This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]'],
    ],
    [
      'two times',
      only({ Type: 'Wait', Seconds: 1, SecondsPath: '$.a' }),
      ['There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]'],
    ],
    ['no processor', only({ Type: 'Map' }), ['This object should have only one of the following fields: [ItemProcessor, Iterator]']],
    ['no ExecutionType', each({}, { Mode: 'DISTRIBUTED' }), ['These fields are required: [ExecutionType]']],
    ['an ExecutionType inline', each({}, { Mode: 'INLINE', ExecutionType: 'EXPRESS' }), ["Field 'ExecutionType' is not supported"]],
    [
      'a reader of something else',
      each({ ItemReader: { Resource: 'arn:aws:states:::s3:putObject' } }),
      ["The field 'Resource' does not match any of the allowed values"],
    ],
    ['CSV without its header', reader({ InputType: 'CSV' }), ["The field 'CSVHeaderLocation' is required"]],
    ['given headers that are not', reader({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }), ['These fields are required: [CSVHeaders]']],
    [
      'JSONL with headers',
      reader({ InputType: 'JSONL', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['a'] }),
      ["Field 'CSVHeaderLocation' is not supported", "Field 'CSVHeaders' is not supported"],
    ],
    ['a manifest of JSON', reader({ InputType: 'JSON', ManifestType: 'ATHENA_DATA' }), ["Field 'ManifestType' is not supported"]],
    [
      'a pointer that is none',
      reader({ InputType: 'JSON', ItemsPointer: 'data/items' }),
      [`Invalid input: JSON Pointer expression must start with '/': "data/items"`],
    ],
    ['files of an unknown kind', reader({ Transformation: 'LOAD_AND_FLATTEN' }), ["The field 'InputType' is required"]],
    ['the reserved variable', only({ Type: 'Pass', Assign: { states: 1 } }), ["Cannot assign to reserved variable '$states'."]],
    [
      'a name that is none',
      only({ Type: 'Pass', Assign: { 'a-b': 1 } }),
      ["Invalid variable name 'a-b': the variable name contains invalid characters."],
    ],
    ['an expression that does not end', pass('{% 1 %'), ['JSONata string must start with {% and end with %}']],
    ['one that does not parse', pass('{% a[1,2) %}'), ['Expected "]", got ","']],
    ['an operator of a later JSONata', pass('{% $states.input.a ?? 1 %}'), ['The symbol "?" cannot be used as a unary operator']],
    ['another one', pass('{% $states.input.a ?: 1 %}'), ['The symbol ":" cannot be used as a unary operator']],
    [
      'names of no context',
      pass('{% [phone, $.a, {"b": phone}] %}'),
      ["Reference to 'phone' at the top level is not supported.", "Reference to '$' at the top level is not supported."],
    ],
    ['names within a lambda', pass('{% $map([1], function($i) { b }) %}'), ["Reference to 'b' at the top level is not supported."]],
    ['the root', pass('{% $$ %}'), ["Reference to '$$' is not supported."]],
    ['the result of a Pass', pass('{% $states.result %}'), ["Field '$states.result' does not exist."]],
    ['no error', pass('{% $states.errorOutput.Error %}'), ["Field '$states.errorOutput' does not exist."]],
  ])('%s', (_, definition, messages) => {
    expect(validateDefinition(definition).map((d) => d.message)).toEqual(messages);
  });

  test.each<[string, unknown]>([
    ['names in steps, predicates and orders', pass('{% $states.input.list[a > 1]^(b).{"c": d} %}')],
    ['a condition whose parts are alike', pass('{% $exists($states.input.a) ? $states.input.a : 1 %}')],
    ['texts like expressions where there are none', pass({ Comment: '{% $states.input %}' })],
    ['a comment', only({ Type: 'Pass', Comment: '{% a %}' }, { QueryLanguage: 'JSONata' })],
    ['an interval of no seconds', call({ Retry: [{ ErrorEquals: ['B'], IntervalSeconds: 0 }] })],
    [
      'result and errorOutput in their places',
      {
        QueryLanguage: 'JSONata',
        StartAt: 'A',
        States: {
          A: {
            Type: 'Task',
            Resource: LAMBDA,
            Arguments: { FunctionName: 'f' },
            Output: '{% $states.result %}',
            Catch: [
              { ErrorEquals: ['B'], Output: '{% $states.errorOutput %}', Assign: { e: '{% $states.errorOutput.Error %}' }, Next: 'B' },
            ],
            Next: 'B',
          },
          B: { Type: 'Succeed' },
        },
      },
    ],
    ['a loop inside', only({ Type: 'Parallel', Branches: [{ StartAt: 'L', States: { L: { Type: 'Pass', Next: 'L' } } }] })],
  ])('nothing against %s', (_, definition) => {
    expect(validateDefinition(definition)).toEqual([]);
  });

  test('labels differ', () => {
    const map = (name: string) => ({
      Type: 'Map',
      Label: 'same',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: name,
        States: { [name]: { Type: 'Succeed' } },
      },
    });
    const definition = { StartAt: 'A', States: { A: { ...map('X'), Next: 'B' }, B: { ...map('Y'), End: true } } };
    expect(validateDefinition(definition)).toMatchObject([{ code: 'DUPLICATE_LABEL_NAME', message: 'Duplicate Label name: same' }]);
  });

  // https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
  test('a variable that may have been assigned outside is not assigned inside', () => {
    const definition = (after: string) => ({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: 1 }, Next: 'P' },
        P: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Assign: { [after]: 2 }, End: true } } }],
          Next: 'Z',
        },
        Z: { Type: 'Pass', Assign: { later: 3 }, End: true },
      },
    });
    expect(validateDefinition(definition('later'))).toEqual([]);
    expect(validateDefinition(definition('v'))).toEqual([
      {
        severity: 'ERROR',
        code: 'DUPLICATE_VARIABLE_NAME',
        message: "The variable name 'v' was already defined in a parent scope.",
        location: '/States/P/Branches[0]/States/I/Assign/v',
      },
    ]);
  });

  test('a place that there is not is null', () => {
    const loop = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } };
    expect(invalidDefinitionMessage(validateDefinition(loop))).toBe(
      "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'",
    );
  });
});

test('a reader of an inline Map is warned of: it fails when it runs', () => {
  const ItemReader = { Resource: 'arn:aws:states:::s3:getObject' };
  expect(validateDefinition(only({ Type: 'Map', ItemReader, ItemProcessor: inline() }))).toMatchObject([
    { severity: 'WARNING', location: '/States/A/ItemReader' },
  ]);
});

test('a reserved error name that is none is warned of', () => {
  const definition = whole();
  definition.States.Work.Retry[0].ErrorEquals = ['States.Oops'];
  expect(validateDefinition(definition)).toMatchObject([{ severity: 'WARNING', location: '/States/Work/Retry[0]/ErrorEquals' }]);
});

describe('variables that nothing defines are warned of, for AWS accepts them', () => {
  const warnings = (definition: object) => validateDefinition(definition).map((d) => [d.severity, d.location]);

  test('in paths, intrinsic functions and expressions', () => {
    const definition = {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { known: 1 }, Parameters: { 'a.$': '$known', 'b.$': 'States.Array($other)' }, Next: 'B' },
        B: {
          Type: 'Pass',
          QueryLanguage: 'JSONata',
          Output: '{% ($x := $known; $f := function($y) { $y + $x + $z }; $f($sum([1]))) %}',
          End: true,
        },
      },
    };
    expect(warnings(definition)).toEqual([
      ['WARNING', '/States/A/Parameters/b.$'],
      ['WARNING', '/States/B/Output'],
    ]);
    expect(isAccepted(validateDefinition(definition))).toBe(true);
  });

  test('what does not parse, where no expression has to stand, is a text', () => {
    const Catch = [{ ErrorEquals: ['{% ( %}'], Next: 'B' }];
    const definition = {
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: {
        A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Arguments: { QueueUrl: 'q', MessageBody: 'm' }, Catch, Next: 'B' },
        B: { Type: 'Succeed' },
      },
    };
    expect(validateDefinition(definition)).toEqual([]);
  });

  test('data that is called as a field is no expression', () => {
    const data = { Variable: "States.Array('", OutputPath: '$nobody', nested: [{ InputPath: '$nobody', 'here.$': '$nobody' }] };
    expect(warnings({ StartAt: 'A', States: { A: { Type: 'Pass', Parameters: data, End: true } } })).toEqual([
      ['WARNING', '/States/A/Parameters/nested[0]/here.$'],
    ]);
  });

  test('those of a Map’s surroundings are seen inside, but not by the children of a Distributed Map', () => {
    const map = (ProcessorConfig: object) => ({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { v: 1 }, Next: 'M' },
        M: {
          Type: 'Map',
          ItemProcessor: { ProcessorConfig, StartAt: 'I', States: { I: { Type: 'Pass', InputPath: '$v', End: true } } },
          End: true,
        },
      },
    });
    expect(warnings(map({ Mode: 'INLINE' }))).toEqual([]);
    expect(warnings(map({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }))).toEqual([
      ['WARNING', '/States/M/ItemProcessor/States/I/InputPath'],
    ]);
  });
});

test.each([
  '',
  '[]',
  '1',
  'null',
  '{"StartAt": "A"',
  '{StartAt: 1}',
  '{}',
  '{"StartAt":"A","States":{}}',
  '{"StartAt":"A","States":{"A":1}}',
  '{"StartAt":1,"States":[]}',
])('%s is refused', (text) => {
  expect(isAccepted(validateDefinition(text))).toBe(false);
});

test('an inline processor needs no configuration', () => {
  const definition = { StartAt: 'M', States: { M: { Type: 'Map', Iterator: inline(), End: true } } };
  expect(validateDefinition(definition)).toEqual([]);
});
