import {
  Duration,
  type aws_iam as iam,
  type aws_s3 as s3,
  aws_stepfunctions as sfn,
  type aws_sns as sns,
  aws_stepfunctions_tasks as tasks,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { InputField, InputValidation, ObservedStateMachine, TransientRetry } from '../../lib';
import { acknowledgeWildcards } from '../../lib/core/acknowledge-wildcards';

/** Whose objects are withdrawn. */
export interface WithdrawalProps {
  readonly bucket: s3.IBucket;
  readonly prefix: string;
  /** Told of runs that failed. */
  readonly notificationTopic: sns.ITopic;
}

/** Deletes an object for good, all its versions: of a model that learned from data that it should never have seen. Input: `{ key }`. */
export class Withdrawal extends Construct {
  constructor(scope: Construct, id: string, { bucket, prefix, notificationTopic }: WithdrawalProps) {
    super(scope, id);
    const input = new InputValidation(this, 'Input', {
      fields: { key: InputField.ofString({ maxLength: 1024, pattern: `${prefix}.+`, format: `a key below ${prefix}` }) },
    });
    const list = this.call(this, 'ListVersions', {
      action: 'listObjectVersions',
      parameters: { Bucket: bucket.bucketName, Prefix: '{% $states.input.key %}' },
      iamAction: 's3:ListBucketVersions',
      iamResources: [bucket.bucketArn],
      outputs: '{% [$states.result.Versions[Key = $states.input.key].{ "Key": Key, "VersionId": VersionId }] %}',
    });
    const each = sfn.Map.jsonata(this, 'EachVersion', {
      items: sfn.ProvideItems.jsonata('{% $states.input %}'),
      outputs: '{% { "deleted": $count($states.input) } %}',
    });
    each.itemProcessor(
      this.call(each, 'DeleteVersion', {
        action: 'deleteObject',
        parameters: { Bucket: bucket.bucketName, Key: '{% $states.input.Key %}', VersionId: '{% $states.input.VersionId %}' },
        iamAction: 's3:DeleteObjectVersion',
        iamResources: [bucket.arnForObjects(`${prefix}*`)],
      }),
    );
    const { role } = new ObservedStateMachine(this, 'Workflow', {
      definition: input.next(list).next(each),
      notificationTopic,
      stateMachineType: sfn.StateMachineType.STANDARD,
      timeout: Duration.minutes(15),
      comment: 'Deletes all versions of an object',
    });
    acknowledgeWildcards(role.node.findChild('DefaultPolicy') as iam.Policy, 'Any object of a model may have to be withdrawn.');
  }

  private call(scope: Construct, id: string, props: Omit<tasks.CallAwsServiceJsonataProps, 'service'>): tasks.CallAwsService {
    const timeout = { taskTimeout: sfn.Timeout.duration(Duration.seconds(30)) };
    const task = tasks.CallAwsService.jsonata(scope, id, { service: 's3', ...timeout, ...props });
    task.addRetry({ ...TransientRetry.forLambda(), errors: ['S3.S3Exception', 'S3.SdkClientException'] });
    return task;
  }
}
