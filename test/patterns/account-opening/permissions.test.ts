import type { Scenario, ScenarioResult } from '../../../local';
import { unusedInAll } from '../../../local/report/permissions';
import { playOn, synthesizeSample } from '../../support/sample';

const sample = synthesizeSample('account-opening');

/** Together they use everything that is granted. */
const SCENARIOS = ['clean', 'flagged-approved', 'flagged-refused', 'answer-lost', 'express-clean', 'express-flagged'];

test('taking away any one permission that a call uses makes a scenario fail, with role, action and resource named', async () => {
  const { assembly, scenarios } = await sample;
  const played: [Scenario, ScenarioResult][] = [];
  for (const scenario of scenarios.filter(({ name }) => SCENARIOS.includes(name)))
    played.push([scenario, await playOn(assembly, scenario)]);
  expect(unusedInAll(played.map(([, result]) => result))).toEqual([]);

  const taken = new Set<string>();
  for (const [scenario, { usedPermissions }] of played) {
    for (const { role, action, resource } of usedPermissions) {
      const key = `${role} ${action} ${resource}`;
      if (taken.has(key)) continue;
      taken.add(key);
      const result = await playOn(assembly, scenario, (cloud) => cloud.access.takeAway({ role, action, resource }));
      expect({ key, asExpected: result.asExpected }).toEqual({ key, asExpected: false });
      expect(result.deniedCalls).toContainEqual(expect.objectContaining({ role, action, resource }));
    }
  }
  expect(taken.size).toBeGreaterThan(15);
}, 120_000);
