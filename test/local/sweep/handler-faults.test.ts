/** Faults at the calls inside a handler, and what one play leaves to the next. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  App,
  Duration,
  aws_dynamodb as dynamodb,
  aws_lambda as lambda,
  Stack,
  aws_stepfunctions as sfn,
  aws_sqs as sqs,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { type Assembly, LocalCloud, loadAssembly, type Pattern } from '../../../local';
import { type FaultKind, Player, sweep, type World } from '../../../local/sweep';
import { WarmStart } from '../../../local/warm-start';

const HANDLER = `
const { DynamoDBClient, UpdateItemCommand } = require('@aws-sdk/client-dynamodb');
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
const [dynamodb, sqs] = [new DynamoDBClient(), new SQSClient()];
let before = 0;
exports.handler = async () => {
  await dynamodb.send(new UpdateItemCommand({
    TableName: process.env.TABLE, Key: { id: { S: 'O-1' } }, UpdateExpression: 'ADD copies :one', ExpressionAttributeValues: { ':one': { N: '1' } },
  }));
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: 'stored' }));
  return { before: before++, at: new Date().toISOString() };
};`;

const folder = mkdtempSync(join(tmpdir(), 'stepworks-sweep-'));
let assembly: Assembly;

beforeAll(async () => {
  writeFileSync(join(folder, 'index.js'), HANDLER);
  const app = new App({ outdir: join(folder, 'out') });
  const stack = new Stack(app, 'Store');
  const table = new dynamodb.Table(stack, 'Orders', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
  const queue = new sqs.Queue(stack, 'Stored');
  const store = new lambda.Function(stack, 'Fn', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(folder, { exclude: ['out'] }),
    environment: { TABLE: table.tableName, QUEUE: queue.queueUrl },
    timeout: Duration.seconds(7),
  });
  table.grant(store, 'dynamodb:UpdateItem');
  queue.grant(store, 'sqs:SendMessage');
  new sfn.StateMachine(stack, 'Machine', {
    queryLanguage: sfn.QueryLanguage.JSONATA,
    definitionBody: sfn.DefinitionBody.fromChainable(
      tasks.LambdaInvoke.jsonata(stack, 'Put', {
        lambdaFunction: store,
        retryOnServiceExceptions: false,
        outputs: '{% $states.result.Payload %}',
      }),
    ),
  });
  app.synth();
  assembly = await loadAssembly(join(folder, 'out'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATTERN: Pattern = {
  name: 'store',
  title: 'Something is stored',
  scenarios: [
    { name: 'stored', title: 'It is', stateMachine: 'Store/Machine', input: {}, expected: { status: 'SUCCEEDED', statesVisited: ['Put'] } },
  ],
};

/** How everything stood after one fault, before anything was played again. */
async function after(fault: FaultKind, at: string) {
  const worlds: { stored: number; messages: number; run: string; seconds: number }[] = [];
  const look = ({ cloud, runs }: World): string[] => {
    const [{ status, error, startDate, stopDate = 0 }] = runs;
    worlds.push({
      stored: Number(cloud.table('Store/Orders').items()[0]?.copies ?? 0),
      messages: cloud.queue('Store/Stored').messages().length,
      run: [status, error].filter(Boolean).join(' '),
      seconds: (stopDate - startDate) / 1000,
    });
    return [];
  };
  const invariants = { hold: [{ name: 'seen', holds: look }], recover: async () => {} };
  const player = new Player(PATTERN, invariants, assembly);
  try {
    const { results } = await sweep(PATTERN, invariants, (job) => player.play(job), { filter: { fault, at } });
    expect(results.map((result) => result.at)).toEqual(['', at]);
  } finally {
    await player.dispose();
  }
  return worlds[1];
}

const [UPDATE, SEND, PUT] = ['Fn dynamodb:UpdateItem #1', 'Fn sqs:SendMessage #1', 'Put lambda:Invoke #1'];

test.each<[FaultKind, string, Awaited<ReturnType<typeof after>>]>([
  ['error', UPDATE, { stored: 0, messages: 0, run: 'FAILED AccessDeniedException', seconds: 0 }],
  ['throttle', UPDATE, { stored: 1, messages: 1, run: 'SUCCEEDED', seconds: 0 }],
  // The function waits for the answer until its time is over.
  ['timeout', UPDATE, { stored: 0, messages: 0, run: 'FAILED Sandbox.Timedout', seconds: 7 }],
  ['crash', UPDATE, { stored: 1, messages: 0, run: 'FAILED Runtime.ExitError', seconds: 0 }],
  ['duplicate', SEND, { stored: 1, messages: 2, run: 'SUCCEEDED', seconds: 0 }],
  // What runs when a run is stopped goes on.
  ['restart', UPDATE, { stored: 1, messages: 1, run: 'ABORTED Stopped', seconds: 0 }],
  ['crash', PUT, { stored: 1, messages: 1, run: 'FAILED Lambda.ServiceException', seconds: 0 }],
])('%s at %s', async (fault, at, expected) => {
  expect(await after(fault, at)).toEqual(expected);
});

test('a warm start leaves loaded handlers and ports to the next cloud, and no more', async () => {
  const warm = new WarmStart();
  const ports: string[] = [];
  const play = async (start: number) => {
    const cloud = await LocalCloud.deploy(assembly, { warm, start });
    try {
      ports.push(cloud.queue('Store/Stored').url);
      const run = await cloud.stateMachine('Store/Machine').start();
      await run.finished();
      expect([run.status, run.cause]).toEqual(['SUCCEEDED', undefined]);
      expect(cloud.table('Store/Orders').items()).toMatchObject([{ copies: 1 }]);
      return run.output;
    } finally {
      await cloud.dispose();
    }
  };
  try {
    expect(await play(Date.parse('2026-05-01T00:00:00Z'))).toEqual({ before: 0, at: '2026-05-01T00:00:00.000Z' });
    // The time of its own cloud, earlier though it is.
    expect(await play(Date.parse('2026-02-01T00:00:00Z'))).toEqual({ before: 1, at: '2026-02-01T00:00:00.000Z' });
    expect(ports[0]).toBe(ports[1]);
  } finally {
    await warm.dispose();
  }
});
