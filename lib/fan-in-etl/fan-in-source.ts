import type { aws_s3 as s3 } from 'aws-cdk-lib';
import type { IJob } from '../blocks/job/job';
import type { ObjectMatch } from '../blocks/object-gate/object-match';

/** A dataset of `FanInEtl`: what is waited for, and what is done with it. */
export interface FanInSource {
  /** What it is called in the state, in the names of states and in the keys of its output: a letter, then letters, digits or underscores. */
  readonly name: string;
  /** Where it arrives. It has to tell EventBridge (`eventBridgeEnabled`); of a bucket that doesn't, the next sweep notices. */
  readonly bucket: s3.IBucket;
  /** What is waited for. Its key or prefix may be made of the period: `{% "sales/" & $states.input.period & ".csv" %}`. Without a `newerThan` of its own, only what is newer than `notBefore` counts. */
  readonly match: ObjectMatch;
  /** What is done once it is there. It finds the dataset under `$states.input.object`; `FanInEtl.location` says where to write. */
  readonly job: IJob;
}
