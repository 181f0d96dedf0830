/** What StartExecution refuses. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
import { ApiError } from '../../cloud-types';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_INPUT = 262_144;
// White space, brackets, wildcards, "special characters", control characters, surrogates and non-characters.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

export function checkName(name: string): void {
  // Lengths are checked by the API's front: ValidationException, as for every declared constraint.
  if (name.length < 1 || name.length > 80) {
    const bound = name.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 80';
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (FORBIDDEN.test(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}

export function checkInput(input: string): void {
  if (Buffer.byteLength(input) > MAX_INPUT) {
    throw new ApiError(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${MAX_INPUT}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new ApiError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}
