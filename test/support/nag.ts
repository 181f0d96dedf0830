import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';

/** What cdk-nag's AwsSolutions and Serverless packs have to say that is not acknowledged, one text each. */
export function nagFindings(stack: Stack): string[] {
  Template.fromStack(stack);
  return [new AwsSolutionsChecks(), new ServerlessChecks()].flatMap((pack) =>
    pack
      .validateScope(stack)
      .violations.map(
        ({ ruleName, violatingResources }) => `${ruleName}: ${violatingResources.map((resource) => resource.resourceLogicalId).join(', ')}`,
      ),
  );
}
