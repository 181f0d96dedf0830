import { policyGuard } from '../../../patterns/policy-guard/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(policyGuard, [
  // A run that is stopped leaves its lease to others: the tests of Lease stop some.
  /Lease\/Release\/Role (dynamodb:UpdateItem|states:DescribeExecution) /,
  // A case that comes while another lifts the quarantine of the same principal: the test of quarantine.ts has one come.
  /Functions\/Restore\/Role iam:Attach(User|Role|Group)Policy /,
  // Events that can start nothing: the tests of Trigger send some.
  /OnPolicyWritten\/Start\/Role sqs:SendMessage /,
]);
