import { Duration, type aws_iam as iam, Size, Stack, type StackProps, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ApprovalGate, Approver, IamApprover, ModelApproval } from '../../lib';
import { acknowledgeWildcards } from '../../lib/core/acknowledge-wildcards';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';
import { ReviewDesk } from './review-desk';
import { Withdrawal } from './withdrawal';

/** Properties of `ModelApprovalStack`. */
export interface ModelApprovalStackProps extends StackProps {
  /** Reviewers who are asked by mail. @default ["ann@example.com", "bob@example.com"] */
  readonly reviewers?: string[];
  /** The reviewer who decides at the desk: the name of an IAM user. @default "cy@example.com" */
  readonly deskReviewer?: string;
  /** Told what became of each model, and of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/**
 * What training runs write to one bucket gets to the other, which applications read, when two reviewers have approved it, none of whom has
 * trained the model.
 */
export class ModelApprovalStack extends Stack {
  constructor(scope: Construct, id: string, { reviewers, deskReviewer, operator, ...props }: ModelApprovalStackProps = {}) {
    super(scope, id, props);
    const topic = operatorTopic(this, operator);
    const desk = new ReviewDesk(this, 'Desk');
    const gate = new ApprovalGate(this, 'Gate', { iamApprovers: [IamApprover.sessionsOf(desk.reviewers)] });
    gate.grantDecide(desk.reviewers);
    acknowledgeWildcards(desk.reviewers.node.findChild('DefaultPolicy') as iam.Policy, 'Requests get their ids when they are made.');
    const byMail = (reviewers ?? ['ann@example.com', 'bob@example.com']).map(Approver.email);
    const atDesk = Approver.viaChannel(deskReviewer ?? 'cy@example.com', desk);
    const training = this.bucket('Training');
    new ModelApproval(this, 'Approval', {
      source: training,
      destination: this.bucket('Models'),
      gate,
      approver: Approver.quorum(2, [...byMail, atDesk]),
      expiresIn: Duration.days(3),
      reminders: [Duration.days(1)],
      // The smallest there is, so that a scenario of some megabytes has parts.
      partSize: Size.mebibytes(5),
      reportTopic: topic,
      notificationTopic: topic,
    });
    new Withdrawal(this, 'Withdrawal', { bucket: training, prefix: 'models/', notificationTopic: topic });
  }

  private bucket(id: string): s3.Bucket {
    // Of copies that were cut off.
    const lifecycleRules = [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }];
    return sampleBucket(this, id, { versioned: true, lifecycleRules });
  }
}
