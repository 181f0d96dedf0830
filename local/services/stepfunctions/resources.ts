/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_StepFunctions.html */
import { readFileSync } from 'node:fs';
import type { ResourceRequest, ResourceType } from '../../cloud-types';
import { isTrue } from '../identifiers';
import type { Tag } from './access';
import type { Activities } from './activities';
import type { Aliases } from './aliases';
import type { Configuration } from './configuration';
import type { Machines } from './machines';
import type { Tags } from './tags';
import { checkRevision } from './versions';

interface Parts {
  readonly machines: Machines;
  readonly aliases: Aliases;
  readonly activities: Activities;
  readonly tags: Tags;
}

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shapes
type Properties = Record<string, any>;

export function stepFunctionsResources({ machines, aliases, activities, tags }: Parts): Record<string, ResourceType> {
  return {
    'AWS::StepFunctions::StateMachine': {
      async create(resource) {
        const { properties } = resource;
        const { stateMachine } = await machines.create({
          name: properties.StateMachineName ?? resource.physicalName(80),
          definition: definitionText(resource),
          roleArn: properties.RoleArn,
          type: properties.StateMachineType,
          ...configurationOf(properties),
        });
        const { arn, name, revision } = stateMachine;
        tags.put(arn, tagsOf(properties));
        return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revision.id ?? 'INITIAL' } };
      },
    },

    'AWS::StepFunctions::StateMachineVersion': {
      create({ properties }) {
        const stateMachine = machines.get(properties.StateMachineArn);
        checkRevision(properties.StateMachineRevisionId, stateMachine.revision.id ?? 'INITIAL');
        const { arn } = machines.publish(stateMachine, properties.Description);
        return { ref: arn, attributes: { Arn: arn } };
      },
    },

    'AWS::StepFunctions::StateMachineAlias': {
      create(resource) {
        const { Name, Description, RoutingConfiguration, DeploymentPreference } = resource.properties;
        const routes: Properties[] = RoutingConfiguration ?? [
          { StateMachineVersionArn: DeploymentPreference.StateMachineVersionArn, Weight: 100 },
        ];
        const { arn } = aliases.create({
          name: Name ?? resource.physicalName(80),
          description: Description,
          routingConfiguration: routes.map(({ StateMachineVersionArn, Weight }) => ({
            stateMachineVersionArn: StateMachineVersionArn,
            weight: Number(Weight),
          })),
        });
        return { ref: arn, attributes: { Arn: arn } };
      },
    },

    'AWS::StepFunctions::Activity': {
      create({ properties }) {
        const { encryptionConfiguration } = configurationOf(properties);
        const { arn, name } = activities.create({ name: properties.Name, tags: tagsOf(properties), encryptionConfiguration });
        return { ref: arn, attributes: { Arn: arn, Name: name } };
      },
    },
  };
}

function tagsOf({ Tags = [] }: Properties): Tag[] {
  return Tags.map(({ Key, Value }: Properties) => ({ key: Key, value: Value }));
}

/** CloudFormation's properties are the API's members with a capital, and numbers and booleans may be texts. */
function configurationOf({ LoggingConfiguration, TracingConfiguration, EncryptionConfiguration }: Properties): Partial<Configuration> {
  return {
    loggingConfiguration: LoggingConfiguration && {
      level: LoggingConfiguration.Level,
      includeExecutionData: isTrue(LoggingConfiguration.IncludeExecutionData),
      destinations: LoggingConfiguration.Destinations?.map(({ CloudWatchLogsLogGroup }: Properties) => ({
        cloudWatchLogsLogGroup: { logGroupArn: CloudWatchLogsLogGroup?.LogGroupArn },
      })),
    },
    tracingConfiguration: TracingConfiguration && { enabled: isTrue(TracingConfiguration.Enabled) },
    encryptionConfiguration: EncryptionConfiguration && {
      type: EncryptionConfiguration.Type,
      kmsKeyId: EncryptionConfiguration.KmsKeyId,
      kmsDataKeyReusePeriodSeconds:
        EncryptionConfiguration.KmsDataKeyReusePeriodSeconds && Number(EncryptionConfiguration.KmsDataKeyReusePeriodSeconds),
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
