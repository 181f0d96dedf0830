import { salesMarketingEtl } from '../../../patterns/sales-marketing-etl/scenarios';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(salesMarketingEtl, [
  // AWS's policy for `.sync` has it, and says nothing of when it is used.
  /Workflow\/Role glue:GetJobRuns /,
  // Glue itself reads the script and writes the log.
  /(Clean|Join)\w+Role s3:GetObject \S+:cdk-\S+\.py$/,
  /(Clean|Join)\w+Role logs:\S+ \S+:\/aws-glue\/python-jobs\/\*$/,
]);
