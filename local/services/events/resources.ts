/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html */
import type { Cloud, PolicyStatement, ResourceType } from '../../cloud-types';
import { arn } from '../identifiers';
import type { Bus, Rule } from './rules';

interface Buses {
  readonly buses: ReadonlyMap<string, Bus>;
  putBus(name: string): Bus;
  putRule(bus: Bus, rule: Rule): void;
  nameOf(reference?: string): string;
}

export function eventsResources(cloud: Cloud, { buses, putBus, putRule, nameOf }: Buses): Record<string, ResourceType> {
  const policies = new Map<string, PolicyStatement[]>();

  return {
    'AWS::Events::EventBus': {
      create({ properties }) {
        const bus = putBus(properties.Name);
        if (properties.Policy) cloud.setResourcePolicy(bus.arn, properties.Policy);
        return { ref: bus.name, attributes: { Arn: bus.arn, Name: bus.name, Policy: properties.Policy } };
      },
    },

    'AWS::Events::EventBusPolicy': {
      create(resource) {
        const { EventBusName, StatementId, Statement } = resource.properties;
        const bus = buses.get(nameOf(EventBusName));
        if (!bus || !Statement)
          throw new Error(`${resource.path ?? resource.logicalId}: a policy needs a bus of this assembly, and a Statement.`);
        const statements = policies.get(bus.name) ?? [];
        statements.push({ Sid: StatementId, ...Statement });
        policies.set(bus.name, statements);
        cloud.setResourcePolicy(bus.arn, { Version: '2012-10-17', Statement: statements });
        return { ref: resource.physicalName() };
      },
    },

    'AWS::Events::Rule': {
      create(resource) {
        const { properties } = resource;
        const name: string = properties.Name ?? resource.physicalName(64);
        const bus = buses.get(nameOf(properties.EventBusName));
        if (!bus) throw new Error(`${resource.path ?? resource.logicalId}: there is no event bus ${properties.EventBusName}.`);
        const path = bus.name === 'default' ? name : `${bus.name}/${name}`;
        const ruleArn = arn(cloud, 'events', `rule/${path}`);
        putRule(bus, {
          name,
          arn: ruleArn,
          enabled: properties.State !== 'DISABLED',
          pattern: properties.EventPattern,
          schedule: properties.ScheduleExpression,
          targets: properties.Targets ?? [],
        });
        return { ref: bus.name === 'default' ? name : `${bus.name}|${name}`, attributes: { Arn: ruleArn } };
      },
    },
  };
}
