import { Annotations, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { Workflow } from '../asl/definition';
import { historyBudget } from '../asl/history-budget';
import { Quota } from '../asl/quotas';
import { isAccepted, validateDefinition } from '../asl/validate';
import { type RenderedStates, tasksOf, waitsForOthers } from './rendered-states';

/**
 * Checks a rendered definition as AWS would at deployment, and more.
 * @param definition as `StateGraph.toGraphJson` gives it, tokens and all
 * @throws for what CreateStateMachine refuses, with every place named, and for a way through a Standard workflow that is longer than
 * its history may be. What AWS accepts and warns of becomes a warning.
 */
export function checkDefinition(scope: IConstruct, definition: object, type: sfn.StateMachineType): void {
  const resolved = withoutTokens(definition) as Workflow & RenderedStates;
  const findings = validateDefinition(resolved, { type });
  const told = findings.map(({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`);
  if (!isAccepted(findings)) {
    throw new Error(`Step Functions would refuse the definition of ${scope.node.path}: ${told.join('; ')}`);
  }
  for (const text of told) Annotations.of(scope).addWarningV2('stepworks:definition', text);
  checkTimeouts(scope, resolved);
  const { events } = historyBudget(resolved);
  if (type === sfn.StateMachineType.STANDARD && events > Quota.HISTORY_EVENTS) {
    throw new Error(
      `a run of ${scope.node.path} can write ${events} events, but its history ends at ${Quota.HISTORY_EVENTS}: retry less, or move parts into a workflow of their own`,
    );
  }
}

/** Without a limit of its own, a task may take a year; with one beyond the run's, the run ends first, without the task's Catch. */
function checkTimeouts(scope: IConstruct, definition: RenderedStates): void {
  const tasks = tasksOf(definition);
  const unlimited = tasks.filter(({ timeout }) => timeout === undefined);
  const waits = unlimited.filter(waitsForOthers).map((task) => `'${task.name}'`);
  if (waits.length > 0) throw new Error(`${waits.join(', ')} would wait for others for ever: give each a taskTimeout`);
  for (const { name } of unlimited) {
    Annotations.of(scope).addWarningV2('stepworks:taskWithoutTimeout', `the task '${name}' has no time limit: give it a taskTimeout`);
  }
  const { TimeoutSeconds: limit = Number.POSITIVE_INFINITY } = definition;
  const tooLong = tasks.find(({ timeout }) => typeof timeout === 'number' && timeout > limit);
  if (tooLong) {
    throw new Error(
      `the task '${tooLong.name}' may take ${tooLong.timeout} s, but the run ends after ${limit} s: give the workflow more time, or the task less`,
    );
  }
}

/** A definition without CDK tokens, which stand for ARNs, or for the partition inside of one. */
function withoutTokens(definition: object): unknown {
  return JSON.parse(JSON.stringify(definition), (key, value) => {
    if (typeof value !== 'string') return value;
    if (/^\$\{Token\[[^\]]*\]\}$/.test(value)) {
      return key === 'Resource' ? 'arn:aws:lambda:us-east-1:123456789012:function:token' : 'token';
    }
    return value.replace(/\$\{Token\[[^\]]*\]\}/g, 'aws');
  });
}
