import type { AccessRequest, Operation } from '../../cloud-types';
import type { Engine } from '../../engine/types';

interface TokenInput {
  readonly taskToken: string;
}

export function taskTokenOperations(engine: Engine): Record<string, Operation> {
  /**
   * Limited to the ARN of the state machine that made the token, which AWS honours though its reference lists no resource type:
   * https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html. A token that nobody made has no machine
   * to ask about: it is refused as invalid.
   */
  const onToken =
    (action: string) =>
    ({ taskToken }: TokenInput): AccessRequest[] => {
      const machine = engine.machineOfToken(taskToken);
      return machine ? [{ action: `states:${action}`, resource: machine }] : [];
    };

  return {
    SendTaskSuccess: {
      access: onToken('SendTaskSuccess'),
      run(input: TokenInput & { output: string }) {
        engine.sendTaskSuccess(input.taskToken, input.output);
        return {};
      },
    },
    SendTaskFailure: {
      access: onToken('SendTaskFailure'),
      run(input: TokenInput & { error?: string; cause?: string }) {
        engine.sendTaskFailure(input.taskToken, input.error, input.cause);
        return {};
      },
    },
    SendTaskHeartbeat: {
      access: onToken('SendTaskHeartbeat'),
      run(input: TokenInput) {
        engine.sendTaskHeartbeat(input.taskToken);
        return {};
      },
    },
  };
}
