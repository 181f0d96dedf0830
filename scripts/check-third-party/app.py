# A CDK app in Python: a workflow calls a function, which keeps an order in a table.
from aws_cdk import App, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

CODE = """
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const client = new DynamoDBClient();
exports.handler = async ({ order }) => {
  await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { order: { S: order } } }));
  return { kept: order };
};
"""

app = App()
stack = Stack(app, "Orders")
table = dynamodb.Table(stack, "Table", partition_key=dynamodb.Attribute(name="order", type=dynamodb.AttributeType.STRING))
keep = lambda_.Function(
    stack,
    "Keep",
    runtime=lambda_.Runtime.NODEJS_22_X,
    handler="index.handler",
    code=lambda_.Code.from_inline(CODE),
    environment={"TABLE": table.table_name},
)
table.grant_write_data(keep)
call = tasks.LambdaInvoke(stack, "Call", lambda_function=keep, payload_response_only=True)
sfn.StateMachine(stack, "Keeping", definition_body=sfn.DefinitionBody.from_chainable(call))
app.synth()
