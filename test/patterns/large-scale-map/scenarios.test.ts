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

test('no permission is never used', () => {
  expect(results).toHaveLength(largeScaleMap.scenarios.length);
  expect(unusedInAll(results)).toEqual([]);
});
