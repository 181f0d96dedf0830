// An ES module. It tells a class of the SDK by its identity, which two copies of the SDK would not share.
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();

export const handler = async ({ customer }) => {
  const never = 'attribute_exists(customer) AND attribute_not_exists(customer)';
  try {
    await client.send(
      new PutItemCommand({ TableName: process.env.TABLE, Item: { customer: { S: customer } }, ConditionExpression: never }),
    );
    return { flagged: true, reason: 'the condition was ignored' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { flagged: false };
    throw error;
  }
};
