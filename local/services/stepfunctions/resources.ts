/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html */
import { readFileSync } from 'node:fs';
import { ApiError, type Cloud, type ResourceRequest, type ResourceType } from '../../cloud-types';
import { arn, digits } from '../identifiers';
import type { Machines } from './machines';

export function stateMachineResources(cloud: Cloud, machines: Machines): Record<string, ResourceType> {
  return {
    'AWS::StepFunctions::StateMachine': {
      async create(resource) {
        const { properties } = resource;
        const name: string = properties.StateMachineName ?? resource.physicalName(80);
        const machineArn = arn(cloud, 'states', `stateMachine:${name}`);
        const definition = definitionText(resource);
        await putManagedRule(cloud, properties.RoleArn, definition);
        machines.put({
          machine: {
            arn: machineArn,
            name,
            type: properties.StateMachineType ?? 'STANDARD',
            roleArn: properties.RoleArn,
            definition: parse(definition, resource),
          },
          createdAt: cloud.clock.now(),
          definition,
          versions: 0,
          aliases: new Map(),
        });
        return { ref: machineArn, attributes: { Arn: machineArn, Name: name, StateMachineRevisionId: digits(cloud, 32) } };
      },
    },

    'AWS::StepFunctions::StateMachineVersion': {
      create({ properties }) {
        const { stored } = machines.resolve(properties.StateMachineArn, cloud.random);
        stored.versions += 1;
        const ref = `${stored.machine.arn}:${stored.versions}`;
        return { ref, attributes: { Arn: ref } };
      },
    },

    'AWS::StepFunctions::StateMachineAlias': {
      create(resource) {
        const { RoutingConfiguration, DeploymentPreference } = resource.properties;
        const name: string = resource.properties.Name ?? resource.physicalName(80);
        const routes: { StateMachineVersionArn: string; Weight: number }[] = RoutingConfiguration ?? [
          { StateMachineVersionArn: DeploymentPreference.StateMachineVersionArn, Weight: 100 },
        ];
        const { stored } = machines.resolve(routes[0].StateMachineVersionArn, cloud.random);
        stored.aliases.set(
          name,
          routes.map((route) => ({ versionArn: route.StateMachineVersionArn, weight: Number(route.Weight) })),
        );
        const ref = `${stored.machine.arn}:${name}`;
        return { ref, attributes: { Arn: ref } };
      },
    },
  };
}

function definitionText(resource: ResourceRequest): string {
  const { DefinitionString, Definition, DefinitionS3Location, DefinitionSubstitutions } = resource.properties;
  const text: string = DefinitionS3Location
    ? readFileSync(resource.asset(DefinitionS3Location.Bucket, DefinitionS3Location.Key), 'utf8')
    : (DefinitionString ?? JSON.stringify(Definition));
  return text.replace(/\$\{([a-zA-Z0-9_]+)\}/g, (all, key: string) => String(DefinitionSubstitutions?.[key] ?? all));
}

function parse(definition: string, { path, logicalId }: ResourceRequest): unknown {
  try {
    return JSON.parse(definition);
  } catch (error) {
    throw new Error(`The definition of ${path ?? logicalId} is not JSON: ${(error as Error).message}`);
  }
}

const MANAGED_RULE = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';

/**
 * `startExecution.sync` learns of the child's end by a rule that is made with the role when the state machine is made. Here the engine
 * tells it, so the rule has no target; its permissions are needed all the same.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 */
async function putManagedRule(cloud: Cloud, roleArn: string, definition: string): Promise<void> {
  if (!/:states:startExecution\.sync/.test(definition)) return;
  const call = (operation: string, input: object) =>
    cloud.call({ service: 'eventbridge', operation, input, principal: { kind: 'role', arn: roleArn } });
  try {
    await call('PutRule', { Name: MANAGED_RULE, EventPattern: JSON.stringify({ source: ['aws.states'] }), State: 'ENABLED' });
    await call('PutTargets', { Rule: MANAGED_RULE, Targets: [] });
    await call('DescribeRule', { Name: MANAGED_RULE });
  } catch (error) {
    if (!(error instanceof ApiError) || !error.code.startsWith('AccessDenied')) throw error;
    throw new ApiError('AccessDeniedException', `'${roleArn}' is not authorized to create managed-rule. ${error.message}`);
  }
}
