import { aws_iam as iam, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The CDK's task, which leaves out what a topic with a key of one's own takes. */
export class KeyedPublish extends tasks.SnsPublish {
  constructor(scope: Construct, id: string, props: tasks.SnsPublishJsonataProps) {
    super(scope, id, { ...props, queryLanguage: sfn.QueryLanguage.JSONATA });
    const key = props.topic.masterKey;
    if (!key) return;
    // https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
    this.taskPolicies?.push(new iam.PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }));
  }
}
