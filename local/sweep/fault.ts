/** What can happen to a call, and in which of a service's own words. */
import { DENIED_CODES } from '../api-calls';
import { ApiError } from '../cloud-types';
import type { Site } from './sites';

export const FAULT_KINDS = ['error', 'throttle', 'timeout', 'crash', 'duplicate', 'restart', 'redrive'] as const;

/**
 * - `error`: this call and all later ones from there are refused.
 * - `throttle`: this call is throttled, once.
 * - `timeout`: this call is never answered and has no effect; the task or the function waits until its time is over.
 * - `crash`: this call has its effect, and who made it never learns: the function dies, the task's answer is lost.
 * - `duplicate`: what this call delivers is delivered twice.
 * - `restart`: the runs are stopped at this call; later the scenario is played again with the same input.
 * - `redrive`: the same, but the stopped run is redriven.
 */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Which faults make sense there. */
export function faultsAt({ kind, delivers, standard, traced }: Site): FaultKind[] {
  const twice: FaultKind[] = delivers ? ['duplicate'] : [];
  if (kind === 'delivery') return twice;
  const stops: FaultKind[] = standard ? ['restart', 'redrive'] : ['restart'];
  // Step Functions tries again by itself where it reads or writes for a Distributed Map; what it gives up is an error.
  if (kind === 'objects') return ['error', ...stops];
  const late: FaultKind[] = kind === 'state' || traced ? ['timeout'] : [];
  return ['error', 'throttle', ...late, 'crash', ...twice, ...stops];
}

type Words = readonly [code: string, statusCode: number];

/** From each service's list of common errors. */
const THROTTLED: Readonly<Record<string, Words>> = {
  lambda: ['TooManyRequestsException', 429],
  s3: ['SlowDown', 503],
  sns: ['ThrottledException', 429],
  sqs: ['RequestThrottled', 403],
};
const LOST: Readonly<Record<string, Words>> = {
  dynamodb: ['InternalServerError', 500],
  ecs: ['ServerException', 500],
  eventbridge: ['InternalException', 500],
  glue: ['InternalServiceException', 500],
  kms: ['KMSInternalException', 500],
  lambda: ['ServiceException', 500],
  s3: ['InternalError', 500],
};

export function throttled(service: string): ApiError {
  return worded(THROTTLED[service] ?? ['ThrottlingException', 400], 'throttled by the fault sweep');
}

/** What who lost an answer is told in its place. */
export function lost(service: string): ApiError {
  return worded(LOST[service] ?? ['InternalFailure', 500], 'the fault sweep lost the answer');
}

export function refused(service: string): ApiError {
  return worded([DENIED_CODES[service] ?? 'AccessDeniedException', 403], 'refused by the fault sweep');
}

function worded([code, statusCode]: Words, message: string): ApiError {
  return new ApiError(code, message, statusCode);
}
