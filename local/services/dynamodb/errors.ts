import { ApiError } from '../../cloud-types';

export const validationError = (message: string): ApiError => new ApiError('ValidationException', message);

export const invalidParameterValues = (message: string): ApiError =>
  validationError(`One or more parameter values were invalid: ${message}`);

/** A member has a JSON type that its shape doesn't allow: refused before anything is looked at. */
export const serializationError = (message: string): ApiError => new ApiError('SerializationException', message);

export const resourceNotFound = (detail = ''): ApiError =>
  new ApiError('ResourceNotFoundException', `Requested resource not found${detail}`);

/**
 * PutItem, UpdateItem and DeleteItem report what is wrong with the request itself inside this envelope, other operations bare.
 * Observed in us-east-1 and eu-west-2, not documented (paritysuite/dynamodb-conformance, tests/tier3/error-messages).
 */
export function enveloped<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ValidationException' && !/^\d+ validation errors? detected: /.test(error.message)) {
      throw validationError(`1 validation error detected: ${error.message}`);
    }
    throw error;
  }
}
