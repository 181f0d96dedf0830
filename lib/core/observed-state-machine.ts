import {
  Duration,
  aws_iam as iam,
  aws_logs as logs,
  Names,
  RemovalPolicy,
  Stack,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkDefinition } from './check-definition';
import { FailureNotification } from './failure-notification';
import { callPublishedFunctions, versionsPolicy } from './release/published-functions';
import type { Release } from './release/release';
import { WorkflowRelease } from './release/workflow-release';
import { distributedMapIn, type RenderedStates, tasksOf, waitsForOthers } from './rendered-states';
import { stateMachineServicePolicy } from './service-policy';
import type { WorkflowAlarmProps } from './workflow-alarm-props';
import { WorkflowAlarms } from './workflow-alarms';

/** What every workflow of this library can be told about its state machine. */
export interface WorkflowProps {
  /** Told of every run that failed, timed out or was aborted. @default - nobody is told, and nothing is created for it */
  readonly notificationTopic?: sns.ITopic;
  /** Alarms by threshold, with an action. @default - no alarms */
  readonly alarms?: WorkflowAlarmProps;
  /** Where the history goes; without execution data. @default - a new log group under /aws/vendedlogs/states/ */
  readonly logGroup?: logs.ILogGroup;
  /** How long the logs of a new log group are kept. @default logs.RetentionDays.ONE_YEAR */
  readonly logRetention?: logs.RetentionDays;
  /** The role to run under; what the workflow calls is granted to it, and no more. @default - a new role */
  readonly role?: iam.IRole;
  /** How a change takes over: each makes a version, and the alias `live` goes over to it. @default - no versions: new runs have the change at once, and those under way call the functions' new code */
  readonly release?: Release;
}

/** Properties of `ObservedStateMachine`. */
export interface ObservedStateMachineProps extends WorkflowProps {
  /** The workflow. */
  readonly definition: sfn.IChainable;
  /** Standard or Express. @default - Standard when a state waits for somebody else (a task token, a job, an activity) or is a Distributed Map, which Express can't; otherwise Express */
  readonly stateMachineType?: sfn.StateMachineType;
  /** How long a run may take; Express allows five minutes at most. @default - five minutes for Express, 90 days for Standard */
  readonly timeout?: Duration;
  /** What the workflow is for: the definition's `Comment`. @default - none */
  readonly comment?: string;
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html */
const EXPRESS_LIMIT = Duration.minutes(5);

/**
 * A JSONata state machine that can be watched: every event is logged, without execution data; X-Ray is on; a run that fails is
 * reported to a topic from outside; a run without a time limit is not to be had.
 */
export class ObservedStateMachine extends Construct {
  /** The state machine. */
  public readonly stateMachine: sfn.StateMachine;
  /** Its role. */
  public readonly role: iam.IRole;
  /** Where its history goes. */
  public readonly logGroup: logs.ILogGroup;
  /** The version and the alias that a release is made of; none without one. */
  public readonly release?: WorkflowRelease;
  /** What to start: the alias when there is a release, otherwise the state machine. Permissions are for the state machine in both cases. */
  public readonly startArn: string;

  constructor(scope: Construct, id: string, props: ObservedStateMachineProps) {
    super(scope, id);
    const graph = new sfn.StateGraph(props.definition.startState, `the definition of ${this.node.path}`);
    const standardOnly = standardOnlyReason(graph.toGraphJson(sfn.QueryLanguage.JSONATA));
    const { EXPRESS, STANDARD } = sfn.StateMachineType;
    const stateMachineType = props.stateMachineType ?? (standardOnly ? STANDARD : EXPRESS);
    if (stateMachineType === EXPRESS) assertExpress(standardOnly, props.timeout);
    graph.timeout = props.timeout ?? (stateMachineType === EXPRESS ? EXPRESS_LIMIT : Duration.days(90));
    const rendered = { Comment: props.comment, QueryLanguage: 'JSONata', ...graph.toGraphJson(sfn.QueryLanguage.JSONATA) };
    checkDefinition(this, rendered, stateMachineType);
    const calls = { definition: rendered, statements: graph.policyStatements, versionStatements: [] };
    const { definition, statements, versionStatements } = props.release ? callPublishedFunctions(this, calls) : calls;

    this.logGroup =
      props.logGroup ??
      new logs.LogGroup(this, 'Logs', {
        // The prefix keeps the log group out of the account's one resource policy for log delivery, which fills up at 5,120 characters.
        logGroupName: `/aws/vendedlogs/states/${Names.uniqueResourceName(this, { maxLength: 80, separator: '-' })}`,
        retention: props.logRetention ?? logs.RetentionDays.ONE_YEAR,
        removalPolicy: RemovalPolicy.DESTROY,
      });
    this.role = props.role ?? new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com') });
    for (const statement of statements) this.role.addToPrincipalPolicy(statement);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      stateMachineType,
      role: this.role,
    });
    graph.bind(this.stateMachine);
    const cfnStateMachine = this.stateMachine.node.defaultChild as sfn.CfnStateMachine;
    // Through the L1: the L2 would put the `*` of log delivery and X-Ray into the default policy, and depend on that policy only.
    cfnStateMachine.loggingConfiguration = {
      level: 'ALL',
      includeExecutionData: false,
      destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: this.logGroup.logGroupArn } }],
    };
    cfnStateMachine.tracingConfiguration = { enabled: true };
    cfnStateMachine.node.addDependency(stateMachineServicePolicy(this, 'ServicePolicy', this.role));
    if (versionStatements.length > 0)
      cfnStateMachine.node.addDependency(versionsPolicy(this, 'VersionsPolicy', this.role, versionStatements));
    if (props.release) this.release = new WorkflowRelease(this, 'Release', this.stateMachine, props.release);
    this.startArn = this.release?.alias.attrArn ?? this.stateMachine.stateMachineArn;
    if (props.notificationTopic) {
      new FailureNotification(this, 'FailureNotification', this.stateMachine, props.notificationTopic);
    }
    if (props.alarms) new WorkflowAlarms(this, 'Alarms', this.stateMachine, props.alarms);
  }
}

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html */
function standardOnlyReason(definition: RenderedStates): string | undefined {
  const waiting = tasksOf(definition).find(waitsForOthers);
  if (waiting) return `wait for others, as the task ${waiting.resource} does`;
  const map = distributedMapIn(definition);
  return map && `have a Distributed Map, as '${map}' is`;
}

function assertExpress(standardOnly: string | undefined, timeout: Duration | undefined): void {
  if (standardOnly) throw new Error(`an Express workflow can't ${standardOnly}: make the workflow STANDARD`);
  if (timeout && !timeout.isUnresolved() && timeout.toSeconds() > EXPRESS_LIMIT.toSeconds()) {
    throw new Error(
      `timeout is ${timeout.toHumanString()}, but an Express workflow may take ${EXPRESS_LIMIT.toHumanString()} at most: shorten it or make the workflow STANDARD`,
    );
  }
}
