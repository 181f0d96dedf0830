import type { Operation } from '../../../cloud-types';
import { all, atLeast, atMost, checkMembers, newName, oneOf, required, tableName } from '../constraints';
import { invalidParameterValues, validationError } from '../errors';
import type { DynamoDbContext } from '../service-context';
import { defineTable } from '../table-definition';
import { describeTable as description } from '../table-description';

const MAX_NAMES = 100;

export function describeTable({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) => access.on('DescribeTable', input.TableName),
    run(input) {
      checkMembers(input, { TableName: tableName });
      return { Table: description(tables.describe(input.TableName)) };
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html */
export function listTables({ tables }: DynamoDbContext): Operation {
  return {
    access: () => [{ action: 'dynamodb:ListTables', resource: '*' }],
    run(input) {
      checkMembers(input, { Limit: all(atLeast(1), atMost(MAX_NAMES)) });
      const names = tables.names().filter((name) => !input.ExclusiveStartTableName || name > input.ExclusiveStartTableName);
      const page = names.slice(0, input.Limit ?? MAX_NAMES);
      return { TableNames: page, LastEvaluatedTableName: page.length < names.length ? page[page.length - 1] : undefined };
    },
  };
}

/** A table is there at once, where AWS takes seconds: it is ACTIVE in the first DescribeTable. */
export function createTable({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) => access.on('CreateTable', input.TableName),
    run(input) {
      checkMembers(input, {
        AttributeDefinitions: required,
        TableName: newName,
        KeySchema: required,
        BillingMode: oneOf('PROVISIONED', 'PAY_PER_REQUEST'),
      });
      if (input.BillingMode === 'PAY_PER_REQUEST' && input.ProvisionedThroughput) {
        throw invalidParameterValues(
          'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
        );
      }
      if (input.BillingMode !== 'PAY_PER_REQUEST' && !input.ProvisionedThroughput) {
        throw invalidParameterValues('ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED');
      }
      // CreateTable has no such parameter; CloudFormation's property is a second call, UpdateTimeToLive.
      const table = tables.create(defineTable(input.TableName, { ...input, TimeToLiveSpecification: undefined }));
      return { TableDescription: { ...description(table), TableStatus: 'CREATING' } };
    },
  };
}

export function deleteTable({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) => access.on('DeleteTable', input.TableName),
    run(input) {
      checkMembers(input, { TableName: tableName });
      return { TableDescription: { ...description(tables.delete(input.TableName)), TableStatus: 'DELETING' } };
    },
  };
}

export function describeTimeToLive({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) => access.on('DescribeTimeToLive', input.TableName),
    run(input) {
      checkMembers(input, { TableName: tableName });
      const { timeToLive } = tables.describe(input.TableName);
      return {
        TimeToLiveDescription: timeToLive ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive } : { TimeToLiveStatus: 'DISABLED' },
      };
    },
  };
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html */
export function updateTimeToLive({ tables, access }: DynamoDbContext): Operation {
  return {
    access: (input) => access.on('UpdateTimeToLive', input.TableName),
    run(input) {
      checkMembers(input, { TableName: tableName, TimeToLiveSpecification: required });
      const { AttributeName, Enabled } = input.TimeToLiveSpecification;
      const table = tables.describe(input.TableName);
      if (Enabled && table.timeToLive) throw validationError('TimeToLive is already enabled');
      if (!Enabled && !table.timeToLive) throw validationError('TimeToLive is already disabled');
      if (!Enabled && table.timeToLive !== AttributeName) {
        throw validationError(`TimeToLive is active on a different AttributeName: current AttributeName is ${table.timeToLive}`);
      }
      table.timeToLive = Enabled ? AttributeName : undefined;
      return { TimeToLiveSpecification: { AttributeName, Enabled } };
    },
  };
}
