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
              Arguments: { Payload: '{% $map($states.input.Items, function($i) { $i.row }) %}' },
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
  ['an unknown field', (d) => (d.States.Later.Secondz = 1), '/States/Later/Secondz'],
  ['an unknown field at the top', (d) => (d.Timeout = 1), '/Timeout'],
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
    '/States/Each/ItemProcessor/States/Row/InputPath',
  ],
  ['Parameters in a JSONata reader', (d) => Object.assign(d.States.Each, jsonataMap(d)), '/States/Each/ItemReader/Parameters'],
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
  ['an inline Map with a reader', (d) => delete d.States.Each.ItemProcessor.ProcessorConfig, '/States/Each/ItemReader'],
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
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration  at /States/Work/Resource, SCHEMA_VALIDATION_FAILED: Express state machine does not support Distributed Map at /States/Each/ItemProcessor/ProcessorConfig/Mode'",
  );
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
    expect(warnings(map({ Mode: 'DISTRIBUTED' }))).toEqual([['WARNING', '/States/M/ItemProcessor/States/I/InputPath']]);
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
