import { join } from 'node:path';
import { aws_dynamodb as dynamodb, aws_iam as iam, aws_lambda as lambda, RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { type ApprovalChannelConfig, HandlerFunction, type IApprovalChannel } from '../../lib';
import { workflowTable } from '../../lib/core/workflow-table';

const CODE = join(__dirname, '..', '..', 'assets', 'patterns', 'model-approval', 'keep-request');

/**
 * For reviewers who work in an application of the company's own, a portal or a command line: it shows them what is in the inbox, and sends
 * their decisions, signed with their credentials.
 */
export class ReviewDesk extends Construct implements IApprovalChannel {
  /** What each reviewer is asked about, without the link and the code that decide. */
  readonly inbox: dynamodb.Table;
  /** What reviewers act as, each in a session of their name. */
  readonly reviewers: iam.Role;
  private readonly keepRequest: HandlerFunction;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.inbox = workflowTable(this, 'Inbox', undefined, {
      partitionKey: { name: 'approver', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'requestId', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      // Copies: the gate keeps the requests themselves.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.keepRequest = new HandlerFunction(this, 'KeepRequest', {
      code: lambda.Code.fromAsset(CODE, { exclude: ['sources.json'] }),
      description: 'Keeps what a reviewer is asked about',
      environment: { TABLE_NAME: this.inbox.tableName },
    });
    this.inbox.grant(this.keepRequest.role, 'dynamodb:PutItem');
    this.reviewers = new iam.Role(this, 'Reviewers', {
      description: 'Decides about models, in the name of the session',
      // Whoever could choose the name could decide as anybody: it has to be that of the IAM user who assumes the role.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#ck_rolesessionname
      assumedBy: new iam.AccountRootPrincipal().withConditions({ StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } }),
    });
  }

  /** A message that gets lost comes again with the reminder. */
  bind(): ApprovalChannelConfig {
    return { function: this.keepRequest.alias };
  }
}
