/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html */
import type { ResourceRequest, ResourceType } from '../../cloud-types';
import type { Entities, Entity, EntityKind } from './entities';
import type { ManagedPolicies } from './managed-policies';

const KINDS = ['Role', 'User', 'Group'] as const;

export function iamResources(entities: Entities, policies: ManagedPolicies): Record<string, ResourceType> {
  const pathOf = (resource: ResourceRequest): string => resource.path?.replace(/\/Resource$/, '') ?? resource.logicalId;

  const put = (entity: Entity, { PolicyName, PolicyDocument }: { PolicyName: string; PolicyDocument: never }, label: string): void =>
    entities.putInline(entity, PolicyName, JSON.stringify(PolicyDocument), PolicyDocument, label);

  /** Whom a policy names, of those that are in the assembly. */
  const named = (properties: ResourceRequest['properties']): Entity[] =>
    KINDS.flatMap((kind) => (properties[`${kind}s`] ?? []).flatMap((name: string) => entities.get(kind, name) ?? []));

  function create(kind: EntityKind, resource: ResourceRequest): Entity {
    const { properties } = resource;
    const boundaryArn: string | undefined = properties.PermissionsBoundary;
    const boundary = boundaryArn === undefined ? undefined : policies.get(boundaryArn)?.default.document;
    if (boundaryArn !== undefined && boundary === undefined) {
      throw new Error(
        `${pathOf(resource)}: the permissions boundary ${boundaryArn} is no policy of this assembly, so the local cloud can't know what it allows.`,
      );
    }
    const entity = entities.create(kind, {
      name: properties[`${kind}Name`] ?? resource.physicalName(64),
      iamPath: properties.Path ?? '/',
      label: pathOf(resource),
      trust: properties.AssumeRolePolicyDocument,
      boundaryArn,
      boundary,
    });
    for (const arn of properties.ManagedPolicyArns ?? []) entities.attach(entity, arn);
    for (const policy of properties.Policies ?? []) put(entity, policy, pathOf(resource));
    return entity;
  }

  return {
    'AWS::IAM::Role': {
      create(resource) {
        const { name, arn, id } = create('Role', resource);
        return { ref: name, attributes: { Arn: arn, RoleId: id } };
      },
    },
    'AWS::IAM::User': {
      create(resource) {
        const { name, arn } = create('User', resource);
        return { ref: name, attributes: { Arn: arn } };
      },
    },
    'AWS::IAM::Group': {
      create(resource) {
        const { name, arn } = create('Group', resource);
        return { ref: name, attributes: { Arn: arn } };
      },
    },
    'AWS::IAM::Policy': {
      create(resource) {
        const { PolicyName, PolicyDocument } = resource.properties;
        for (const entity of named(resource.properties)) put(entity, { PolicyName, PolicyDocument } as never, pathOf(resource));
        return { ref: PolicyName, attributes: { Id: PolicyName } };
      },
    },
    'AWS::IAM::ManagedPolicy': {
      create(resource) {
        const { properties } = resource;
        const policy = policies.create({
          name: properties.ManagedPolicyName ?? resource.physicalName(128),
          iamPath: properties.Path,
          text: JSON.stringify(properties.PolicyDocument),
          description: properties.Description,
          label: pathOf(resource),
        });
        for (const entity of named(properties)) entities.attach(entity, policy.arn);
        return { ref: policy.arn, attributes: { PolicyArn: policy.arn, PolicyId: policy.id } };
      },
    },
    'AWS::IAM::InstanceProfile': {
      create(resource) {
        const { cloud } = entities;
        const name: string = resource.properties.InstanceProfileName ?? resource.physicalName(128);
        const arn = `arn:${cloud.partition}:iam::${cloud.accountId}:instance-profile${resource.properties.Path ?? '/'}${name}`;
        return { ref: name, attributes: { Arn: arn } };
      },
    },
  };
}
