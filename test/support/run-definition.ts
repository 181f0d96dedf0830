import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { VirtualClock } from '../../local/clock';
import type { Json } from '../../local/cloud-types';
import { createEngine } from '../../local/engine';
import type { Execution, TaskCall } from '../../local/engine/types';
import { seededRandom } from '../../local/seeded-random';

/**
 * Answers a task: a value, or throws a `StatesError`. Time may pass through the clock. A task that waits for a token gets the answer
 * by its token; `undefined` leaves it waiting.
 */
export type TaskAnswer = (call: TaskCall, clock: VirtualClock) => Json | undefined | Promise<Json | undefined>;

/** The one state machine of a stack, its definition as text with ARNs in the place of references. */
export function stateMachineOf(stack: Stack): { definition: Record<string, unknown>; type: 'STANDARD' | 'EXPRESS' } {
  const [machine] = Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const { DefinitionString, StateMachineType } = machine.Properties;
  return { definition: JSON.parse(textOf(DefinitionString)), type: StateMachineType ?? 'STANDARD' };
}

/** Runs the one state machine of a stack in the engine alone, tasks answered by the test. */
export async function runDefinition(stack: Stack, input: Json, answer: TaskAnswer): Promise<Execution> {
  const { definition, type } = stateMachineOf(stack);
  const clock = new VirtualClock();
  const engine = createEngine({
    clock,
    tasks: {
      async start(call) {
        const output = await answer(call, clock);
        const token = call.taskToken;
        if (token !== undefined && output !== undefined) {
          clock.sleepUntil(clock.now() + 1).then(() => engine.sendTaskSuccess(token, JSON.stringify(output)));
        }
        return { output: output ?? null };
      },
    },
    accountId: '123456789012',
    region: 'us-east-1',
    partition: 'aws',
    random: seededRandom(1),
  });
  const arn = 'arn:aws:states:us-east-1:123456789012:stateMachine:Test';
  const roleArn = 'arn:aws:iam::123456789012:role/Test';
  const execution = engine.startExecution({ arn, name: 'Test', type, roleArn, definition }, { input: JSON.stringify(input) });
  await clock.runUntil(() => execution.status !== 'RUNNING', 'the run');
  return execution;
}

// biome-ignore lint/suspicious/noExplicitAny: a CloudFormation value
function textOf(value: any): string {
  if (typeof value === 'string') return value;
  if (value['Fn::Join']) return value['Fn::Join'][1].map(textOf).join(value['Fn::Join'][0]);
  if (value.Ref === 'AWS::Partition') return 'aws';
  return `<${value.Ref ?? value['Fn::GetAtt'].join('.')}>`;
}
