import type { FaultKind } from './fault';
import { GENERIC } from './generic';
import { type Invariant, type Invariants, means, type Waiver, type World } from './invariants';

export interface Verdict {
  /** The invariants that do not hold, and where. */
  readonly problems: readonly string[];
  /** Which of `waived` were needed, by their places in the list. */
  readonly waivers: readonly number[];
}

export async function judge(world: World, { hold, waived = [] }: Invariants, at: string): Promise<Verdict> {
  const problems: string[] = [];
  const waivers: number[] = [];
  for (const invariant of [...GENERIC, ...hold]) {
    const found = await check(invariant, world);
    if (found.length === 0) continue;
    const waiver = waived.findIndex((one) => isMeant(one, invariant.name, world.fault, at));
    if (waiver >= 0) waivers.push(waiver);
    else problems.push(...found.map((problem) => `${invariant.name}: ${problem}`));
  }
  return { problems, waivers };
}

/** An invariant that can't even be looked at does not hold. */
async function check({ holds }: Invariant, world: World): Promise<readonly string[]> {
  try {
    return await holds(world);
  } catch (error) {
    return [`it could not be looked at: ${(error as Error).message}`];
  }
}

function isMeant({ invariant, fault, at: where = '*' }: Waiver, name: string, actual: FaultKind | undefined, at: string): boolean {
  return invariant === name && (fault === undefined || fault === actual) && means(where, at);
}
