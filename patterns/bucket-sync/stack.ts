import { Duration, Stack, type StackProps, type aws_s3 as s3, aws_scheduler as scheduler } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Approver, BucketSync, SyncDeletion } from '../../lib';
import { operatorTopic } from '../operator-topic';
import { sampleBucket } from '../sample-bucket';

export interface BucketSyncStackProps extends StackProps {
  /** Who is asked before a publication deletes more than it may. @default editor@example.com */
  readonly editor?: string;
  /** Told of runs that failed. @default "operator@example.com" */
  readonly operator?: string;
}

/** A website is published from the bucket that its authors write to, each week and by hand. What is gone is deleted, within limits. */
export class BucketSyncStack extends Stack {
  constructor(scope: Construct, id: string, { editor = 'editor@example.com', operator, ...props }: BucketSyncStackProps = {}) {
    super(scope, id, props);
    new BucketSync(this, 'Publish', {
      source: this.bucket('Drafts', {}),
      destination: this.bucket('Website', { versioned: true }),
      exclude: ['internal/**', '**.tmp'],
      deletion: SyncDeletion.afterCopy({
        maxCount: 5,
        maxPercent: 25,
        approval: { approver: Approver.email(editor), expiresIn: Duration.days(1) },
      }),
      notificationTopic: operatorTopic(this, operator),
      schedule: scheduler.ScheduleExpression.cron({ weekDay: 'MON', hour: '2', minute: '0' }),
    });
  }

  private bucket(id: string, props: s3.BucketProps): s3.Bucket {
    // Of copies that were cut off.
    const lifecycleRules = [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }];
    return sampleBucket(this, id, { lifecycleRules, ...props });
  }
}
