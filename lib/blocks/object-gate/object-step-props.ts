import type { Duration, aws_s3 as s3 } from 'aws-cdk-lib';
import type { ObjectMatch } from './object-match';
import type { OnMissing } from './on-missing';

/** One wait for data. */
export interface ObjectStepProps {
  /** Where it arrives. It has to tell EventBridge (`eventBridgeEnabled`); of a bucket that doesn't, the next sweep notices. */
  readonly bucket: s3.IBucket;
  /** What is waited for. */
  readonly match: ObjectMatch;
  /** How long it may take to arrive: whole seconds, at least a minute, less than the workflow itself. */
  readonly timeout: Duration;
  /** What happens when it has not arrived then. */
  readonly onMissing: OnMissing;
  /** The field of the state that gets the outcome; a second step of the same name replaces it. @default "object" */
  readonly outcomeField?: string;
}
