import { Annotations, aws_iam as iam, aws_lambda as lambda, RemovalPolicy, Stack, Tokenization } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards';
import { HandlerFunction } from '../handler-function';

interface Calls {
  readonly definition: object;
  /** What the tasks ask for. */
  readonly statements: iam.PolicyStatement[];
}

interface PublishedCalls extends Calls {
  /** For all versions of each function. */
  readonly versionStatements: iam.PolicyStatement[];
}

/**
 * Lets a definition call published versions of its functions, and keeps those: what runs goes on with the code that it was started with,
 * whatever is deployed meanwhile. A permission for a function becomes one for all of its versions, so that what runs does not lose the
 * one for the version that it calls.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 */
export function callPublishedFunctions(scope: IConstruct, { definition, statements }: Calls): PublishedCalls {
  const versions = versionsFor(scope, JSON.stringify(definition));
  for (const version of versions.values()) version.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const isOurs = (arn: string) => versions.has(arn);
  const ofVersions = (arn: string) => `${versions.get(arn)?.lambda.functionArn}:*`;
  const asked = statements.filter(({ resources }) => resources.some(isOurs));
  return {
    definition: replaced(definition, versions) as object,
    statements: [
      ...statements.filter((statement) => !asked.includes(statement)),
      ...asked.flatMap((statement) => withResources(statement, (resources) => resources.filter((arn) => !isOurs(arn)))),
    ],
    versionStatements: asked.flatMap((statement) => withResources(statement, (resources) => resources.filter(isOurs).map(ofVersions))),
  };
}

/** A policy of its own, where the `*` is acknowledged and nothing else is. */
export function versionsPolicy(scope: Construct, id: string, role: iam.IRole, statements: iam.PolicyStatement[]): iam.Policy {
  const policy = new iam.Policy(scope, id, { roles: [role], statements });
  acknowledgeWildcards(policy, 'Runs under way call the versions that they were started with: the versions of one function, and no other.');
  return policy;
}

/** By what the definition has in their place. */
function versionsFor(scope: IConstruct, definition: string): Map<string, lambda.Version> {
  const versions = new Map<string, lambda.Version>();
  for (const construct of scope.node.root.node.findAll()) {
    if (!(construct instanceof lambda.FunctionBase) || !definition.includes(construct.functionArn)) continue;
    const version = versionOf(construct, scope);
    if (version) versions.set(construct.functionArn, version);
    else warn(scope, construct);
  }
  return versions;
}

/** Only within the stack: a version's ARN is another with each change, and CloudFormation lets no exported value change that is imported. */
function versionOf(called: IConstruct, scope: IConstruct): lambda.Version | undefined {
  if (called instanceof lambda.Version) return called;
  const handler = called.node.scope;
  const ours = handler instanceof HandlerFunction && handler.alias === called && Stack.of(handler) === Stack.of(scope);
  return ours ? handler.function.currentVersion : undefined;
}

function warn(scope: IConstruct, called: IConstruct): void {
  Annotations.of(scope).addWarningV2(
    'stepworks:unpublishedFunction',
    `runs under way will go over to new code of ${called.node.path}: call a published version of it, such as its currentVersion, or a HandlerFunction of the same stack`,
  );
}

function replaced(value: unknown, versions: ReadonlyMap<string, lambda.Version>): unknown {
  if (typeof value === 'string') {
    return [...versions].reduce((text, [arn, { functionArn }]) => text.replaceAll(arn, functionArn), value);
  }
  if (Array.isArray(value)) return value.map((item) => replaced(item, versions));
  if (typeof value !== 'object' || value === null || Tokenization.isResolvable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, versions)]));
}

function withResources(statement: iam.PolicyStatement, choose: (resources: string[]) => string[]): iam.PolicyStatement[] {
  const resources = choose(statement.resources);
  return resources.length > 0 ? [statement.copy({ resources })] : [];
}
