import { aws_cloudwatch as cloudwatch, Duration, aws_iam as iam, RemovalPolicy, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { thresholdAlarm } from '../threshold-alarm';
import type { Release } from './release';

/** What every workflow's alias is called. */
const ALIAS = 'live';

/**
 * A version for each change of a state machine, and an alias that goes over to it.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html
 */
export class WorkflowRelease extends Construct {
  /** The release of this state machine, if it has one. */
  public static of(stateMachine: sfn.IStateMachine): WorkflowRelease | undefined {
    return stateMachine.node.scope?.node.children.find(
      (sibling): sibling is WorkflowRelease => sibling instanceof WorkflowRelease && sibling.stateMachine === stateMachine,
    );
  }

  /** The version of the present definition. Those before it are kept. */
  public readonly version: sfn.CfnStateMachineVersion;
  /** The alias `live`: what to start. */
  public readonly alias: sfn.CfnStateMachineAlias;
  /** What was made for `failedThreshold`: failed runs and runs out of time. */
  public readonly alarms: cloudwatch.Alarm[];
  private readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, stateMachine: sfn.StateMachine, release: Release) {
    super(scope, id);
    this.stateMachine = stateMachine;
    const { type, percentage, interval, failedThreshold, alarms } = release._config;
    this.version = new sfn.CfnStateMachineVersion(this, 'Version', {
      stateMachineArn: stateMachine.stateMachineArn,
      // Another revision replaces the version, which makes the next one.
      stateMachineRevisionId: stateMachine.stateMachineRevisionId,
    });
    this.version.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.alarms =
      failedThreshold === undefined ? [] : ['ExecutionsFailed', 'ExecutionsTimedOut'].map((name) => this.alarm(name, failedThreshold));
    // Names: of ARNs CloudFormation finds no alarm, and takes that for a quiet one.
    const alarmNames = [...this.alarms, ...alarms].map(({ alarmName }) => alarmName);
    this.alias = new sfn.CfnStateMachineAlias(this, 'Alias', {
      name: ALIAS,
      deploymentPreference: {
        type,
        percentage,
        interval,
        stateMachineVersionArn: this.version.attrArn,
        alarms: alarmNames.length > 0 ? alarmNames : undefined,
      },
    });
  }

  /** A statement that lets its principal start runs through the alias, and in no other way. */
  public startStatement(): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: ['states:StartExecution'],
      // Not the alias's ARN: https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
      resources: [this.stateMachine.stateMachineArn],
      conditions: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': [ALIAS] } },
    });
  }

  /** @see https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html */
  private alarm(metricName: string, threshold: number): cloudwatch.Alarm {
    return thresholdAlarm(this, metricName, {
      metric: new cloudwatch.Metric({
        namespace: 'AWS/States',
        metricName,
        dimensionsMap: { StateMachineArn: this.stateMachine.stateMachineArn, Alias: ALIAS },
        statistic: 'Sum',
        period: Duration.minutes(1),
      }),
      threshold,
    });
  }
}
