import type { ScenarioResult } from '../../local';
import { unusedInAll } from '../../local/report/permissions';
import { playOn, synthesizeSample } from './sample';

/**
 * Each permission that scenarios use is needed by them: without, the one that uses it is red, and role, action and resource are named.
 * @param whose which roles. All, when left out: then the scenarios have to use together whatever is granted
 */
export function testTakenAway(pattern: string, names: readonly string[], least: number, whose?: RegExp): void {
  const sample = synthesizeSample(pattern);

  test(`taking away any one permission that ${names.join(', ')} use turns it red`, async () => {
    const { assembly, scenarios } = await sample;
    const results: ScenarioResult[] = [];
    const taken = new Set<string>();
    for (const name of names) {
      const scenario = scenarios.find((one) => one.name === name);
      if (!scenario) throw new Error(`no scenario ${name}`);
      const played = await playOn(assembly, scenario);
      expect(played.problems).toEqual([]);
      results.push(played);
      for (const { role, action, resource } of played.usedPermissions) {
        const key = `${role} ${action} ${resource}`;
        if (taken.has(key) || whose?.test(role) === false) continue;
        taken.add(key);
        const result = await playOn(assembly, scenario, (cloud) => cloud.access.takeAway({ role, action, resource }));
        expect({ key, asExpected: result.asExpected }).toEqual({ key, asExpected: false });
        expect(result.deniedCalls).toContainEqual(expect.objectContaining({ role, action, resource }));
      }
    }
    expect(taken.size).toBeGreaterThanOrEqual(least);
    if (!whose) expect(unusedInAll(results)).toEqual([]);
  });
}
