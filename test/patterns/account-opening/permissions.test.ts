import type { Assembly, Scenario } from '../../../local';
import type { UsedPermission } from '../../../local/access/types';
import { playOn, synthesizeSample } from '../../support/sample';

const sample = synthesizeSample('account-opening');

/** Each permission that a call of a scenario uses, with the first scenario that uses it: together they use all that there are. */
async function usedPermissions(assembly: Assembly, scenarios: readonly Scenario[]): Promise<Map<string, [UsedPermission, Scenario]>> {
  const used = new Map<string, [UsedPermission, Scenario]>();
  for (const scenario of scenarios) {
    for (const permission of (await playOn(assembly, scenario)).usedPermissions) {
      const key = `${permission.role} ${permission.action} ${permission.resource}`;
      if (!used.has(key)) used.set(key, [permission, scenario]);
    }
  }
  return used;
}

test('taking away any one permission that a call uses makes a scenario fail, with role, action and resource named', async () => {
  const { assembly, scenarios } = await sample;
  const names = ['clean', 'flagged-approved', 'flagged-refused', 'answer-lost', 'express-clean', 'express-flagged'];
  const used = await usedPermissions(
    assembly,
    scenarios.filter(({ name }) => names.includes(name)),
  );
  expect(used.size).toBeGreaterThan(20);
  for (const [{ role, action, resource }, scenario] of used.values()) {
    const result = await playOn(assembly, scenario, (cloud) => cloud.access.takeAway({ role, action, resource }));
    expect({ role, action, resource, asExpected: result.asExpected }).toEqual({ role, action, resource, asExpected: false });
    expect(result.deniedCalls).toContainEqual({ role, action, resource });
  }
}, 120_000);
