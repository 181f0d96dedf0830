import type { Operation } from '../../cloud-types';
import type { TestStateRequest } from '../../engine';
import type { Engine } from '../../engine/types';
import { on, passRole } from './access';
import { resultShapes } from './result-shapes';

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html, with the permissions that it takes. */
export function testStateOperations(engine: Engine): Record<string, Operation> {
  return {
    TestState: {
      access: ({ roleArn, revealSecrets }: TestStateRequest) => [
        ...on('TestState'),
        ...passRole(roleArn),
        ...(revealSecrets ? on('RevealSecrets') : []),
      ],
      run: (input: TestStateRequest) => engine.testState(input, resultShapes),
    },
  };
}
