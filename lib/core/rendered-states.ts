/** A definition as `StateGraph.toGraphJson` gives it, as far as it is looked at here. */
export interface RenderedStates {
  readonly States?: { [name: string]: RenderedState };
  readonly ProcessorConfig?: { readonly Mode?: string };
  readonly TimeoutSeconds?: number;
}

interface RenderedState {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: unknown;
  readonly TimeoutSecondsPath?: unknown;
  readonly Branches?: RenderedStates[];
  readonly ItemProcessor?: RenderedStates;
}

/** A Task state. */
export interface RenderedTask {
  readonly name: string;
  readonly resource: string;
  /** Its time limit: seconds, or an expression. */
  readonly timeout: unknown;
}

/** The Task states of a definition, those inside Map and Parallel too. */
export function tasksOf(definition: RenderedStates): RenderedTask[] {
  return Object.entries(definition.States ?? {}).flatMap(([name, state]) => {
    const timeout = state.TimeoutSeconds ?? state.TimeoutSecondsPath;
    const own = state.Type === 'Task' ? [{ name, resource: String(state.Resource), timeout }] : [];
    return [...own, ...inside(state).flatMap(tasksOf)];
  });
}

/** Whether a task waits for a task token, a job or an activity. */
export function waitsForOthers({ resource }: RenderedTask): boolean {
  return /\.waitForTaskToken$|\.sync(:2)?$|:activity:/.test(resource);
}

/** The name of a Distributed Map, if there is one. */
export function distributedMapIn(definition: RenderedStates): string | undefined {
  for (const [name, state] of Object.entries(definition.States ?? {})) {
    if (state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED') return name;
    const deeper = inside(state)
      .map(distributedMapIn)
      .find((found) => found !== undefined);
    if (deeper) return deeper;
  }
  return undefined;
}

function inside({ Branches = [], ItemProcessor }: RenderedState): RenderedStates[] {
  return ItemProcessor ? [...Branches, ItemProcessor] : Branches;
}
