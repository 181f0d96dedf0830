import { Duration, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { functionServicePolicy } from './service-policy';

/** Properties of `HandlerFunction`. */
export interface HandlerFunctionProps {
  /** The bundled code; its `index.js` exports `handler`. */
  readonly code: lambda.Code;
  /** What the function does, shown in the console. @default - none */
  readonly description?: string;
  /** Environment variables. Never put a secret here. @default - none */
  readonly environment?: { [name: string]: string };
  /** How long one invocation may take. @default Duration.seconds(10) */
  readonly timeout?: Duration;
  /** Memory in MiB; CPU grows with it. @default 256 */
  readonly memorySize?: number;
  /** How long logs are kept. @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /** The role to run under; what the function needs is granted to it. @default - a new role without managed policies */
  readonly role?: iam.IRole;
}

/**
 * A Lambda function for a step of a workflow: Node.js 24 on ARM64, traced, with a log group of its own, no managed policies, and an
 * alias `live` for state machines to call. The alias keeps its ARN from deployment to deployment, so that running executions don't
 * lose the permission to call it. A workflow with a `release` calls the version behind the alias, which is kept then; the alias stays for
 * all other callers.
 */
export class HandlerFunction extends Construct {
  /** The function. */
  public readonly function: lambda.Function;
  /** What a state machine calls. */
  public readonly alias: lambda.Alias;
  /** The function's role. */
  public readonly role: iam.IRole;
  /** The function's logs. */
  public readonly logGroup: logs.LogGroup;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    this.role = props.role ?? new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup = new logs.LogGroup(this, 'Logs', {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      handler: 'index.handler',
      code: props.code,
      environment: props.environment,
      timeout: props.timeout ?? Duration.seconds(10),
      memorySize: props.memorySize ?? 256,
      logGroup: this.logGroup,
      role: this.role,
    });
    this.logGroup.grants.write(this.role);
    const cfnFunction = this.function.node.defaultChild as lambda.CfnFunction;
    // Through the L1: the L2's `tracing` would put its `*` into the default policy, where an acknowledgement hides other mistakes.
    cfnFunction.tracingConfig = { mode: 'Active' };
    cfnFunction.node.addDependency(functionServicePolicy(this, 'TracingPolicy', this.role));
    acknowledge(
      cfnFunction,
      'Serverless-LambdaDLQ',
      'Meant to be invoked synchronously, where its caller sees the error: a dead-letter queue serves asynchronous invocations only.',
    );
    this.alias = new lambda.Alias(this, 'Live', { aliasName: 'live', version: this.function.currentVersion });
  }
}
