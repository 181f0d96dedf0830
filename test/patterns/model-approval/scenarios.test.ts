import { modelApproval } from '../../../patterns/model-approval/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(modelApproval, [
  // An upload that is gone on with, or given up: the tests of the handlers, and the fault sweep, cut some off.
  /Functions\/Copy\/Role s3:(ListMultipartUploadParts|AbortMultipartUpload)/,
  // Files whose event got lost: the tests of ObjectGate lose some.
  /Arrivals\/Sweep\/Role states:SendTaskSuccess /,
  // A run that is stopped leaves its lease to others: the tests of Lease stop some.
  /Lease\/Release\/Role (dynamodb:UpdateItem|states:DescribeExecution) /,
  // Events that can start nothing: the tests of Trigger send some.
  /OnManifest\/Start\/Role sqs:SendMessage /,
]);
