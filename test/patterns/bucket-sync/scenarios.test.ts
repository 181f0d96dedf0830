import { bucketSync } from '../../../patterns/bucket-sync/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(bucketSync, [
  // Objects above 5 GB, more than this machine holds: the tests of the handler copy some in parts.
  /Publish\/Functions\/Copy\/Role s3:AbortMultipartUpload,s3:ListMultipartUploadParts /,
  // A run that is stopped leaves its lease to others: the tests of Lease and of BucketSync stop runs.
  /Publish\/Lease\/(Contend|Release)\/Role dynamodb:UpdateItem /,
  /Publish\/Lease\/Release\/Role states:DescribeExecution /,
  // For events that can start nothing: the tests of Trigger send some.
  /(Publish\/OnSchedule\/Start\/Role|SchedulerRoleForTarget-[0-9a-f]+) sqs:SendMessage .*DeadLetters/,
]);
