/** Executions: started, stopped, redriven, described, listed. */
import { jsonSyntaxError } from '../../../lib/asl/validate/json-syntax';
import { ApiError, type Cloud, type Operation } from '../../cloud-types';
import type { Engine, Execution, MapRun } from '../../engine/types';
import { measureExecution } from '../cloudwatch/execution-metrics';
import type { Metrics } from '../cloudwatch/metrics';
import { on, onMachine } from './access';
import { checkArn } from './arns';
import { heaviest, type Machines } from './machines';
import { machineOfMapRun, mapRunOf } from './map-runs';
import { checkName } from './names';
import { newestFirst, type PageRequest, pageOf } from './pages';
import type { Start, Starts } from './starts';
import { describedRevision } from './state-machines';
import { emitStatusEvents } from './status-events';

interface StartInput {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
  readonly traceHeader?: string;
}

interface ExecutionInput {
  readonly executionArn: string;
  readonly includedData?: string;
}

interface HistoryInput extends PageRequest {
  readonly executionArn: string;
  readonly reverseOrder?: boolean;
  readonly includeExecutionData?: boolean;
}

interface ListInput extends PageRequest {
  readonly stateMachineArn?: string;
  readonly mapRunArn?: string;
  readonly statusFilter?: string;
  readonly redriveFilter?: string;
}

/** A redrive's client token holds for 15 minutes, and the last 10 of an execution do. */
const TOKEN_MS = 15 * 60_000;
const TOKENS = 10;

export function executionOperations(
  cloud: Cloud,
  engine: Engine,
  machines: Machines,
  starts: Starts,
  metrics?: Metrics,
): Record<string, Operation> {
  const traceHeaders = new WeakMap<Execution, string>();
  const redrives = new WeakMap<Execution, readonly { readonly token: string; readonly at: number }[]>();
  const onExecution = (action: string) => (input: ExecutionInput) => on(action, input.executionArn);

  function start({ stateMachineArn, name, input = '{}', traceHeader }: StartInput, sync: boolean): Execution {
    const resolved = machines.resolve(stateMachineArn, machines.byWeight);
    const { machine } = resolved.revision;
    if (sync && machine.type !== 'EXPRESS') throw typeNotSupported();
    if (name !== undefined) checkName(name);
    checkInput(input);

    // Starting again with the same name and input is no error as long as it runs. Express workflows have no such memory.
    const executionArn = machine.arn.replace(':stateMachine:', ':execution:');
    const former = name !== undefined && machine.type === 'STANDARD' ? engine.execution(`${executionArn}:${name}`) : undefined;
    if (former) {
      if (former.status === 'RUNNING' && former.input === input) return former;
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${former.arn}'`);
    }
    const execution = engine.startExecution(machine, { input, name });
    starts.put(execution, resolved);
    if (traceHeader !== undefined) traceHeaders.set(execution, traceHeader);
    tellOf(execution, resolved);
    return execution;
  }

  /** Events and metrics of an execution that starts or is redriven. */
  function tellOf(execution: Execution, start: Start): void {
    emitStatusEvents(cloud, execution, start);
    if (metrics) measureExecution(metrics, execution, start.aliasArn);
  }

  /** Only Standard executions can be looked at later. */
  function find(executionArn: string): Execution {
    checkArn(executionArn, 'execution');
    const execution = engine.execution(executionArn);
    if (!execution) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  }

  function mapRun(arn: string | undefined): MapRun | undefined {
    return arn === undefined ? undefined : mapRunOf(engine, arn);
  }

  /** A Map Run's child has the start of the execution that it belongs to. */
  function startOf(execution: Execution): Start | undefined {
    const parent = engine.execution(mapRun(execution.mapRunArn)?.executionArn ?? '');
    return parent ? startOf(parent) : starts.of(execution);
  }

  /** The members that a description and a list have in common. */
  function summary(execution: Execution) {
    const { version, aliasArn } = startOf(execution) ?? {};
    const run = mapRun(execution.mapRunArn);
    return {
      executionArn: execution.arn,
      stateMachineArn: run ? machineOfMapRun(run) : execution.machine.arn,
      name: execution.name,
      status: execution.status,
      startDate: new Date(execution.startDate),
      stopDate: dateOf(execution.stopDate),
      stateMachineVersionArn: version?.arn,
      stateMachineAliasArn: aliasArn,
    };
  }

  function redriveState(execution: Execution) {
    const why = engine.whyNotRedrivable(execution);
    const byMapRun = execution.mapRunArn !== undefined && !['RUNNING', 'SUCCEEDED'].includes(execution.status);
    const reason = why ?? (machines.find(execution.machine.arn) ? undefined : 'State machine is in DELETING status');
    return {
      redriveCount: execution.redriveCount,
      redriveDate: dateOf(execution.redriveDate),
      redriveStatus: byMapRun ? 'REDRIVABLE_BY_MAP_RUN' : reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      redriveStatusReason: byMapRun ? undefined : reason,
    };
  }

  function listed(input: ListInput): { all: readonly Execution[]; byMapRun: boolean } {
    const { stateMachineArn, mapRunArn, redriveFilter } = input;
    if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
      throw new ApiError('ValidationException', 'Exactly one of stateMachineArn and mapRunArn must be specified');
    }
    if (mapRunArn !== undefined) {
      const { arn } = mapRunOf(engine, mapRunArn);
      const children = engine.executions().filter((execution) => execution.mapRunArn === arn);
      return {
        all: children.filter(({ redriveCount }) => !redriveFilter || redriveCount > 0 === (redriveFilter === 'REDRIVEN')),
        byMapRun: true,
      };
    }
    const { revision, version, aliasArn } = machines.resolve(stateMachineArn as string, heaviest);
    if (revision.machine.type !== 'STANDARD') throw typeNotSupported();
    if (redriveFilter) throw new ApiError('ValidationException', 'redriveFilter can only be specified with mapRunArn');
    const all = engine.executions(revision.machine.arn).filter((execution) => {
      const begun = starts.of(execution);
      return aliasArn !== undefined ? begun?.aliasArn === aliasArn : !version || begun?.version?.arn === version.arn;
    });
    return { all, byMapRun: false };
  }

  return {
    StartExecution: {
      access: (input: StartInput) => onMachine('StartExecution', input.stateMachineArn),
      run(input: StartInput) {
        const execution = start(input, false);
        return { executionArn: execution.arn, startDate: new Date(execution.startDate) };
      },
    },
    StartSyncExecution: {
      access: (input: StartInput) => onMachine('StartSyncExecution', input.stateMachineArn),
      async run(input: StartInput & { includedData?: string }) {
        const execution = start(input, true);
        await execution.finished;
        const duration = (execution.stopDate ?? execution.startDate) - execution.startDate;
        const { stateMachineVersionArn: _version, stateMachineAliasArn: _alias, ...members } = summary(execution);
        return {
          ...members,
          ...dataOf(execution, input.includedData),
          traceHeader: input.traceHeader,
          // https://aws.amazon.com/step-functions/pricing/: by 100 ms and 64 MB.
          billingDetails: { billedDurationInMilliseconds: Math.max(100, Math.ceil(duration / 100) * 100), billedMemoryUsedInMB: 64 },
        };
      },
    },
    StopExecution: {
      access: onExecution('StopExecution'),
      run(input: ExecutionInput & { error?: string; cause?: string }) {
        const execution = find(input.executionArn);
        if (execution.status === 'RUNNING') engine.stopExecution(input.executionArn, input.error, input.cause);
        return { stopDate: new Date(execution.stopDate ?? cloud.clock.now()) };
      },
    },
    RedriveExecution: {
      access: onExecution('RedriveExecution'),
      run({ executionArn, clientToken }: ExecutionInput & { clientToken?: string }) {
        const execution = find(executionArn);
        const now = cloud.clock.now();
        const before = redrives.get(execution) ?? [];
        const again = before.find(({ token, at }) => token === clientToken && now - at <= TOKEN_MS);
        if (again) return { redriveDate: new Date(again.at) };
        const { redriveStatus, redriveStatusReason } = redriveState(execution);
        if (redriveStatus === 'NOT_REDRIVABLE') throw new ApiError('ExecutionNotRedrivable', redriveStatusReason as string);
        engine.redriveExecution(executionArn);
        if (clientToken !== undefined) redrives.set(execution, [...before, { token: clientToken, at: now }].slice(-TOKENS));
        const begun = startOf(execution);
        if (begun) tellOf(execution, begun);
        return { redriveDate: new Date(now) };
      },
    },
    DescribeExecution: {
      access: onExecution('DescribeExecution'),
      run({ executionArn, includedData }: ExecutionInput) {
        const execution = find(executionArn);
        return {
          ...summary(execution),
          ...dataOf(execution, includedData),
          // As measured by others, the history alone has the error: https://github.com/floci-io/floci/issues/2733
          ...(execution.status === 'TIMED_OUT' && { error: undefined, cause: undefined }),
          ...redriveState(execution),
          mapRunArn: execution.mapRunArn,
          traceHeader: traceHeaders.get(execution),
        };
      },
    },
    DescribeStateMachineForExecution: {
      access: onExecution('DescribeStateMachineForExecution'),
      run({ executionArn }: ExecutionInput) {
        const execution = find(executionArn);
        const revision = startOf(execution)?.revision;
        if (!revision) throw new Error(`${executionArn} was not started by the Step Functions API: there is nothing to describe.`);
        const { stateMachineArn } = summary(execution);
        return {
          ...describedRevision(revision),
          stateMachineArn,
          updateDate: new Date(revision.since),
          mapRunArn: execution.mapRunArn,
          label: stateMachineArn.split('/')[1],
        };
      },
    },
    GetExecutionHistory: {
      access: onExecution('GetExecutionHistory'),
      run(input: HistoryInput) {
        const { history } = find(input.executionArn);
        const { items, nextToken } = pageOf(input.reverseOrder ? [...history].reverse() : history, input);
        const events = items.map((event) => ({ ...event, timestamp: new Date(event.timestamp) }));
        return { events: input.includeExecutionData === false ? events.map(withoutData) : events, nextToken };
      },
    },
    ListExecutions: {
      access: (input: ListInput) =>
        input.mapRunArn === undefined ? onMachine('ListExecutions', input.stateMachineArn ?? '*') : on('ListExecutions', input.mapRunArn),
      run(input: ListInput) {
        const { all, byMapRun } = listed(input);
        const wanted = all.filter(({ status }) => input.statusFilter === undefined || status === input.statusFilter);
        const { items, nextToken } = pageOf(
          newestFirst(wanted, ({ startDate }) => startDate),
          input,
        );
        const executions = items.map((execution) => ({
          ...summary(execution),
          redriveCount: execution.redriveCount,
          redriveDate: dateOf(execution.redriveDate),
          ...(byMapRun && { mapRunArn: execution.mapRunArn, itemCount: execution.itemCount }),
        }));
        return { executions, nextToken };
      },
    },
  };
}

function typeNotSupported(): ApiError {
  return new ApiError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
}

function checkInput(input: string): void {
  try {
    JSON.parse(input);
  } catch {
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${jsonSyntaxError(input).message}'`);
  }
}

function dateOf(milliseconds: number | undefined): Date | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds);
}

function dataOf({ input, output, error, cause }: Execution, includedData = 'ALL_DATA') {
  const included = includedData === 'ALL_DATA';
  const details = { included };
  return {
    ...(included && { input }),
    inputDetails: details,
    ...(output !== undefined && { ...(included && { output: JSON.stringify(output) }), outputDetails: details }),
    ...(included && { error, cause }),
  };
}

/** `includeExecutionData: false` takes inputs and outputs out of every event. */
function withoutData(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => {
      if (!name.endsWith('EventDetails') || typeof value !== 'object' || value === null) return [name, value];
      const { input: _input, output: _output, parameters: _parameters, ...rest } = value as Record<string, unknown>;
      return [name, rest];
    }),
  );
}
