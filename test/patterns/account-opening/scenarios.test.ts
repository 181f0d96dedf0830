import { accountOpening } from '../../../patterns/account-opening/scenarios';
import { playOn, synthesizeSample } from '../../support/sample';
import { testScenarios } from '../../support/scenario-tests';

testScenarios(accountOpening);

const sample = synthesizeSample(accountOpening.name);

test('the same scenario runs the same way twice', async () => {
  const { assembly, scenarios } = await sample;
  const scenario = scenarios.find(({ name }) => name === 'flagged-approved');
  if (!scenario) throw new Error('no scenario');
  const [first, second] = [await playOn(assembly, scenario), await playOn(assembly, scenario)];
  expect(second.history).toEqual(first.history);
});
