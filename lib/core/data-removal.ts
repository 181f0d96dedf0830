import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The context flag without which no data is deleted: `cdk deploy -c stepworks:removeData=true`. */
const REMOVE_DATA = 'stepworks:removeData';

/**
 * What becomes of data when its stack is deleted. `DESTROY` takes the property and a context flag, so that the one line that a
 * development stack needs can't empty a production one; without the flag data is retained, with a warning.
 */
export function dataRemovalPolicy(scope: IConstruct, wanted: RemovalPolicy = RemovalPolicy.RETAIN): RemovalPolicy {
  const allowed = scope.node.tryGetContext(REMOVE_DATA);
  if (wanted !== RemovalPolicy.DESTROY || allowed === true || allowed === 'true') return wanted;
  Annotations.of(scope).addWarningV2(
    'stepworks:dataRetained',
    `removalPolicy DESTROY is not followed, and the data is retained: set the context ${REMOVE_DATA} to true as well if it may be deleted`,
  );
  return RemovalPolicy.RETAIN;
}
