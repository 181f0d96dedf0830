import { TransientRetry } from '../../../lib';
import { testCutOffs } from '../../support/cut-off';

const NONE = /^$/;

test('only the exception leaves alone what was cut off', () => {
  const CUT_OFF = ['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError'];
  const { errors: service = [] } = TransientRetry.forLambdaService(['Mine']);
  const { errors: all } = TransientRetry.forLambda(['Mine']);
  expect(service.filter((error) => CUT_OFF.includes(error))).toEqual([]);
  expect(all?.toSorted()).toEqual([...service, ...CUT_OFF].toSorted());
});

// Every handler that Step Functions calls, and calls again.

testCutOffs('bucket-sync', 'changed-new-gone', /website/, [
  { handler: '/Prepare', after: 's3:PutObject' },
  { handler: '/PlanShard', after: 's3:PutObject' },
  { handler: '/PlanShard', after: 's3:PutObject', as: 'timeout' },
  { handler: '/SummarizePlan', after: 's3:PutObject' },
  { handler: '/Copy', after: 's3:CopyObject', otherwise: /counts\.(copied|replaced|present)/ },
  { handler: '/Copy', after: 's3:PutObject', otherwise: /counts\.(copied|replaced|present)/ },
  { handler: '/Delete', after: 's3:PutObject', otherwise: /counts\.(deleted|absent)/ },
  { handler: '/Report', after: 's3:PutObject' },
]);

testCutOffs('large-scale-map', 'crashed-rerun', NONE, [
  { handler: '/BulkMap/Summarize', after: 's3:PutObject' },
  { handler: '/SumUp', after: 's3:GetObject' },
]);

testCutOffs('sales-marketing-etl', 'sales-first', NONE, [{ handler: '/Wait', after: 'dynamodb:PutItem' }]);

testCutOffs('sales-marketing-etl', 'before-the-start', NONE, [
  // Who is answered is forgotten by the next sweep.
  { handler: '/Wait', after: 'sfn:SendTaskSuccess', otherwise: /^table .*Waiters should have 0 items, has 1|^statesVisited.*Process/ },
  { handler: '/Wait', after: 'dynamodb:DeleteItem', otherwise: /^statesVisited.*Process/ },
]);

testCutOffs('model-approval', 'started-twice', NONE, [{ handler: '/Lease/Contend', after: 'dynamodb:UpdateItem' }]);

testCutOffs('model-approval', 'approved', /models/, [
  { handler: '/Pin', after: 's3:PutObject' },
  { handler: '/Copy', after: 's3:CopyObject' },
]);

testCutOffs('policy-guard', 'silence', NONE, [
  { handler: '/Examine', after: 's3:PutObject' },
  { handler: '/Contain', after: 'iam:SetDefaultPolicyVersion' },
]);

testCutOffs('policy-guard', 'user-approved', NONE, [{ handler: '/Restore', after: 'iam:DetachUserPolicy' }]);

testCutOffs('media-routing', 'small', NONE, [{ handler: '/Measure', after: 's3:HeadObject' }]);
