import type { Assembly, Pattern, ScenarioResult } from '../../local';
import { unusedInAll } from '../../local/report/permissions';
import { playOn, synthesizeSample } from './sample';

/**
 * What Step Functions itself does with the role for a Distributed Map, and no call in the runner shows.
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html#resultwriter-iam-policies
 */
export const DISTRIBUTED_MAP_PERMISSIONS = [
  'states:StartExecution',
  'states:DescribeExecution',
  'states:StopExecution',
  'states:RedriveExecution',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:AbortMultipartUpload',
];

/**
 * Every scenario of a sample is as expected, and together they use every permission.
 * @param byStepFunctions actions that no call shows, on the workflow's own role
 * @param byServices other permissions that no call shows, as `role actions resources`: what Glue does under a job's role, for example
 */
export function testScenarios(pattern: Pattern, byStepFunctions: readonly string[] = [], byServices: readonly RegExp[] = []): void {
  const sample = synthesizeSample(pattern.name);
  const results: ScenarioResult[] = [];
  let assembly: Assembly;
  beforeAll(async () => {
    assembly = (await sample).assembly;
  });

  test.each(pattern.scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s is as expected',
    async (_, scenario) => {
      const result = await playOn(assembly, scenario);
      results.push(result);
      expect(result.problems).toEqual([]);
    },
    120_000,
  );

  test('no permission is never used', () => {
    expect(results).toHaveLength(pattern.scenarios.length);
    const unused = unusedInAll(results).filter(
      ({ role, actions, resources }) =>
        !(role.endsWith('/Workflow/Role') && actions.every((action) => byStepFunctions.includes(action))) &&
        !byServices.some((known) => known.test(`${role} ${actions} ${resources}`)),
    );
    expect(unused).toEqual([]);
  });
}
