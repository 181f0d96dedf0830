import { ApiError } from '../cloud-types';

/** 501: no SDK retries it. */
export function notImplemented(what: string): ApiError {
  return new ApiError('NotImplemented', `Not served by the local runner (stepworks): ${what}.`, 501);
}
