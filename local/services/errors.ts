import { ApiError } from '../cloud-types';

/** 501: no SDK retries it. */
export function notImplemented(what: string): ApiError {
  return new ApiError('NotImplemented', `stepworks does not emulate ${what}.`, 501);
}
