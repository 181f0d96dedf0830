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
        const plain = { ...call, input: withoutFunction(call.input) };
        calls.push(plain);
        const result = await answer(plain);
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
  const arn = 'arn:aws:states:eu-west-1:111122223333:stateMachine:Orders';
  return { arn, name: 'Orders', type, roleArn, definition: withFunctions(definition) };
}

const WHOLE = 'the input is all of the payload';
const ADDED = 'the function is no part of the parameters';

/** Tasks of LAMBDA with the arguments that AWS demands; what answers them doesn't see these. */
export function withFunctions<T>(value: T, language?: string): T {
  if (Array.isArray(value)) return value.map((item) => withFunctions(item, language)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const { Type, Resource, QueryLanguage = language, Arguments, Parameters = Arguments } = value as Record<string, unknown>;
  const inner = Object.entries(value).map(([key, item]) => [
    key,
    key === 'Parameters' ? item : withFunctions(item, QueryLanguage as string),
  ]);
  const copy = Object.fromEntries(inner);
  if (Type !== 'Task' || !String(Resource).startsWith(LAMBDA)) return copy;
  const [field, payload] =
    QueryLanguage === 'JSONata' ? ['Arguments', { Payload: '{% $states.input %}' }] : ['Parameters', { 'Payload.$': '$' }];
  if (Parameters === undefined) return { ...copy, [field]: { FunctionName: WHOLE, ...payload } };
  if (typeof Parameters !== 'object' || Parameters === null || 'FunctionName' in Parameters) return copy;
  return { ...copy, [field]: { FunctionName: ADDED, ...Parameters } };
}

function withoutFunction(input: TaskCall['input']): TaskCall['input'] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const { FunctionName, ...rest } = input;
  if (FunctionName === WHOLE) return rest.Payload;
  return FunctionName === ADDED ? rest : input;
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
