import type { QueryLanguage, State } from '../../lib/asl/definition';
import type { Json, JsonObject } from '../../lib/asl/json';
import type { Branch, Position } from './branch';
import type { Tolerance } from './distributed/tolerance';
import type { Variables } from './variables';

/** One stay in a state, from its StateEntered event to its StateExited: what the state's parts work on. */
export interface Visit<S extends State = State> {
  readonly name: string;
  readonly state: S;
  readonly branch: Branch;
  readonly language: QueryLanguage;
  /** For states inside of this one that name none: the top level's, not this state's own. */
  readonly defaultLanguage: QueryLanguage;
  readonly input: Json;
  readonly variables: Variables;
  /** The context object, `$$` and `$states.context`. Replaced, never changed: results may hold parts of it. */
  context: JsonObject;
  /** Retries so far, by all retriers. */
  retryCount: number;
  /** After a redrive: where this state stood before. Its first attempt uses it up. */
  resumed?: Position;
  /** TestState's inspection: told each step of the data flow. */
  readonly inspect?: (step: string, value: Json) => void;
  /** TestState's stand-in for the work of a Task, a Map or a Parallel. */
  readonly mock?: Mock;
}

export interface Mock {
  /** Gives the mocked result or throws the mocked failure. */
  result(): Json;
  /** Throws if more iterations of a Map are said to have failed than it tolerates. */
  checkTolerance(tolerance: Tolerance, items: number): void;
  /** Stands in for what an ItemReader reads. */
  readonly itemReaderData?: readonly Json[];
}

/** Expressions are evaluated in the course of time, paths at once: ten thousand executions side by side feel each promise between. */
export type Awaitable<T> = T | Promise<T>;

/** What comes of a state. */
export interface Outcome {
  readonly output: Json;
  /** The next state; none where the workflow ends. */
  readonly next: string | undefined;
  readonly assigned?: JsonObject;
}
