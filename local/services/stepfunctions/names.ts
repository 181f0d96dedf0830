import { ApiError } from '../../cloud-types';

// White space, brackets, wildcards, "special characters", control characters, surrogates and non-characters.
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;

/** Of executions, state machines and activities. Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
export function checkName(name: string): void {
  if (FORBIDDEN.test(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}
