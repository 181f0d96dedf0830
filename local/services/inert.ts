/** Resource types that do nothing in a local run but have a name: what refers to them resolves, and their properties stay to be looked at. */
import type { Cloud, ResourceRequest, ResourceType, Service } from '../cloud-types';
import { arn } from './identifiers';

export function createInert(cloud: Cloud): Service {
  /** A type whose `Ref` is its name, with the ARN that goes with it. */
  const named = (property: string, arnOf?: (name: string) => string, attribute = 'Arn'): ResourceType => ({
    create(resource: ResourceRequest) {
      const name: string = resource.properties[property] ?? resource.physicalName();
      return { ref: name, attributes: arnOf ? { [attribute]: arnOf(name) } : {} };
    },
  });

  return {
    name: 'inert',
    operations: {},
    resources: {
      'AWS::CDK::Metadata': named('Analytics'),
      'AWS::CloudWatch::Alarm': named('AlarmName', (name) => arn(cloud, 'cloudwatch', `alarm:${name}`)),
      'AWS::CloudWatch::CompositeAlarm': named('AlarmName', (name) => arn(cloud, 'cloudwatch', `alarm:${name}`)),
      'AWS::CloudWatch::Dashboard': named('DashboardName'),
      // The ARN of a log group ends in ":*": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
      'AWS::Logs::LogGroup': named('LogGroupName', (name) => arn(cloud, 'logs', `log-group:${name}:*`)),
      'AWS::Logs::MetricFilter': named('FilterName'),
      'AWS::Logs::ResourcePolicy': named('PolicyName'),
    },
  };
}
