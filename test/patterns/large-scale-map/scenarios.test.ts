import type { Assembly, ScenarioResult } from '../../../local';
import { unusedInAll } from '../../../local/report/permissions';
import { largeScaleMap } from '../../../patterns/large-scale-map/scenarios';
import { playOn, synthesizeSample } from '../../support/sample';

let assembly: Assembly;
const results: ScenarioResult[] = [];

const sample = synthesizeSample('large-scale-map');
beforeAll(async () => {
  assembly = (await sample).assembly;
});

test.each(largeScaleMap.scenarios.map((scenario) => [scenario.name, scenario] as const))(
  '%s is as expected',
  async (_, scenario) => {
    const result = await playOn(assembly, scenario);
    results.push(result);
    expect(result.problems).toEqual([]);
  },
  120_000,
);

/**
 * What Step Functions itself does with the role for a Distributed Map, and no call in the runner shows.
 * https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html#resultwriter-iam-policies
 */
const BY_STEP_FUNCTIONS = [
  'states:StartExecution',
  'states:DescribeExecution',
  'states:StopExecution',
  'states:RedriveExecution',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:AbortMultipartUpload',
];

test('no permission is never used', () => {
  expect(results).toHaveLength(largeScaleMap.scenarios.length);
  const unused = unusedInAll(results).filter(
    ({ role, actions }) => !(role.endsWith('/Workflow/Role') && actions.every((action) => BY_STEP_FUNCTIONS.includes(action))),
  );
  expect(unused).toEqual([]);
});
