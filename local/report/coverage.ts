/** Which ways through a workflow were taken, by its definition and the histories of its runs. */
import type { Catcher, ChoiceState, Definition, Retrier, State, Workflow } from '../../lib/asl/definition';
import { isJsonata } from '../../lib/asl/jsonata';
import { matches } from '../engine/error-equals';
import { StateFailure } from '../engine/errors';
import type { Execution } from '../engine/types';
import type { ScenarioResult } from '../scenario/play';
import { Names } from './calls';
import { type StateVisit, type VisitError, visitsOf } from './visits';

export const WAYS = ['states', 'transitions', 'choices', 'catches', 'retries'] as const;

/**
 * - `states`: entered.
 * - `transitions`: from a state to its next one, or to the end.
 * - `choices`: the targets of a Choice; rules with one target count as one, since the history does not tell them apart.
 * - `catches`, `retries`: the clauses.
 */
export type Way = (typeof WAYS)[number];

export interface WayTaken {
  readonly kind: Way;
  /** "Opening: OpenAccount catches DynamoDB.ConditionalCheckFailedException". */
  readonly name: string;
  readonly taken: boolean;
}

/** Of the machines of a pattern, over as many runs as are added. */
export class Coverage {
  /** Whether it was taken, by kind and name. */
  private readonly ways = new Map<string, WayTaken>();

  /** @param nameOf what a state machine is called, by its ARN */
  add(executions: readonly Execution[], nameOf: (machineArn: string) => string): void {
    const machines = new Map<string, Map<string, State>>();
    for (const { machine, history } of executions) {
      const prefix = `${nameOf(machine.arn)}: `;
      let states = machines.get(machine.arn);
      if (!states) {
        states = statesOf(machine.definition as Definition);
        machines.set(machine.arn, states);
        for (const [name, state] of states) for (const [kind, way] of waysFrom(name, state)) this.note(kind, prefix + way, false);
      }
      for (const visit of visitsOf(history)) {
        const state = states.get(visit.name);
        if (state) for (const [kind, way] of waysOf(visit, state, states)) this.note(kind, prefix + way, true);
      }
    }
  }

  /** What another one has seen, such as one in another process. */
  merge(ways: readonly WayTaken[]): void {
    for (const { kind, name, taken } of ways) this.note(kind, name, taken);
  }

  get all(): readonly WayTaken[] {
    return [...this.ways.values()];
  }

  get neverTaken(): readonly WayTaken[] {
    return this.all.filter(({ taken }) => !taken);
  }

  /** How many of each kind. */
  get figures(): Readonly<Record<Way, { readonly taken: number; readonly of: number }>> {
    const figure = (kind: Way) => {
      const ways = this.all.filter((way) => way.kind === kind);
      return { taken: ways.filter(({ taken }) => taken).length, of: ways.length };
    };
    return Object.fromEntries(WAYS.map((kind) => [kind, figure(kind)])) as Record<Way, ReturnType<typeof figure>>;
  }

  /** "states 34 of 34, transitions 52 of 55, …", without kinds that there are none of. */
  get text(): string {
    const figures = Object.entries(this.figures).filter(([, figure]) => figure.of > 0);
    return figures.map(([kind, { taken, of }]) => `${kind} ${taken} of ${of}`).join(', ') || 'no workflow was started';
  }

  private note(kind: Way, name: string, taken: boolean): void {
    const key = `${kind} ${name}`;
    if (taken || !this.ways.has(key)) this.ways.set(key, { kind, name, taken });
  }
}

/** Of scenarios together. */
export function coverageOf(results: readonly Pick<ScenarioResult, 'executions' | 'resources'>[]): Coverage {
  const coverage = new Coverage();
  for (const { executions, resources } of results) {
    const names = new Names(resources);
    coverage.add(executions, (arn) => machineName(names.of(arn)));
  }
  return coverage;
}

/** As scenarios name a state machine: by the construct around it. */
export function machineName(path: string): string {
  return path.replace(/(\/Workflow)?\/StateMachine$/, '');
}

type NamedWay = readonly [Way, string];

function statesOf(workflow: Workflow): Map<string, State> {
  const states = new Map<string, State>();
  const add = ({ States }: Workflow) => {
    for (const [name, state] of Object.entries(States)) {
      states.set(name, state);
      if (state.Type === 'Parallel') for (const branch of state.Branches) add(branch);
      const processor = state.Type === 'Map' ? (state.ItemProcessor ?? state.Iterator) : undefined;
      if (processor) add(processor);
    }
  };
  add(workflow);
  return states;
}

function waysFrom(name: string, state: State): NamedWay[] {
  return [
    ['states', name],
    ...(state.Next === undefined ? [] : [next(name, state.Next)]),
    ...(state.End === true || state.Type === 'Succeed' ? [end(name)] : []),
    ...(state.Type === 'Choice' ? choiceTargets(state).map((target) => choice(name, target)) : []),
    ...catchersOf(state).map((catcher) => catches(name, catcher)),
    ...retriersOf(state).map((retrier) => retries(name, retrier)),
  ];
}

function waysOf(visit: StateVisit, state: State, states: ReadonlyMap<string, State>): NamedWay[] {
  const { name, errors, status } = visit;
  const retried = errors.slice(0, visit.retries).map((error) => clauseFor(error, retriersOf(state), states));
  const caught = status === 'caught' ? catcherOf(visit, catchersOf(state), states) : undefined;
  return [
    ['states', name],
    ...retried.flatMap((retrier) => (retrier ? [retries(name, retrier)] : [])),
    ...(caught ? [catches(name, caught)] : []),
    ...(status === 'succeeded' ? [left(visit, state)] : []),
  ];
}

/** The catcher by which a state was left: the first that means its error and, where nothing says which that was, the only one that leads on. */
function catcherOf(
  { errors, next: target }: StateVisit,
  catchers: readonly Catcher[],
  states: ReadonlyMap<string, State>,
): Catcher | undefined {
  const meant = clauseFor(errors.at(-1), catchers, states);
  return meant?.Next === target ? meant : only(catchers.filter(({ Next }) => Next === target));
}

/** The first clause that means an error; of an error that nobody knows the name of, the only clause. */
function clauseFor<T extends Catcher | Retrier>(
  error: VisitError | undefined,
  clauses: readonly T[],
  states: ReadonlyMap<string, State>,
): T | undefined {
  const failure = error && failureOf(error, states);
  return failure ? clauses.find(({ ErrorEquals }) => matches(ErrorEquals, failure)) : only(clauses);
}

/** What a state failed with, by the history or, of a Fail state inside of it, by the definition; nothing where it was made at run time. */
function failureOf({ error, of }: VisitError, states: ReadonlyMap<string, State>): StateFailure | undefined {
  if (!of) return new StateFailure(error);
  const state = states.get(of.name);
  return state?.Type === 'Fail' && !isJsonata(state.Error) && state.ErrorPath === undefined ? new StateFailure(state.Error) : undefined;
}

function only<T>(all: readonly T[]): T | undefined {
  return all.length === 1 ? all[0] : undefined;
}

function left({ name, next: target }: StateVisit, state: State): NamedWay {
  if (target === undefined) return state.Type === 'Choice' ? ['states', name] : end(name);
  return state.Type === 'Choice' ? choice(name, target) : next(name, target);
}

const next = (name: string, target: string): NamedWay => ['transitions', `${name} → ${target}`];
const end = (name: string): NamedWay => ['transitions', `${name} → end`];
const choice = (name: string, target: string): NamedWay => ['choices', `${name} → ${target}`];
const catches = (name: string, { ErrorEquals, Next }: Catcher): NamedWay => ['catches', `${name} catches ${list(ErrorEquals)} → ${Next}`];
const retries = (name: string, { ErrorEquals }: Retrier): NamedWay => ['retries', `${name} retries ${list(ErrorEquals)}`];

function list(errors: readonly string[]): string {
  return errors.length > 2 ? `${errors.slice(0, 2).join(', ')}, …` : errors.join(', ');
}

function choiceTargets({ Choices, Default }: ChoiceState): string[] {
  const targets = [...Choices.map((rule) => rule.Next), Default].filter((target) => target !== undefined);
  return [...new Set(targets)];
}

const catchersOf = (state: State): readonly Catcher[] => ('Catch' in state && state.Catch) || [];
const retriersOf = (state: State): readonly Retrier[] => ('Retry' in state && state.Retry) || [];
