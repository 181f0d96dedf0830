import { aws_lambda as lambda, type Stack } from 'aws-cdk-lib';

/** A function whose code is nothing: a test stands in for it with `cloud.function(id).replaceWith(…)`. */
export function standInFunction(stack: Stack, id: string, props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  const code = lambda.Code.fromAsset(__dirname, { exclude: ['**', '!.nothing'] });
  return new lambda.Function(stack, id, { runtime: lambda.Runtime.NODEJS_22_X, handler: 'index.handler', code, ...props });
}
