import { Duration, Size, Stack, type StackProps, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Approver, ModelApproval } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';
import { Withdrawal } from './withdrawal';

/** Properties of `ModelApprovalStack`. */
export interface ModelApprovalStackProps extends StackProps {
  /** Two of them decide, none of whom has trained the model. @default ["ann@example.com", "bob@example.com", "cy@example.com"] */
  readonly reviewers?: string[];
  /** Told what became of each model, and of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** What training runs write to one bucket gets to the other, which applications read, when two of three reviewers have approved it. */
export class ModelApprovalStack extends Stack {
  constructor(scope: Construct, id: string, { reviewers, operator, ...props }: ModelApprovalStackProps = {}) {
    super(scope, id, props);
    const people = reviewers ?? ['ann@example.com', 'bob@example.com', 'cy@example.com'];
    const topic = operatorTopic(this, operator);
    const training = this.bucket('Training');
    new ModelApproval(this, 'Approval', {
      source: training,
      destination: this.bucket('Models'),
      approver: Approver.quorum(2, people.map(Approver.email)),
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
