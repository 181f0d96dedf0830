import type { Assembly, Pattern, ScenarioResult } from '../../local';
import { unusedInAll } from '../../local/report/permissions';
import { playOn, synthesizeSample } from './sample';

/**
 * Every scenario of a sample is as expected, and together they use every permission.
 * @param byServices permissions that no call shows, as `role actions resources`: what Glue does under a job's role, for example
 */
export function testScenarios(pattern: Pattern, byServices: readonly RegExp[] = []): void {
  const sample = synthesizeSample(pattern.name);
  const results: ScenarioResult[] = [];
  let assembly: Assembly;
  beforeAll(async () => {
    assembly = (await sample).assembly;
  });

  test.each(pattern.scenarios.map((scenario) => [scenario.name, scenario] as const))('%s is as expected', async (_, scenario) => {
    const result = await playOn(assembly, scenario);
    results.push(result);
    expect(result.problems).toEqual([]);
  });

  test('no permission is never used', () => {
    expect(results).toHaveLength(pattern.scenarios.length);
    const unused = unusedInAll(results).filter(
      ({ role, actions, resources }) => !byServices.some((known) => known.test(`${role} ${actions} ${resources}`)),
    );
    expect(unused).toEqual([]);
  });
}
