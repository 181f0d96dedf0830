// `@dontirun/state-machine-semaphore`: the job of `Locked` reads the lock while it should be held; `Twice` runs that two times.
const { App, Lazy, Stack, aws_stepfunctions: sfn, aws_stepfunctions_tasks: tasks } = require('aws-cdk-lib');
const { Semaphore } = require('@dontirun/state-machine-semaphore');

const stack = new Stack(new App(), 'Locks');
const TableName = Lazy.string({ produce: () => semaphore.semaphoreTable.tableName });
const job = new tasks.CallAwsService(stack, 'Job', {
  service: 'dynamodb',
  action: 'getItem',
  parameters: { TableName, Key: { LockName: { S: 'life' } }, ConsistentRead: true },
  iamResources: ['*'],
  resultSelector: { 'held.$': '$.Item.currentlockcount.N' },
});
const done = new sfn.Succeed(stack, 'Done');
const semaphore = new Semaphore(stack, 'Semaphore', { lockName: 'life', limit: 1, job, nextState: done });
const locked = new sfn.StateMachine(stack, 'Locked', { definitionBody: sfn.DefinitionBody.fromChainable(semaphore) });

const run = (id) =>
  new tasks.StepFunctionsStartExecution(stack, id, {
    stateMachine: locked,
    integrationPattern: sfn.IntegrationPattern.RUN_JOB,
    resultPath: `$.${id}`,
    resultSelector: { 'output.$': '$.Output' },
  });
new sfn.StateMachine(stack, 'Twice', { definitionBody: sfn.DefinitionBody.fromChainable(run('First').next(run('Second'))) });
