/** One order, paid and packed: by a workflow that does it well, and by others with one mistake each. */
import {
  App,
  aws_dynamodb as dynamodb,
  aws_events as events,
  aws_iam as iam,
  Stack,
  aws_stepfunctions as sfn,
  aws_sns as sns,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export type Mistake = 'lost' | 'twice' | 'locked' | 'silent' | 'untold' | 'endless';

const key = (id: string) => ({ id: { S: `{% ${id} %}` } });
const ORDER = '$states.context.Execution.Input.order';
const FAILED = ['DynamoDB.InternalServerErrorException', 'DynamoDB.ThrottlingException'];

/** @param mistakes what it does wrong; nothing without */
export class OrderStack extends Stack {
  constructor(scope: Construct, id: string, mistakes: readonly Mistake[] = []) {
    super(scope, id);
    const has = (mistake: Mistake) => mistakes.includes(mistake);
    const table = (name: string) => new dynamodb.Table(this, name, { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING } });
    const [locks, accounts, parcels] = [table('Locks'), table('Accounts'), table('Parcels')];
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    locks.grant(role, 'dynamodb:PutItem', 'dynamodb:DeleteItem');
    accounts.grant(role, 'dynamodb:UpdateItem');
    parcels.grant(role, 'dynamodb:PutItem');

    const task = (resource: string, parameters: object, next: object) => ({
      Type: 'Task',
      Resource: `arn:aws:states:::dynamodb:${resource}`,
      Arguments: parameters,
      ...(has('endless') ? {} : { TimeoutSeconds: 60 }),
      Retry: [{ ErrorEquals: FAILED, MaxAttempts: 3 }],
      ...next,
    });
    const all = (Next: string) => ({ Catch: [{ ErrorEquals: ['States.ALL'], Next }] });
    // Without a condition, a second payment of the same order is taken as well.
    const once = has('twice')
      ? { UpdateExpression: 'ADD paid :one', ExpressionAttributeValues: { ':one': { N: '1' } } }
      : {
          UpdateExpression: 'SET paid = :one, orderId = :order',
          ExpressionAttributeValues: { ':one': { N: '1' }, ':order': { S: `{% ${ORDER} %}` } },
        };
    new sfn.StateMachine(this, 'Order', {
      role,
      definitionBody: sfn.DefinitionBody.fromString(
        this.toJsonString({
          QueryLanguage: 'JSONata',
          StartAt: 'Lock',
          TimeoutSeconds: 3600,
          States: {
            // Whoever holds the lock of an order may take it again: a run that is started anew, or a task that is tried again.
            Lock: task('putItem', { TableName: locks.tableName, Item: key(ORDER) }, { Next: 'Pay' }),
            Pay: task(
              'updateItem',
              { TableName: accounts.tableName, Key: key('$states.context.Execution.Input.customer'), ...once },
              { Next: 'Pack', ...(has('silent') ? all('Unlock') : has('locked') ? {} : all('Give up')) },
            ),
            Pack: task(
              'putItem',
              { TableName: parcels.tableName, Item: key(ORDER) },
              { Next: 'Unlock', ...(has('lost') ? all('Unlock') : has('locked') ? {} : all('Give up')) },
            ),
            Unlock: task('deleteItem', { TableName: locks.tableName, Key: key(ORDER) }, { End: true }),
            ...(has('locked')
              ? {}
              : {
                  'Give up': task('deleteItem', { TableName: locks.tableName, Key: key(ORDER) }, { Next: 'Failed' }),
                  Failed: { Type: 'Fail', Error: 'OrderFailed' },
                }),
          },
        }),
      ),
    });
    const topic = new sns.Topic(this, 'Failures');
    const pattern = { source: ['aws.states'], detail: { status: ['FAILED', 'TIMED_OUT', 'ABORTED'] } };
    if (!has('untold')) new events.Rule(this, 'Told', { eventPattern: pattern, targets: [new targets.SnsTopic(topic)] });
  }
}

/** All of them in one app: a file of tests synthesizes once. */
export function shops(outdir: string): App {
  const app = new App({ outdir });
  new OrderStack(app, 'Good');
  for (const mistake of ['lost', 'twice', 'locked', 'silent', 'untold', 'endless'] as const) new OrderStack(app, mistake, [mistake]);
  return app;
}
