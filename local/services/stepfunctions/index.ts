/** Step Functions' own API, over the interpreter. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/ */
import type { Cloud, Operation, Principal, Service } from '../../cloud-types';
import type { Engine } from '../../engine/types';
import type { Metrics } from '../cloudwatch/metrics';
import { Activities, activityOperations } from './activities';
import { Aliases, aliasOperations } from './aliases';
import { checkMembers } from './constraints';
import { executionOperations } from './executions';
import { Machines } from './machines';
import { mapRunOperations } from './map-runs';
import { stepFunctionsResources } from './resources';
import { Starts } from './starts';
import { stateMachineOperations } from './state-machines';
import { Tags, tagOperations } from './tags';
import { taskTokenOperations } from './task-tokens';
import { testStateOperations } from './test-state';
import { versionOperations } from './versions';

export { authorizeChildExecutions } from './child-executions';

export function createStepFunctions(cloud: Cloud, engine: Engine, metrics?: Metrics): Service {
  const machines = new Machines(cloud);
  const tags = new Tags();
  const aliases = new Aliases(cloud, machines);
  const activities = new Activities(cloud, tags);
  const operations: Record<string, Operation> = {
    ...executionOperations(cloud, engine, machines, new Starts(), metrics),
    ...activityOperations(cloud, engine, activities),
    ...aliasOperations(machines, aliases),
    ...mapRunOperations(engine),
    ...stateMachineOperations(cloud, engine, machines, tags),
    ...tagOperations(tags),
    ...taskTokenOperations(engine),
    ...testStateOperations(engine),
    ...versionOperations(machines),
  };
  return {
    name: 'sfn',
    operations: Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, checked(name, operation)])),
    resources: stepFunctionsResources({ machines, aliases, activities, tags }),
  };
}

/** What an operation's members must be is looked at before the operation is. */
function checked(name: string, operation: Operation): Operation {
  return {
    access: operation.access,
    run(input: unknown, caller: Principal) {
      checkMembers(name, input);
      return operation.run(input, caller);
    },
  };
}
