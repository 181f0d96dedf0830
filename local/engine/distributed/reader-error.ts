import { ErrorName } from '../../../lib/asl/error-names';
import { StateFailure } from '../errors';

export function itemReaderFailed(cause: string): StateFailure {
  return new StateFailure(ErrorName.ITEM_READER_FAILED, cause);
}
