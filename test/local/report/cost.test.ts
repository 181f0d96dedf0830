import type { DeployedResource } from '../../../local/assembly/types';
import { type ApiCall, ApiError, type Principal } from '../../../local/cloud-types';
import type { Execution, HistoryEvent, MapRun } from '../../../local/engine/types';
import { type Cost, costOf, dollars, type Priced } from '../../../local/report/cost';
import { PRICES } from '../../../local/report/prices';

const ROLE: Principal = { kind: 'role', arn: 'arn:aws:iam::123456789012:role/r' };
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:fn';

function call(service: string, operation: string, input: object = {}, more: Partial<ApiCall> = {}): ApiCall {
  return { service, operation, input, principal: ROLE, at: 0, output: {}, ...more };
}

function resource(type: string, ref: string, properties: object = {}): DeployedResource {
  return { type, ref, properties, logicalId: ref, path: `Stack/${ref}`, attributes: { Arn: `arn:${ref}` }, known: true };
}

function execution(type: 'STANDARD' | 'EXPRESS', seconds: number, ...types: string[]): Execution {
  const history = types.map((each, index): HistoryEvent => ({ id: index + 1, previousEventId: index, timestamp: 0, type: each }));
  return { machine: { type }, history, startDate: 0, stopDate: seconds * 1000 } as unknown as Execution;
}

const ENTERED = ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'PassStateEntered'];
const MAP = 'arn:aws:states:us-east-1:123456789012:mapRun:machine/Items';
const child = (mapRun: string, type: 'STANDARD' | 'EXPRESS'): Execution => ({
  ...execution(type, 0, ...ENTERED),
  mapRunArn: `${MAP}:${mapRun}`,
});
const mapRun = (id: string, total: number, pending = 0) => ({ arn: `${MAP}:${id}`, executionCounts: { total, pending } }) as MapRun;

const cost = (run: Partial<Priced>): Cost => costOf({ calls: [], resources: [], mails: [], executions: [], mapRuns: [], ...run });
const billed = ({ lines }: Cost) => lines.map(({ price, quantity, usd }) => [price.what, quantity, Number(usd.toPrecision(6))]);

const item = (bytes: number) => ({ id: { S: 'x'.repeat(bytes - 2) } });
const mail = { to: 'a@example.com', subject: '', body: '' };

test.each<[string, Partial<Priced>, unknown[]]>([
  ['nothing', {}, []],
  ['two transitions', { executions: [execution('STANDARD', 0, ...ENTERED)] }, [['Standard: state transitions', 2, 0.00005]]],
  [
    'the child executions too, each by its own type',
    { executions: [execution('STANDARD', 0, ...ENTERED), execution('EXPRESS', 0.25)] },
    [
      ['Standard: state transitions', 2, 0.00005],
      ['Express: requests', 1, 0.000001],
      // 300 ms of 64 MB
      ['Express: duration', 0.01875, 3.12563e-7],
    ],
  ],
  [
    'the children of a Distributed Map that the runner has forgotten, like the others of that map',
    {
      executions: [execution('STANDARD', 0, ...ENTERED), child('1', 'STANDARD'), child('1', 'STANDARD')],
      mapRuns: [mapRun('1', 3000), mapRun('2', 7010, 10)],
    },
    [['Standard: state transitions', 2 + 2 * 10_000, 0.50005]],
  ],
  [
    'Express children as well',
    { executions: [child('1', 'EXPRESS')], mapRuns: [mapRun('1', 4000)] },
    [
      ['Express: requests', 4000, 0.004],
      ['Express: duration', 25, 0.00041675],
    ],
  ],
  [
    'an Express task, taken to last 100 ms',
    { executions: [execution('EXPRESS', 0, 'TaskStateEntered', 'TaskScheduled', 'TaskScheduled')] },
    [
      ['Express: requests', 1, 0.000001],
      ['Express: duration', 0.0125, 2.08375e-7],
    ],
  ],
  [
    'an invocation, by memory and architecture',
    {
      calls: [call('lambda', 'Invoke', { FunctionName: `${FUNCTION}:live` })],
      resources: [resource('AWS::Lambda::Function', 'fn', { MemorySize: 512, Architectures: ['arm64'] })],
    },
    [
      ['duration on arm64', 0.05, 6.6667e-7],
      ['requests', 1, 2e-7],
    ],
  ],
  [
    'an invocation with the defaults, by name',
    { calls: [call('lambda', 'Invoke', { FunctionName: 'fn' })], resources: [resource('AWS::Lambda::Function', 'fn')] },
    [
      ['duration on x86_64', 0.0125, 2.08334e-7],
      ['requests', 1, 2e-7],
    ],
  ],
  [
    'an invocation by an HTTP API',
    { calls: [call('lambda', 'Invoke', { FunctionName: 'fn' }, { principal: { kind: 'service', service: 'apigateway.amazonaws.com' } })] },
    [
      ['requests to HTTP APIs', 1, 0.000001],
      ['duration on x86_64', 0.0125, 2.08334e-7],
      ['requests', 1, 2e-7],
    ],
  ],
  ['other calls to Lambda', { calls: [call('lambda', 'GetFunction')] }, []],
  [
    'an eventual read of 4 KB',
    { calls: [call('dynamodb', 'GetItem', {}, { output: { Item: item(4096) } })] },
    [['on-demand reads', 0.5, 6.25e-8]],
  ],
  [
    'a strong read of 5 KB',
    { calls: [call('dynamodb', 'GetItem', { ConsistentRead: true }, { output: { Item: item(5000) } })] },
    [['on-demand reads', 2, 2.5e-7]],
  ],
  ['a read of nothing', { calls: [call('dynamodb', 'GetItem')] }, [['on-demand reads', 0.5, 6.25e-8]]],
  [
    'a query',
    { calls: [call('dynamodb', 'Query', {}, { output: { Items: [item(3000), item(3000)] } })] },
    [['on-demand reads', 1, 1.25e-7]],
  ],
  [
    'a transactional read',
    { calls: [call('dynamodb', 'TransactGetItems', {}, { output: { Responses: [{ Item: item(10) }, {}] } })] },
    [['on-demand reads', 4, 5e-7]],
  ],
  ['a write of 1.5 KB', { calls: [call('dynamodb', 'PutItem', { Item: item(1500) })] }, [['on-demand writes', 2, 1.25e-6]]],
  [
    'an update, by what is given back',
    { calls: [call('dynamodb', 'UpdateItem', { Key: item(10) }, { output: { Attributes: item(2500) } })] },
    [['on-demand writes', 3, 1.875e-6]],
  ],
  [
    'a batch of writes',
    {
      calls: [
        call('dynamodb', 'BatchWriteItem', {
          RequestItems: { t: [{ PutRequest: { Item: item(10) } }, { DeleteRequest: { Key: item(10) } }] },
        }),
      ],
    },
    [['on-demand writes', 2, 1.25e-6]],
  ],
  [
    'a transaction, which counts twice',
    { calls: [call('dynamodb', 'TransactWriteItems', { TransactItems: [{ Put: { Item: item(1500) } }, { Delete: { Key: item(10) } }] })] },
    [['on-demand writes', 6, 3.75e-6]],
  ],
  [
    'a conditional write that failed, which is billed',
    { calls: [call('dynamodb', 'PutItem', { Item: item(10) }, { error: new ApiError('ConditionalCheckFailedException', '') })] },
    [['on-demand writes', 1, 6.25e-7]],
  ],
  [
    'a throttled write, which is not',
    { calls: [call('dynamodb', 'PutItem', { Item: item(10) }, { error: new ApiError('ThrottlingException', '') })] },
    [],
  ],
  [
    'a message to a topic of 65 KB, and two mails',
    { calls: [call('sns', 'Publish', { Message: 'x'.repeat(65 * 1024) })], mails: [mail, mail] },
    [
      ['mails', 2, 0.00004],
      ['messages published, by 64 KB', 2, 0.000001],
    ],
  ],
  [
    'a standard queue',
    { calls: [call('sqs', 'SendMessage', { QueueUrl: 'q', MessageBody: 'x' })] },
    [['requests to standard queues', 1, 4e-7]],
  ],
  ['a FIFO queue', { calls: [call('sqs', 'ReceiveMessage', { QueueUrl: 'q.fifo' })] }, [['requests to FIFO queues', 1, 5e-7]]],
  [
    'events',
    { calls: [call('eventbridge', 'PutEvents', { Entries: [{ Detail: '{}' }, { Detail: '{}' }] })] },
    [['custom events, by 64 KB', 2, 0.000002]],
  ],
  ['a key', { calls: [call('kms', 'GenerateMac')] }, [['requests', 1, 0.000003]]],
  ['a secret', { calls: [call('secrets-manager', 'GetSecretValue')] }, [['API calls', 1, 0.000005]]],
  [
    'objects: written, read, deleted',
    {
      calls: ['PutObject', 'ListObjectsV2', 'UploadPart', 'GetObject', 'HeadObject', 'DeleteObject', 'AbortMultipartUpload'].map((name) =>
        call('s3', name),
      ),
    },
    [
      ['PUT, COPY, POST and LIST', 3, 0.000015],
      ['GET and others', 2, 8e-7],
    ],
  ],
  ['what is free', { calls: [call('sfn', 'SendTaskSuccess'), call('iam', 'PutRolePolicy')] }, []],
  ['what was refused', { calls: [call('kms', 'GenerateMac', {}, { error: new ApiError('AccessDeniedException', '') })] }, []],
  ['what the scenario itself did', { calls: [call('s3', 'PutObject', {}, { principal: { kind: 'operator' } })] }, []],
])('%s', (_, run, expected) => {
  expect(billed(cost(run))).toEqual(expected);
});

test('the sum, and the dearest first', () => {
  const { usd, lines } = cost({ calls: [call('kms', 'Decrypt'), call('s3', 'PutObject')], mails: [mail] });
  expect(lines.map(({ price }) => price.service)).toEqual(['SNS', 'S3', 'KMS']);
  expect(usd).toBeCloseTo(0.00002 + 0.000005 + 0.000003, 12);
});

test('a service without a price is told', () => {
  expect(cost({ calls: [call('glue', 'StartJobRun'), call('glue', 'StartJobRun')] }).unpriced).toEqual(['glue:StartJobRun']);
});

test('work on a schedule is not counted, work that the run causes in the same function is', () => {
  const rule = resource('AWS::Events::Rule', 'rule', { ScheduleExpression: 'rate(1 hour)' });
  const fn = resource('AWS::Lambda::Function', 'fn', { Role: ROLE.arn });
  const scheduled = call(
    'lambda',
    'Invoke',
    { FunctionName: FUNCTION },
    { principal: { kind: 'service', service: 'events.amazonaws.com', sourceArn: 'arn:rule' } },
  );
  const inside = call('kms', 'Decrypt');
  expect(cost({ calls: [scheduled, inside], resources: [rule, fn] }).lines).toEqual([]);
  const byTheRun = call('lambda', 'Invoke', { FunctionName: 'fn' }, { principal: { kind: 'role', arn: 'arn:other' } });
  expect(cost({ calls: [scheduled, inside, byTheRun], resources: [rule, fn] }).lines.map(({ price }) => price.service)).toContain('KMS');
});

test.each([
  [0, '$0'],
  [0.00001, 'less than $0.0001'],
  [0.003, '$0.003'],
  [0.0512, '$0.05'],
  [0.344, '$0.34'],
  [12, '$12.00'],
])('%d dollars are shown as %s', (usd, shown) => {
  expect(dollars(usd)).toBe(shown);
});

test('every price names its page, and is not free', () => {
  for (const { page, usd, per } of Object.values(PRICES)) {
    expect(page).toMatch(/^aws\.amazon\.com\/[\w-]+\/pricing$/);
    expect(usd / per).toBeGreaterThan(0);
  }
});
