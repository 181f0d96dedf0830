/** Step Functions' own API, over the interpreter. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/ */
import { ApiError, type Cloud, type Operation, type Service } from '../../cloud-types';
import type { Engine, Execution } from '../../engine/types';
import { page } from '../paging';
import { checkInput, checkName } from './limits';
import { checkArn, Machines } from './machines';
import { stateMachineResources } from './resources';
import { emitStatusEvents } from './status-events';

interface StartInput {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
}

export function createStepFunctions(cloud: Cloud, engine: Engine): Service {
  const machines = new Machines();

  /** Access is asked for on the ARN as it was given, with its version or alias. */
  const onMachine = (action: string) => (input: { stateMachineArn: string }) => [
    { action: `states:${action}`, resource: input.stateMachineArn },
  ];
  const onExecution = (action: string) => (input: { executionArn: string }) => [
    { action: `states:${action}`, resource: input.executionArn },
  ];

  function start({ stateMachineArn, name, input = '{}' }: StartInput, sync: boolean): { execution: Execution; again: boolean } {
    const resolved = machines.resolve(stateMachineArn, cloud.random);
    const { machine } = resolved.stored;
    if (sync && machine.type !== 'EXPRESS') throw typeNotSupported();
    if (name !== undefined) checkName(name);
    checkInput(input);

    // Starting again with the same name and input is no error as long as it runs. Express workflows have no such memory.
    const executionArn = machine.arn.replace(':stateMachine:', ':execution:');
    const former = name !== undefined && machine.type === 'STANDARD' ? engine.execution(`${executionArn}:${name}`) : undefined;
    if (former) {
      if (former.status === 'RUNNING' && former.input === input) return { execution: former, again: true };
      throw new ApiError('ExecutionAlreadyExists', `Execution Already Exists: '${former.arn}'`);
    }
    const execution = engine.startExecution(machine, { input, name });
    emitStatusEvents(cloud, execution, resolved);
    return { execution, again: false };
  }

  /** Only Standard executions can be looked at later. */
  function find(executionArn: string): Execution {
    checkArn(executionArn, ['execution']);
    const execution = engine.execution(executionArn);
    if (!execution) throw new ApiError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return execution;
  }

  /**
   * Limited to the ARN of the state machine that made the token, which AWS honours though its reference lists no resource type:
   * https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html. A token that nobody made has no machine
   * to ask about: it is refused as invalid.
   */
  const onToken = (action: string) => (input: { taskToken: string }) => {
    const machine = engine.machineOfToken(input.taskToken);
    return machine ? [{ action: `states:${action}`, resource: machine }] : [];
  };

  const operations: Record<string, Operation> = {
    StartExecution: {
      access: onMachine('StartExecution'),
      run(input: StartInput) {
        const { execution } = start(input, false);
        return { executionArn: execution.arn, startDate: new Date(execution.startDate) };
      },
    },
    StartSyncExecution: {
      access: onMachine('StartSyncExecution'),
      async run(input: StartInput) {
        const { execution } = start(input, true);
        await execution.finished;
        const duration = (execution.stopDate ?? execution.startDate) - execution.startDate;
        return {
          ...described(execution),
          // https://aws.amazon.com/step-functions/pricing/: by 100 ms and 64 MB.
          billingDetails: { billedDurationInMilliseconds: Math.max(100, Math.ceil(duration / 100) * 100), billedMemoryUsedInMB: 64 },
        };
      },
    },
    DescribeExecution: {
      access: onExecution('DescribeExecution'),
      run: (input: { executionArn: string }) => ({ ...described(find(input.executionArn)), redriveCount: 0 }),
    },
    StopExecution: {
      access: onExecution('StopExecution'),
      run(input: { executionArn: string; error?: string; cause?: string }) {
        const execution = find(input.executionArn);
        if (execution.status === 'RUNNING') engine.stopExecution(input.executionArn, input.error, input.cause);
        return { stopDate: new Date(execution.stopDate ?? cloud.clock.now()) };
      },
    },
    GetExecutionHistory: {
      access: onExecution('GetExecutionHistory'),
      run(input: {
        executionArn: string;
        maxResults?: number;
        nextToken?: string;
        reverseOrder?: boolean;
        includeExecutionData?: boolean;
      }) {
        const { history } = find(input.executionArn);
        const { items, nextToken } = page(input.reverseOrder ? [...history].reverse() : history, input.maxResults || 100, input.nextToken);
        const events = items.map((event) => ({ ...event, timestamp: new Date(event.timestamp) }));
        return { events: input.includeExecutionData === false ? events.map(withoutData) : events, nextToken };
      },
    },
    ListExecutions: {
      access: onMachine('ListExecutions'),
      run(input: { stateMachineArn: string; statusFilter?: string; maxResults?: number; nextToken?: string }) {
        const { machine } = machines.resolve(input.stateMachineArn, cloud.random).stored;
        if (machine.type !== 'STANDARD') throw typeNotSupported();
        const all = engine
          .executions(machine.arn)
          .filter(({ status }) => input.statusFilter === undefined || status === input.statusFilter)
          .toSorted((a, b) => b.startDate - a.startDate);
        const { items, nextToken } = page(all, input.maxResults || 100, input.nextToken);
        const executions = items.map((execution) => {
          const { executionArn, stateMachineArn, name, status, startDate, stopDate } = described(execution);
          return { executionArn, stateMachineArn, name, status, startDate, stopDate };
        });
        return { executions, nextToken };
      },
    },
    DescribeStateMachine: {
      access: onMachine('DescribeStateMachine'),
      run(input: { stateMachineArn: string }) {
        const { stored } = machines.resolve(input.stateMachineArn, cloud.random);
        return {
          stateMachineArn: input.stateMachineArn,
          name: stored.machine.name,
          status: 'ACTIVE',
          definition: stored.definition,
          roleArn: stored.machine.roleArn,
          type: stored.machine.type,
          creationDate: new Date(stored.createdAt),
        };
      },
    },
    SendTaskSuccess: {
      access: onToken('SendTaskSuccess'),
      run(input: { taskToken: string; output: string }) {
        engine.sendTaskSuccess(input.taskToken, input.output);
        return {};
      },
    },
    SendTaskFailure: {
      access: onToken('SendTaskFailure'),
      run(input: { taskToken: string; error?: string; cause?: string }) {
        engine.sendTaskFailure(input.taskToken, input.error, input.cause);
        return {};
      },
    },
    SendTaskHeartbeat: {
      access: onToken('SendTaskHeartbeat'),
      run(input: { taskToken: string }) {
        engine.sendTaskHeartbeat(input.taskToken);
        return {};
      },
    },
  };

  return { name: 'sfn', operations, resources: stateMachineResources(cloud, machines) };
}

function typeNotSupported(): ApiError {
  return new ApiError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
}

function described(execution: Execution) {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name: execution.name,
    status: execution.status,
    startDate: new Date(execution.startDate),
    stopDate: execution.stopDate === undefined ? undefined : new Date(execution.stopDate),
    input: execution.input,
    inputDetails: { included: true },
    ...(execution.output !== undefined && { output: JSON.stringify(execution.output), outputDetails: { included: true } }),
    error: execution.error,
    cause: execution.cause,
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
