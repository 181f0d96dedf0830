/** IAM's resource types: they feed `Access`, which decides. IAM's API operations are not emulated yet. */
import type { Access } from '../access/types';
import type { Cloud, PolicyDocument, ResourceRequest, Service } from '../cloud-types';
import { digits } from './identifiers';

export function createIam(cloud: Cloud, access: Access): Service {
  const roleArns = new Map<string, string>();
  /** The assembly's managed policies, by ARN: one may be another role's boundary. */
  const managed = new Map<string, PolicyDocument>();

  const roleArn = (name: string): string => roleArns.get(name) ?? `arn:${cloud.partition}:iam::${cloud.accountId}:role/${name}`;
  const iamId = (prefix: string): string => `${prefix}${digits(cloud, 17, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`;
  const pathOf = (resource: ResourceRequest): string => resource.path?.replace(/\/Resource$/, '') ?? resource.logicalId;

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
  const role = {
    create(resource: ResourceRequest) {
      const { properties } = resource;
      const name: string = properties.RoleName ?? resource.physicalName(64);
      const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:role${properties.Path ?? '/'}${name}`;
      roleArns.set(name, arn);
      const boundary = properties.PermissionsBoundary;
      if (boundary !== undefined && !managed.has(boundary)) {
        throw new Error(
          `${pathOf(resource)}: the permissions boundary ${boundary} is no policy of this assembly, so the local cloud can't know what it allows.`,
        );
      }
      access.putRole({
        arn,
        path: pathOf(resource),
        trust: properties.AssumeRolePolicyDocument,
        managedPolicyArns: properties.ManagedPolicyArns ?? [],
        permissionsBoundary: boundary && managed.get(boundary),
      });
      for (const policy of properties.Policies ?? []) access.putRolePolicy(arn, policy.PolicyName, policy.PolicyDocument, pathOf(resource));
      return { ref: name, attributes: { Arn: arn, RoleId: iamId('AROA') } };
    },
  };

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html. Users and groups have no part in a local run. */
  const policy = {
    create(resource: ResourceRequest) {
      const { PolicyName, PolicyDocument: document, Roles } = resource.properties;
      for (const name of Roles ?? []) access.putRolePolicy(roleArn(name), PolicyName, document, pathOf(resource));
      return { ref: PolicyName, attributes: { Id: PolicyName } };
    },
  };

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
  const managedPolicy = {
    create(resource: ResourceRequest) {
      const { properties } = resource;
      const name: string = properties.ManagedPolicyName ?? resource.physicalName(128);
      const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:policy${properties.Path ?? '/'}${name}`;
      managed.set(arn, properties.PolicyDocument);
      access.putManagedPolicy(arn, properties.PolicyDocument, pathOf(resource));
      for (const attached of properties.Roles ?? [])
        access.putRolePolicy(roleArn(attached), name, properties.PolicyDocument, pathOf(resource));
      return { ref: arn, attributes: { PolicyArn: arn, PolicyId: iamId('ANPA') } };
    },
  };

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html */
  const instanceProfile = {
    create(resource: ResourceRequest) {
      const name: string = resource.properties.InstanceProfileName ?? resource.physicalName(128);
      return {
        ref: name,
        attributes: { Arn: `arn:${cloud.partition}:iam::${cloud.accountId}:instance-profile${resource.properties.Path ?? '/'}${name}` },
      };
    },
  };

  return {
    name: 'iam',
    operations: {},
    resources: {
      'AWS::IAM::Role': role,
      'AWS::IAM::Policy': policy,
      'AWS::IAM::ManagedPolicy': managedPolicy,
      'AWS::IAM::InstanceProfile': instanceProfile,
    },
  };
}
