import { aws_events as events, Stack, aws_events_targets as targets } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';
import { policyWrites, regionProblem } from './iam-events';

/** Properties of `IamEventForwarding`. */
export interface IamEventForwardingProps {
  /** The bus of another region that a `PolicyGuard` there takes as its `eventBus`. */
  readonly eventBus: events.IEventBus;
}

/**
 * Sends the events of IAM that a `PolicyGuard` watches to a bus of another region. IAM is a global service: its events are on the default bus of one
 * region and nowhere else, so this belongs into a stack there. It creates a rule, and a role that may put events on the bus.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 * @throws in a stack of another region
 */
export class IamEventForwarding extends Construct {
  /** The rule. */
  public readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: IamEventForwardingProps) {
    super(scope, id);
    const problem = regionProblem(Stack.of(this));
    if (problem) throw new Error(`the events of IAM can't be forwarded from here: ${problem}`);
    this.rule = new events.Rule(this, 'Rule', {
      description: 'Calls that write policies of IAM, for the guard of another region',
      eventPattern: policyWrites(),
      targets: [new targets.EventBus(props.eventBus)],
    });
    acknowledge(
      this.rule,
      'Serverless-EventBusDLQ',
      'EventBridge retries the other bus for a day; what CloudTrail recorded can be rehearsed.',
    );
  }
}
