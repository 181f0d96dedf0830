import type { ProvisionedResource, ResourceRequest, ResourceType } from '../../cloud-types';
import { notImplemented } from '../errors';
import type { DynamoDbContext } from './service-context';
import type { Table } from './table';
import { defineTable } from './table-definition';

/** Would change what a program finds in the table, or who finds it, and nothing here carries it out. */
const UNEMULATED = ['ImportSourceSpecification', 'KinesisStreamSpecification', 'RestoreSpecification'];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
export function tableResource(context: DynamoDbContext): ResourceType {
  return {
    create(resource) {
      const table = provision(context, resource, resource.properties);
      setPolicy(context, table.identity.arn, resource.properties.ResourcePolicy);
      setPolicy(context, table.stream?.identity.arn, resource.properties.StreamSpecification?.ResourcePolicy);
      return provisioned(table);
    },
  };
}

/** CDK's TableV2. What a replica may set for itself is under `Replicas`; here is only the replica of this region. */
export function globalTableResource(context: DynamoDbContext): ResourceType {
  return {
    create(resource) {
      const replica = resource.properties.Replicas?.find(({ Region }: { Region: string }) => Region === context.cloud.region) ?? {};
      const table = provision(context, resource, {
        ...resource.properties,
        DeletionProtectionEnabled: replica.DeletionProtectionEnabled,
        KinesisStreamSpecification: replica.KinesisStreamSpecification,
      });
      setPolicy(context, table.identity.arn, replica.ResourcePolicy);
      setPolicy(context, table.stream?.identity.arn, replica.ReplicaStreamSpecification?.ResourcePolicy);
      return provisioned(table);
    },
  };
}

function provision({ tables }: DynamoDbContext, resource: ResourceRequest, properties: ResourceRequest['properties']): Table {
  const unemulated = UNEMULATED.find((name) => properties[name] !== undefined);
  if (unemulated) throw notImplemented(`the property ${unemulated} of ${resource.type} (${resource.logicalId})`);
  return tables.create(defineTable(properties.TableName ?? resource.physicalName(255), properties));
}

const provisioned = (table: Table): ProvisionedResource => ({
  ref: table.name,
  attributes: { Arn: table.identity.arn, TableId: table.identity.id, ...(table.stream && { StreamArn: table.stream.identity.arn }) },
});

function setPolicy({ cloud }: DynamoDbContext, arn: string | undefined, policy: { PolicyDocument: never } | undefined): void {
  if (arn && policy) cloud.setResourcePolicy(arn, policy.PolicyDocument);
}
