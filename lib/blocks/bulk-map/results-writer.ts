import { type aws_iam as iam, type aws_s3 as s3, aws_stepfunctions as sfn } from 'aws-cdk-lib';

/**
 * Results with their inputs, one JSON record a line.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export class ResultsWriter extends sfn.ResultWriterV2 {
  constructor(bucket: s3.IBucket, prefix: string) {
    const writerConfig = new sfn.WriterConfig({ outputType: sfn.OutputType.JSONL, transformation: sfn.Transformation.NONE });
    super({ bucket, prefix, writerConfig });
  }

  /** None: the CDK's allow the whole bucket and no key. They stand in a policy of the bulk map's own. */
  public providePolicyStatements(): iam.PolicyStatement[] {
    return [];
  }
}
