import type { aws_lambda as lambda, aws_sns as sns, aws_sqs as sqs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * A way to tell approvers of a request that waits for them: implement it to reach Slack, Teams or a ticket system. For mail,
 * `Approver.email` is enough.
 *
 * The message is JSON: `{ version, requestId, approver, title, summary, summaryHash, link, code, expiresAt, executionName, step }`, with `quorum`,
 * `{ needed, of }`, when several are asked, and `reminder`, true, when they have been told before. FIFO topics and queues get a group and a
 * deduplication id. Whoever gets `link` and `code` can decide, so deliver them to the approver only, and keep the code out of anything that
 * follows links by itself. An application whose users are signed in needs neither: see `portalIssuer` and `iamApprovers` of the gate.
 */
export interface IApprovalChannel {
  /**
   * Called when a gate first uses the channel; again, it has to give the same target (in Python, a channel that is no construct looks
   * like a new one every time).
   * @param scope where resources of the channel can be made
   */
  bind(scope: Construct): ApprovalChannelConfig;
}

/** Where the messages of a channel go: exactly one of the three. The gate grants itself the permission to send there. */
export interface ApprovalChannelConfig {
  /** Published to, with the message attribute `approver`. @default - not to a topic */
  readonly topic?: sns.ITopic;
  /** Sent to. @default - not to a queue */
  readonly queue?: sqs.IQueue;
  /** Invoked asynchronously. @default - not to a function */
  readonly function?: lambda.IFunction;
}
