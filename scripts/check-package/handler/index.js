// A plain handler that uses the SDK which Lambda's runtime has.
const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient, PutCommand } = require('@aws-sdk/lib-dynamodb');

const client = DynamoDBDocumentClient.from(new DynamoDBClient());

exports.handler = async ({ customer, amount }) => {
  await client.send(new PutCommand({ TableName: process.env.TABLE, Item: { customer, amount } }));
  return amount > 1000 ? { flagged: true, reason: 'a large amount' } : { flagged: false };
};
