/** Tries the ways in which concurrent actors can interleave: every call of theirs is a step, and one step is made at a time. */
export interface Stage {
  /** Begins an actor, whose calls wait for their turn. */
  begin(name: string, act: (turn: (call: string) => Promise<void>) => Promise<unknown>): void;
}

interface Step {
  readonly actor: string;
  readonly call: string;
  go(): void;
}

/**
 * One play of the actors.
 * @param choose which of the steps that are due is made; nothing ends the play
 */
async function play(
  set: (stage: Stage) => void,
  choose: (options: number, due: string) => number | undefined,
): Promise<string[] | undefined> {
  const due: Step[] = [];
  const made: string[] = [];
  const begin: Stage['begin'] = (actor, act) => {
    const turn = (call: string) => new Promise<void>((go) => due.push({ actor, call, go }));
    act(turn).catch(() => {});
  };
  set({ begin });
  for (;;) {
    // Until everybody waits for a turn or has ended.
    await new Promise(setImmediate);
    if (due.length === 0) return made;
    const choice = choose(due.length, JSON.stringify(due));
    if (choice === undefined) return undefined;
    const [step] = due.splice(choice, 1);
    made.push(`${step.actor}:${step.call}`);
    step.go();
  }
}

/**
 * Every interleaving there is. What follows depends only on how the world is and on what each actor has been told, so a play that comes
 * to where another has been is not played on.
 * @param state all of that, as text
 * @returns how many plays
 */
export async function everyInterleaving(
  set: (stage: Stage) => void,
  state: () => string,
  check: (made: readonly string[]) => void | Promise<void>,
): Promise<number> {
  const seen = new Set<string>();
  const path: { choice: number; options: number }[] = [];
  for (let plays = 1; ; plays++) {
    let depth = 0;
    const made = await play(set, (options, due) => {
      if (depth === path.length) {
        const here = due + state();
        if (seen.has(here)) return undefined;
        seen.add(here);
        path.push({ choice: 0, options });
      }
      return path[depth++].choice;
    });
    if (made) await check(made);
    while (path.length > 0 && path[path.length - 1].choice + 1 === path[path.length - 1].options) path.pop();
    const last = path.at(-1);
    if (!last) return plays;
    last.choice += 1;
  }
}
