/** Resource types that do nothing in a local run but have a name: what refers to them resolves, and their properties stay to be looked at. */
import type { Cloud, ResourceRequest, ResourceType, Service } from '../cloud-types';
import { arn, digits } from './identifiers';

export function createInert(cloud: Cloud): Service {
  /** A type whose `Ref` is its name, with the ARN that goes with it. */
  const named = (property: string, arnOf?: (name: string) => string, attribute = 'Arn'): ResourceType => ({
    create(resource: ResourceRequest) {
      const name: string = resource.properties[property] ?? resource.physicalName();
      return { ref: name, attributes: arnOf ? { [attribute]: arnOf(name) } : {} };
    },
  });

  /** A type whose `Ref` is an id that AWS makes up. The attributes named here are the id too. */
  const numbered = (prefix: string, ids: readonly string[], more: (properties: ResourceRequest['properties']) => object = () => ({})) => ({
    create({ properties }: ResourceRequest) {
      const ref = `${prefix}-${digits(cloud, 17)}`;
      return { ref, attributes: { ...Object.fromEntries(ids.map((attribute) => [attribute, ref])), ...more(properties) } };
    },
  });
  /** What only ties two others together. */
  const tie = (prefix: string): ResourceType => numbered(prefix, ['Id']);

  return {
    name: 'inert',
    operations: {},
    resources: {
      'AWS::CDK::Metadata': named('Analytics'),
      'AWS::CloudWatch::Dashboard': named('DashboardName'),
      // The ARN of a log group ends in ":*": https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_EC2.html: a network that nothing travels.
      'AWS::EC2::EIP': {
        create: () => {
          const PublicIp = `198.51.100.${1 + Math.floor(cloud.random() * 254)}`; // RFC 5737: nobody's
          return { ref: PublicIp, attributes: { PublicIp, AllocationId: `eipalloc-${digits(cloud, 17)}` } };
        },
      },
      'AWS::EC2::FlowLog': numbered('fl', ['Id']),
      'AWS::EC2::InternetGateway': numbered('igw', ['InternetGatewayId']),
      'AWS::EC2::LaunchTemplate': numbered('lt', ['LaunchTemplateId'], () => ({ DefaultVersionNumber: '1', LatestVersionNumber: '1' })),
      'AWS::EC2::NatGateway': numbered('nat', ['NatGatewayId']),
      'AWS::EC2::Route': tie('r'),
      'AWS::EC2::RouteTable': numbered('rtb', ['RouteTableId']),
      'AWS::EC2::SecurityGroup': numbered('sg', ['Id', 'GroupId'], ({ VpcId }) => ({ VpcId })),
      'AWS::EC2::SecurityGroupEgress': tie('sgr'),
      'AWS::EC2::SecurityGroupIngress': tie('sgr'),
      'AWS::EC2::Subnet': numbered('subnet', ['SubnetId'], ({ AvailabilityZone, CidrBlock, VpcId }) => ({
        AvailabilityZone,
        CidrBlock,
        VpcId,
        Ipv6CidrBlocks: [],
        NetworkAclAssociationId: `aclassoc-${digits(cloud, 17)}`,
      })),
      'AWS::EC2::SubnetRouteTableAssociation': tie('rtbassoc'),
      'AWS::EC2::VPC': numbered('vpc', ['VpcId'], ({ CidrBlock }) => ({
        CidrBlock,
        CidrBlockAssociations: [],
        DefaultNetworkAcl: `acl-${digits(cloud, 17)}`,
        DefaultSecurityGroup: `sg-${digits(cloud, 17)}`,
        Ipv6CidrBlocks: [],
      })),
      'AWS::EC2::VPCEndpoint': numbered('vpce', ['Id'], () => ({ DnsEntries: [], NetworkInterfaceIds: [] })),
      'AWS::EC2::VPCGatewayAttachment': tie('attach'),
      'Custom::VpcRestrictDefaultSG': tie('restrict'),
      'AWS::Logs::LogGroup': named('LogGroupName', (name) => arn(cloud, 'logs', `log-group:${name}:*`)),
      'AWS::Logs::MetricFilter': named('FilterName'),
      'AWS::Logs::ResourcePolicy': named('PolicyName'),
    },
  };
}
