import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { SAMPLES } from '../../bin/patterns';
import { type Assembly, LocalCloud, loadAssembly, play, type Scenario, type ScenarioResult } from '../../local';
import type { WarmStart } from '../../local/warm-start';
import { warmStart } from './warm-start';

const warmStarts = new Map<Assembly, WarmStart>();

/** A sample, synthesized into a folder that is gone after the test file. */
export async function synthesizeSample(pattern: string): Promise<{ assembly: Assembly; scenarios: readonly Scenario[] }> {
  const sample = SAMPLES.find((candidate) => candidate.pattern.name === pattern);
  if (!sample) throw new Error(`no sample ${pattern}`);
  const warm = warmStart();
  const outdir = mkdtempSync(join(tmpdir(), 'stepworks-test-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));
  const { context } = (await sample.needs?.(false)) ?? {};
  const app = new App({ outdir, context });
  sample.addStacks(app);
  app.synth();
  const assembly = await loadAssembly(outdir);
  warmStarts.set(assembly, warm);
  return { assembly, scenarios: sample.pattern.scenarios };
}

/** The sample, spoiled: what is as it was stays warm. */
export function withStacks(assembly: Assembly, stacks: Assembly['stacks']): Assembly {
  const spoiled = { ...assembly, stacks };
  const warm = warmStarts.get(assembly);
  if (warm) warmStarts.set(spoiled, warm);
  return spoiled;
}

/** Plays a scenario on a fresh cloud, which `prepare` may spoil first. */
export async function playOn(assembly: Assembly, scenario: Scenario, prepare?: (cloud: LocalCloud) => void): Promise<ScenarioResult> {
  const cloud = await LocalCloud.deploy(assembly, { warm: warmStarts.get(assembly) }, [scenario.stateMachine.split('/')[0]]);
  try {
    prepare?.(cloud);
    return await play(scenario, cloud);
  } finally {
    await cloud.dispose();
  }
}
