import { DEFAULT_START, VirtualClock } from '../../../local/clock';
import {
  createEngine,
  type Engine,
  type EngineOptions,
  type Execution,
  type HistoryEvent,
  type Machine,
  type MachineType,
  type TaskCall,
  type TaskStarted,
} from '../../../local/engine';
import { seededRandom } from '../../../local/engine/random';

export type Answer = (call: TaskCall) => unknown;

export interface Stage {
  readonly clock: VirtualClock;
  readonly engine: Engine;
  readonly calls: TaskCall[];
  start(definition: object, options?: StartOptions): Execution;
  /** Lets the clock run until the execution has ended. */
  finish(execution: Execution): Promise<Execution>;
}

interface StartOptions {
  readonly input?: unknown;
  readonly type?: MachineType;
  readonly name?: string;
}

export { DEFAULT_START };

/** An engine on a virtual clock whose tasks are answered by a function: what it returns is the result, what it throws the failure. */
export function stage(answer: Answer = () => ({}), options: Partial<EngineOptions> = {}): Stage {
  const clock = new VirtualClock();
  const calls: TaskCall[] = [];
  const engine = createEngine({
    clock,
    accountId: '111122223333',
    region: 'eu-west-1',
    partition: 'aws',
    random: seededRandom(7),
    tasks: {
      async start(call) {
        calls.push(call);
        const result = await answer(call);
        return isStarted(result) ? result : { output: result as never };
      },
    },
    ...options,
  });
  return {
    clock,
    engine,
    calls,
    start: (definition, { input = {}, type = 'STANDARD', name = 'run' } = {}) =>
      engine.startExecution(machine(definition, type), { input: JSON.stringify(input), name }),
    async finish(execution) {
      await clock.runUntil(() => execution.status !== 'RUNNING', execution.name);
      return execution;
    },
  };
}

function isStarted(value: unknown): value is TaskStarted {
  return typeof value === 'object' && value !== null && 'completion' in value;
}

export function machine(definition: object, type: MachineType = 'STANDARD'): Machine {
  const roleArn = 'arn:aws:iam::111122223333:role/machine';
  return { arn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:Orders', name: 'Orders', type, roleArn, definition };
}

/** Runs a definition to its end. */
export async function play(definition: object, input: unknown = {}, answer?: Answer): Promise<Execution> {
  const { finish, start } = stage(answer);
  return finish(start(definition, { input }));
}

/** A machine of one state, which ends it. */
export function only(state: object, top: object = {}): object {
  return { ...named('Only', state), ...top };
}

/** A workflow of one state with this name: names differ, within nested workflows too. */
export function named(name: string, state: object): object {
  return { StartAt: name, States: { [name]: { ...state, ...('Choices' in state ? {} : ends(state)) } } };
}

function ends(state: object): object {
  const { Type } = state as { Type: string };
  return Type === 'Succeed' || Type === 'Fail' ? {} : { End: true };
}

export function types(history: readonly HistoryEvent[]): string[] {
  return history.map((event) => event.type);
}

/** `previousEventId` of each event, in order. */
export function chain(history: readonly HistoryEvent[]): number[] {
  return history.map((event) => event.previousEventId);
}

export const LAMBDA = 'arn:aws:states:::lambda:invoke';
