import type { Scenario } from '../../local';
import { playOn, synthesizeSample } from './sample';

/**
 * Each permission that a scenario uses is needed by it: without, it is red, and role, action and resource are named.
 * @param whose which roles
 */
export function testTakenAway(pattern: string, scenarioName: string, whose: RegExp, least: number): void {
  const sample = synthesizeSample(pattern);

  test(`taking away any one permission that ${scenarioName} uses turns it red`, async () => {
    const { assembly, scenarios } = await sample;
    const scenario = scenarios.find(({ name }) => name === scenarioName) as Scenario;
    const { problems, usedPermissions } = await playOn(assembly, scenario);
    expect(problems).toEqual([]);
    const used = new Map(
      usedPermissions.filter(({ role }) => whose.test(role)).map((one) => [`${one.role} ${one.action} ${one.resource}`, one]),
    );
    for (const [key, { role, action, resource }] of used) {
      const result = await playOn(assembly, scenario, (cloud) => cloud.access.takeAway({ role, action, resource }));
      expect({ key, asExpected: result.asExpected }).toEqual({ key, asExpected: false });
      expect(result.deniedCalls).toContainEqual(expect.objectContaining({ role, action, resource }));
    }
    expect(used.size).toBeGreaterThanOrEqual(least);
  }, 180_000);
}
