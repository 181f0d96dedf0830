import type { Execution } from '../../engine/types';
import type { Revision, Version } from './machines';

/** With what an execution was started: it stays, whatever is updated or deleted since. */
export interface Start {
  readonly revision: Revision;
  readonly version?: Version;
  readonly aliasArn?: string;
}

export class Starts {
  readonly #starts = new WeakMap<Execution, Start>();

  put(execution: Execution, start: Start): void {
    this.#starts.set(execution, start);
  }

  of(execution: Execution): Start | undefined {
    return this.#starts.get(execution);
  }
}
