import { CfnResource, aws_iam as iam, type aws_lambda as lambda, Stack, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { textOf } from '../../core/template-text';
import type { WatchedObjects } from './trigger-source';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/**
 * Why runs of a state machine might start themselves, one text for each role that may write the objects that start them: its own, and
 * those of the functions that it invokes. What is not in the app, or is allowed by a bucket's policy, can't be seen.
 */
export function writesInto(stateMachine: sfn.IStateMachine, { bucket, prefix, suffix }: WatchedObjects): string[] {
  const own = (stateMachine as Partial<sfn.StateMachine>).role;
  if (!own) return [];
  const all = stateMachine.node.root.node.findAll();
  const statements = statementsOf(own, all);
  const invoked = new Set(
    statements
      .filter((statement) => allows(statement, 'lambda:InvokeFunction'))
      // All versions of a function are the function too.
      .flatMap(({ Resource }) => [Resource].flat().map((resource) => textOf(resource).replace(/:\*$/, ''))),
  );
  const functions = all.filter(isFunction).filter((construct) => invoked.has(text(construct, construct.functionArn)));
  const roles = new Set([own, ...functions.map(({ role }) => role).filter((role) => role !== undefined)]);
  const objects = `${text(bucket, bucket.bucketArn)}/`;
  return [...roles].flatMap((role) => {
    const written = statementsOf(role, all)
      .filter((statement) => allows(statement, 's3:PutObject'))
      .flatMap(({ Resource }) => [Resource].flat().map(textOf))
      .filter((resource) => resource.startsWith(objects))
      .map((resource) => resource.slice(objects.length))
      .filter((keys) => overlaps(keys, prefix, suffix));
    if (written.length === 0) return [];
    return [
      `runs would start runs for ever: ${role.node.path} may write ${written.map((keys) => `'${keys}'`).join(', ')} of ${bucket.node.path}, and objects of the keys '${prefix}*${suffix}' start ${stateMachine.node.path}. Write under another prefix, allow less, or set mayTriggerItself if the runs see to it that it ends`,
    ];
  });
}

function isFunction(construct: IConstruct): construct is lambda.IFunction {
  return 'functionArn' in construct && 'role' in construct;
}

/** What the policies in the app allow a role. */
function statementsOf(role: iam.IRole, all: readonly IConstruct[]): Statement[] {
  const name = text(role, role.roleName);
  return all.filter(isPolicy).flatMap((policy) => {
    const { roles = [], policyDocument } = Stack.of(policy).resolve({ roles: policy.roles, policyDocument: policy.policyDocument });
    return roles.map(textOf).includes(name) ? (policyDocument.Statement as Statement[]) : [];
  });
}

function isPolicy(construct: IConstruct): construct is iam.CfnPolicy | iam.CfnManagedPolicy {
  return CfnResource.isCfnResource(construct) && [iam.CfnPolicy, iam.CfnManagedPolicy].some((type) => construct instanceof type);
}

function allows({ Effect, Action }: Statement, action: string): boolean {
  const matches = (pattern: string) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(action);
  return Effect === 'Allow' && [Action ?? []].flat().some(matches);
}

/** Whether a key can be of this form, which may have `*` in it, and begin and end like this. */
function overlaps(keys: string, prefix: string, suffix: string): boolean {
  if (!keys.includes('*')) return keys.startsWith(prefix) && keys.endsWith(suffix);
  const head = keys.slice(0, keys.indexOf('*'));
  const tail = keys.slice(keys.lastIndexOf('*') + 1);
  return (head.startsWith(prefix) || prefix.startsWith(head)) && (tail.endsWith(suffix) || suffix.endsWith(tail));
}

function text(scope: IConstruct, value: string): string {
  return textOf(Stack.of(scope).resolve(value));
}
