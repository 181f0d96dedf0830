// The same as an ES module.
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient();

export const handler = async ({ customer }) => {
  const put = { TableName: process.env.TABLE, Item: { customer: { S: customer } }, ConditionExpression: 'attribute_not_exists(customer)' };
  try {
    await client.send(new PutItemCommand(put));
    return { flagged: true, reason: 'the amount was not stored' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { flagged: false };
    throw error;
  }
};
