import type { QueryLanguage } from '../definition';
import type { Findings } from './diagnostic';

/** Where a workflow stands, and what holds for the states in it. */
export interface Surrounding {
  readonly at: string;
  readonly language: QueryLanguage;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly findings: Findings;
  /** All state names of the machine: they must differ, across nested workflows too. */
  readonly names: Set<string>;
  /** All labels of its Maps. */
  readonly labels: Set<string>;
}
