import type { Assembly, ScenarioResult } from '../../../local';
import { unusedInAll } from '../../../local/report/permissions';
import { accountOpening } from '../../../patterns/account-opening/scenarios';
import { playOn, synthesizeSample } from '../../support/sample';

let assembly: Assembly;
const results: ScenarioResult[] = [];

const sample = synthesizeSample('account-opening');
beforeAll(async () => {
  assembly = (await sample).assembly;
});

test.each(accountOpening.scenarios.map((scenario) => [scenario.name, scenario] as const))('%s is as expected', async (_, scenario) => {
  const result = await playOn(assembly, scenario);
  results.push(result);
  expect(result.problems).toEqual([]);
});

test('no permission is never used', () => {
  expect(results).toHaveLength(accountOpening.scenarios.length);
  expect(unusedInAll(results)).toEqual([]);
});

test('the same scenario runs the same way twice', async () => {
  const scenario = accountOpening.scenarios.find(({ name }) => name === 'flagged-approved');
  if (!scenario) throw new Error('no scenario');
  const [first, second] = [await playOn(assembly, scenario), await playOn(assembly, scenario)];
  expect(second.history).toEqual(first.history);
});
